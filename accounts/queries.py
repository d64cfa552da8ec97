"""Reads about people and organisations, for this package's pages and for the packages above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from marketplace.db import db
from marketplace.permissions import Permission
from marketplace.states import StateChange

from .models import Membership, OneTimeToken, Organisation, OrganisationDocument, RecoveryCode, User, UserSession
from .roles import ORG_PERMISSIONS, STAFF_PERMISSIONS, OrgRole
from .rules import BidAuthority, clean_email
from .states import OrganisationState, TokenPurpose


def get_user(user_id: int) -> User | None:
    """A person by id."""
    return db.session.get(User, user_id)


def user_by_email(email: str) -> User | None:
    """A person by address, in any case of letters."""
    return db.session.scalars(select(User).where(User.email == clean_email(email))).one_or_none()


def get_organisation(organisation_id: int) -> Organisation | None:
    """An organisation by id."""
    return db.session.get(Organisation, organisation_id)


def organisation_by_uscc(code: str) -> Organisation | None:
    """An organisation by its 统一社会信用代码."""
    return db.session.scalars(select(Organisation).where(Organisation.uscc == code.strip().upper())).one_or_none()


def organisations(ids: Iterable[int | None]) -> dict[int, Organisation]:
    """Organisations by id, in one query."""
    wanted = {one for one in ids if one is not None}
    found = db.session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    return {organisation.id: organisation for organisation in found}


def members(organisation_id: int, *, fresh: bool = False) -> list[Membership]:
    """Present members, the longest there first; `fresh` reads anew what this transaction has read before."""
    query = (
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.ended_at.is_(None))
        .options(selectinload(Membership.user))
        .order_by(Membership.id)
        .execution_options(populate_existing=fresh)
    )
    return list(db.session.scalars(query))


def members_with(organisation_id: int, permission: Permission) -> list[User]:
    """Present members whose roles carry a permission."""
    roles = {role.value for role, granted in ORG_PERMISSIONS.items() if permission in granted}
    return [one.user for one in members(organisation_id) if roles & set(one.roles) and one.user.disabled_at is None]


def staff_with(permission: Permission) -> list[User]:
    """Staff whose roles carry a permission."""
    roles = [role.value for role, granted in STAFF_PERMISSIONS.items() if permission in granted]
    query = select(User).where(User.disabled_at.is_(None), func.jsonb_array_length(User.staff_roles) > 0)
    return [user for user in db.session.scalars(query.order_by(User.id)) if set(roles) & set(user.staff_roles)]


def memberships_of(user_id: int) -> list[Membership]:
    """Where a person is a member now."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id, Membership.ended_at.is_(None))
        .options(selectinload(Membership.organisation))
        .order_by(Membership.id)
    )
    return list(db.session.scalars(query))


def membership(user_id: int, organisation_id: int) -> Membership | None:
    """A person's present membership of one organisation."""
    query = select(Membership).where(
        Membership.user_id == user_id,
        Membership.organisation_id == organisation_id,
        Membership.ended_at.is_(None),
    )
    return db.session.scalars(query).one_or_none()


def bid_authority(user_id: int, organisation_id: int) -> BidAuthority:
    """What a member may commit for the organisation."""
    found, organisation = membership(user_id, organisation_id), get_organisation(organisation_id)
    return BidAuthority(
        found.bid_limit if found else None, organisation.second_approval_above if organisation else None
    )


def last_acted_for(user_id: int) -> int | None:
    """The organisation that the person's latest sign-in acted for."""
    query = select(UserSession.organisation_id).where(UserSession.user_id == user_id)
    return db.session.scalars(query.order_by(UserSession.created_at.desc()).limit(1)).first()


def live_sessions(user_id: int) -> list[UserSession]:
    """A person's sign-ins that still hold, the latest first."""
    query = (
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.epoch == User.epoch)
        .order_by(UserSession.last_seen_at.desc())
    )
    return list(db.session.scalars(query))


def documents(organisation_id: int) -> list[OrganisationDocument]:
    """An organisation's papers with their files, oldest first."""
    query = (
        select(OrganisationDocument)
        .where(OrganisationDocument.organisation_id == organisation_id)
        .options(selectinload(OrganisationDocument.file))
        .order_by(OrganisationDocument.id)
    )
    return list(db.session.scalars(query))


def document(organisation_id: int, document_id: int) -> OrganisationDocument | None:
    """One paper of this organisation."""
    found = db.session.get(OrganisationDocument, document_id)
    return found if found is not None and found.organisation_id == organisation_id else None


def open_invitations(organisation_id: int) -> list[OneTimeToken]:
    """Invitations that nobody has followed yet and that still hold."""
    query = select(OneTimeToken).where(
        OneTimeToken.purpose == TokenPurpose.INVITE,
        OneTimeToken.payload["organisation_id"].as_integer() == organisation_id,
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > func.clock_timestamp(),
    )
    return list(db.session.scalars(query.order_by(OneTimeToken.created_at)))


def successor(user_id: int, organisation_id: int) -> int | None:
    """Who looks after this person's work there now: they themselves, or whoever took it over; None: nobody."""
    seen: set[int] = set()
    present: int | None = user_id
    while present is not None and present not in seen:
        seen.add(present)
        query = select(Membership).where(Membership.user_id == present, Membership.organisation_id == organisation_id)
        found = db.session.scalars(query).one_or_none()
        if found is None:
            return None
        if found.ended_at is None:
            return present
        present = found.handed_to_id
    return None


def taker(organisation_id: int, heir_user_id: int | None) -> User | None:
    """Who takes over: the heir, whoever stands in for them by now, else the manager who is there longest."""
    present = None if heir_user_id is None else successor(heir_user_id, organisation_id)
    active = {one.user_id: one for one in members(organisation_id) if one.user.disabled_at is None}
    managers = (one for one in active.values() if OrgRole.MANAGER in one.roles)
    found = active.get(present or 0) or next(managers, None)
    return None if found is None else found.user


def unused_recovery_codes(user_id: int) -> int:
    """How many recovery codes a person has left."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(db.session.execute(query).scalar_one())


def organisations_query() -> Select[Organisation]:
    """All organisations, for the staff's list."""
    return select(Organisation)


def count_waiting() -> int:
    """How many organisations wait for a reviewer."""
    query = select(func.count()).where(Organisation.state == OrganisationState.SUBMITTED)
    return int(db.session.execute(query).scalar_one())


def waiting_for_verification(limit: int) -> list[tuple[Organisation, datetime]]:
    """Organisations that wait for a reviewer and since when, the longest waiting first."""
    since = (
        select(StateChange.object_id, func.max(StateChange.at).label("at"))
        .where(StateChange.object_type == "organisations", StateChange.to_state == OrganisationState.SUBMITTED)
        .group_by(StateChange.object_id)
        .subquery()
    )
    moment = func.coalesce(since.c.at, Organisation.created_at)
    query = (
        select(Organisation, moment)
        .outerjoin(since, since.c.object_id == Organisation.id)
        .where(Organisation.state == OrganisationState.SUBMITTED)
        .order_by(moment, Organisation.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def people_query() -> Select[User]:
    """All people, for the operators' list."""
    return select(User)
