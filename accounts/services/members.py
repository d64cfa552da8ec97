"""Members of an organisation: invited by a manager, with roles per side, limits on bids, and a hand-over at the end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.permissions import SYSTEM, Actor

from .. import notifications, policies
from ..errors import LastManager
from ..models import Membership, Organisation, User
from ..queries import members, membership, user_by_email
from ..roles import OrgRole
from ..rules import clean_email
from .people import INVITE, create_user, issue_token, look_up_token


def add_member(actor: Actor, organisation: Organisation, user: User, roles: list[OrgRole]) -> Membership:
    """Make a person a member at once (an accepted invitation, an operator, the sample data)."""
    db.session.flush()
    query = select(Membership).where(Membership.user_id == user.id, Membership.organisation_id == organisation.id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        found = Membership(user_id=user.id, organisation_id=organisation.id)
        db.session.add(found)
    found.roles, found.ended_at = sorted(role.value for role in roles), None
    audit.record(
        actor, "member.added", found, after={"user": user.email, "roles": found.roles}, label=organisation.name
    )
    return found


def invite(actor: Actor, organisation: Organisation, email: str, roles: list[OrgRole]) -> None:
    """Mail an invitation; accepting it makes the member.

    Raises:
        Invalid: no role was chosen, or the person is a member already.
    """
    policies.can_manage(actor, organisation).check()
    if not roles:
        raise Invalid(fields={"roles": [_l("Choose at least one role.")]})
    known = user_by_email(email)
    if known is not None and membership(known.id, organisation.id) is not None:
        raise Invalid(fields={"email": [_l("This person is a member already.")]})
    payload = {"organisation_id": organisation.id, "roles": [role.value for role in roles]}
    token = issue_token(INVITE, email=clean_email(email), payload=payload)
    notifications.invitation(clean_email(email), organisation, actor.name, token)
    audit.record(
        actor, "member.invited", organisation, after={"email": clean_email(email), "roles": payload["roles"]},
        label=organisation.name,
    )  # fmt: skip


def invitation(token: str) -> tuple[str, Organisation]:
    """The address and organisation of an invitation that still holds."""
    found = look_up_token(INVITE, token)
    return found.email, db.session.get_one(Organisation, found.payload["organisation_id"])


def accept_invitation(token: str, *, user: User | None, name: str = "", password: str = "") -> User:
    """Join the organisation that invited; a new person gets their account with it.

    Raises:
        TokenExpired: the invitation no longer holds.
        Forbidden: somebody else is signed in.
    """
    found = look_up_token(INVITE, token)
    if user is not None and user.email != found.email:
        raise Forbidden(_l("This invitation was sent to another address. Sign out and follow the link again."))
    person = user or create_user(SYSTEM, email=found.email, name=name, password=password, confirmed=True)
    organisation = db.session.get_one(Organisation, found.payload["organisation_id"])
    add_member(SYSTEM, organisation, person, [OrgRole(role) for role in found.payload["roles"]])
    found.used_at = db_now()
    return person


def set_roles(actor: Actor, member: Membership, roles: list[OrgRole]) -> None:
    """Change a member's roles.

    Raises:
        LastManager: nobody would be left to manage the organisation.
    """
    policies.can_manage(actor, member.organisation).check()
    if not roles:
        raise Invalid(fields={"roles": [_l("Choose at least one role.")]})
    if OrgRole.MANAGER not in roles:
        _keep_a_manager(member)
    _change(actor, "member.roles", member, {"roles": sorted(role.value for role in roles)})


def set_authority(actor: Actor, member: Membership, bid_limit: Decimal | None) -> None:
    """The most a member may commit over all live auctions; nobody raises their own."""
    policies.can_manage(actor, member.organisation).check()
    if actor.user_id == member.user_id:
        raise Forbidden(_l("Another manager must set your own limit."))
    _change(actor, "member.bid_limit", member, {"bid_limit": bid_limit})


def end_membership(actor: Actor, member: Membership, heir: Membership | None) -> None:
    """A member leaves; open work goes to the heir, and the person's sessions stop acting for the organisation.

    Raises:
        LastManager: nobody would be left to manage the organisation.
    """
    if actor.user_id != member.user_id:
        policies.can_manage(actor, member.organisation).check()
    _keep_a_manager(member)
    if heir is not None and (heir.organisation_id != member.organisation_id or heir.id == member.id or heir.ended_at):
        raise Invalid(fields={"heir": [_l("Choose another member of the organisation.")]})
    member.ended_at, member.handed_to_id = db_now(), heir.user_id if heir else None
    after = {"ended_at": member.ended_at, "handed_to": member.handed_to_id}
    audit.record(actor, "member.ended", member, after=after, label=member.organisation.name)


def _keep_a_manager(leaving: Membership) -> None:
    others = [one for one in members(leaving.organisation_id) if one.id != leaving.id]
    if not any(OrgRole.MANAGER.value in one.roles for one in others):
        raise LastManager


def _change(actor: Actor, action: str, member: Membership, values: dict[str, Any]) -> None:
    before, after = audit.changes(member, values)
    for key, value in values.items():
        setattr(member, key, value)
    if after:
        audit.record(actor, action, member, before, after, label=member.organisation.name)
