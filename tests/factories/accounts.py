"""People and organisations for every package's tests: the smallest valid ones, committed, so that requests see them.

`sign_in(client, user)` gives a client the cookie that a real sign-in would, backed by a real session row.
"""

from __future__ import annotations

import itertools
from typing import Any

from flask.testing import FlaskClient
from stdnum.cn import uscc

from accounts import login, services
from accounts.models import Membership, Organisation, User, UserSession
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from accounts.states import OrganisationState
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.permissions import SYSTEM, Actor

PASSWORD = "correct horse battery"
#: Second factor of every staff member that `make_staff` makes.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_serial = itertools.count(1)


def make_user(name: str = "", *, email: str = "", password: str = PASSWORD, **values: Any) -> User:
    """A person with a confirmed address; `values` are columns of `User`."""
    serial = next(_serial)
    user = services.create_user(
        SYSTEM,
        email=email or f"person{serial}@example.cn",
        name=name or f"人员{serial}",
        password=password,
        confirmed=True,
    )
    for column, value in values.items():
        setattr(user, column, value)
    db.session.commit()
    return user


def make_staff(roles: list[StaffRole] | StaffRole, name: str = "", **values: Any) -> User:
    """A member of the exchange's staff, second factor enrolled."""
    given = [roles] if isinstance(roles, StaffRole) else roles
    enrolled = {"totp_secret": TOTP_SECRET, "totp_confirmed_at": db_now()}
    return make_user(name, staff_roles=[role.value for role in given], **{**enrolled, **values})


def make_uscc(serial: int | None = None) -> str:
    """A code whose check character fits."""
    body = f"91230100{(serial or next(_serial)):09d}"
    return body + uscc.calc_check_digit(body)


def make_organisation(
    kind: OrganisationKind = OrganisationKind.COMPANY, *, verified: bool = True, name: str = "", **values: Any
) -> Organisation:
    """An organisation without members; `values` are columns of `Organisation`."""
    serial = next(_serial)
    facts: dict[str, Any] = {
        "name": name or f"测试单位{serial}",
        "kind": kind,
        "uscc": make_uscc(serial),
        "region": "230100",
        "state": OrganisationState.VERIFIED if verified else OrganisationState.DRAFT,
        "verified_at": db_now() if verified else None,
    }
    organisation = Organisation(**{**facts, **values})
    db.session.add(organisation)
    db.session.commit()
    return organisation


def make_member(
    organisation: Organisation,
    roles: list[OrgRole] | OrgRole = OrgRole.MANAGER,
    user: User | None = None,
    **values: Any,
) -> User:
    """A person (a new one unless given) with these roles there; `values` are columns of `Membership`."""
    given = [roles] if isinstance(roles, OrgRole) else roles
    person = user or make_user()
    membership = Membership(
        user_id=person.id, organisation_id=organisation.id, roles=[role.value for role in given], **values
    )
    db.session.add(membership)
    db.session.commit()
    return person


def make_session(user: User, organisation: Organisation | None = None) -> UserSession:
    """A sign-in of this person, acting for the organisation (else for their first)."""
    row = services.start_session(user, "127.0.0.1", "test")
    if organisation is not None:
        row.organisation_id = organisation.id
    db.session.commit()
    return row


def sign_in(client: FlaskClient, user: User, organisation: Organisation | None = None) -> UserSession:
    """Let the client's next requests be this person's."""
    row = make_session(user, organisation)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(login.cookie_of(row))
    return row


def actor_for(user: User, organisation: Organisation | None = None) -> Actor:
    """The actor that a request of this person would have."""
    return login.actor_of(user, organisation.id if organisation else None)
