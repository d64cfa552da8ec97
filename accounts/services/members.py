"""Members of an organisation: invited by a manager, with roles per side, limits on bids, and a hand-over at the end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace import audit, limits
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, Invalid
from marketplace.facts import MembershipEnded
from marketplace.outbox import publish
from marketplace.permissions import SYSTEM, Actor

from .. import handover, notifications, policies
from ..errors import LastManager
from ..models import Membership, OneTimeToken, Organisation, User
from ..queries import members, membership, open_invitations, user_by_email
from ..roles import OrgRole
from ..rules import clean_email
from ..states import TokenPurpose
from .people import create_user, issue_token, look_up_token


def add_member(actor: Actor, organisation: Organisation, user: User, roles: list[OrgRole]) -> Membership:
    """Make a person a member at once (an accepted invitation, an operator, the sample data)."""
    db.session.flush()
    query = select(Membership).where(Membership.user_id == user.id, Membership.organisation_id == organisation.id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        found = Membership(user_id=user.id, organisation_id=organisation.id)
        db.session.add(found)
    found.roles, found.ended_at, found.handed_to_id = sorted(role.value for role in roles), None, None
    after = {"user": user.email, "roles": found.roles}
    audit.record(actor, "member.added", found, after=after, label=organisation.name)
    return found


def invite(actor: Actor, organisation: Organisation, email: str, roles: list[OrgRole]) -> None:
    """Mail an invitation; accepting it makes the member. A new one to the same address replaces the old.

    Raises:
        Invalid: no role was chosen, or the person is a member already.
        TooMany: too many invitations in an hour.
    """
    policies.can_manage(actor, organisation).check()
    _require_roles(roles)
    address = clean_email(email)
    known = user_by_email(address)
    if known is not None and membership(known.id, organisation.id) is not None:
        raise Invalid(fields={"email": [_l("This person is a member already.")]})
    limits.hit(f"invite:{organisation.id}", limit=50, window_s=3600)
    for earlier in open_invitations(organisation.id):
        if earlier.email == address:
            earlier.used_at = db_now()
    payload = {"organisation_id": organisation.id, "roles": [role.value for role in roles]}
    token = issue_token(TokenPurpose.INVITE, email=address, payload=payload)
    notifications.invitation(address, organisation, actor.name, token)
    after = {"email": address, "roles": payload["roles"]}
    audit.record(actor, "member.invited", organisation, after=after, label=organisation.name)


def withdraw_invitation(actor: Actor, organisation: Organisation, email: str) -> None:
    """Make an invitation worthless before it is followed."""
    policies.can_manage(actor, organisation).check()
    for one in open_invitations(organisation.id):
        if one.email == clean_email(email):
            one.used_at = db_now()
            after = {"email": one.email}
            audit.record(actor, "member.invitation_withdrawn", organisation, after=after, label=organisation.name)


def invitation(token: str) -> tuple[OneTimeToken, Organisation]:
    """An invitation that still holds, and who invites.

    Raises:
        TokenExpired: it was used, withdrawn, or is too old.
    """
    found = look_up_token(TokenPurpose.INVITE, token)
    return found, db.session.get_one(Organisation, found.payload["organisation_id"])


def accept_invitation(
    token: str, *, user: User | None, name: str = "", password: str = "", locale: str = "zh_CN"
) -> User:
    """Join the organisation that invited; a new person gets their account with it.

    Raises:
        TokenExpired: the invitation no longer holds.
        Forbidden: somebody else is signed in.
        Invalid: the password is too weak, or the address has an account and nobody is signed in.
    """
    found, organisation = invitation(token)
    if user is not None and user.email != found.email:
        raise Forbidden(_l("This invitation was sent to another address. Sign out and follow the link again."))
    person = user or create_user(SYSTEM, email=found.email, name=name, password=password, locale=locale, confirmed=True)
    add_member(SYSTEM, organisation, person, [OrgRole(role) for role in found.payload["roles"]])
    found.used_at = db_now()
    return person


def set_roles(actor: Actor, member: Membership, roles: list[OrgRole]) -> None:
    """Change a member's roles.

    Raises:
        LastManager: nobody would be left to manage the organisation.
    """
    policies.can_manage(actor, member.organisation).check()
    _require_roles(roles)
    if OrgRole.MANAGER not in roles:
        _keep_a_manager(member)
    _change(actor, "member.roles", member, {"roles": sorted(role.value for role in roles)})


def set_authority(actor: Actor, member: Membership, bid_limit: Decimal | None) -> None:
    """The most a member may commit over all live auctions; nobody sets their own."""
    policies.can_manage(actor, member.organisation).check()
    if actor.user_id == member.user_id and bid_limit != member.bid_limit:
        raise Invalid(fields={"bid_limit": [_l("Another manager must set your own limit.")]})
    _change(actor, "member.bid_limit", member, {"bid_limit": bid_limit})


def end_membership(actor: Actor, member: Membership, heir: Membership | None) -> None:
    """A member leaves; open work goes to the heir, and the person acts for the organisation no longer, at once.

    Raises:
        LastManager: nobody would be left to manage the organisation.
        Invalid: the heir is missing, or is no member.
    """
    if actor.user_id != member.user_id:
        policies.can_manage(actor, member.organisation).check()
    if member.ended_at is not None:
        raise Conflict
    others = _keep_a_manager(member)
    if heir is None or heir.id not in {one.id for one in others}:
        raise Invalid(fields={"heir": [_l("Choose who takes over the open work.")]})
    work = handover.open_work(member.organisation_id, member.user_id)
    member.ended_at, member.handed_to_id = db_now(), heir.user_id
    after = {"ended_at": member.ended_at, "handed_to": heir.user_id}
    audit.record(actor, "member.ended", member, after=after, label=member.organisation.name)
    publish(
        MembershipEnded(
            organisation_id=member.organisation_id,
            user_id=member.user_id,
            heir_user_id=heir.user_id,
            ended_at=member.ended_at,
        )
    )
    notifications.work_taken_over(heir.user_id, member, [one for one in work if one.needs is None])
    notifications.work_unattended(member, [one for one in work if one.needs is not None])


def _keep_a_manager(leaving: Membership) -> list[Membership]:
    """The other members, one of them a manager; locked, so that two managers cannot leave at the same moment."""
    lock = select(Organisation.id).where(Organisation.id == leaving.organisation_id).with_for_update()
    db.session.execute(lock)
    others = [one for one in members(leaving.organisation_id, fresh=True) if one.id != leaving.id]
    if not any(OrgRole.MANAGER.value in one.roles for one in others):
        raise LastManager
    return others


def _require_roles(roles: list[OrgRole]) -> None:
    if not roles:
        raise Invalid(fields={"roles": [_l("Choose at least one role.")]})


def _change(actor: Actor, action: str, member: Membership, values: dict[str, Any]) -> None:
    before, after = audit.changes(member, values)
    for key, value in values.items():
        setattr(member, key, value)
    if after:
        audit.record(actor, action, member, before, after, label=member.organisation.name)
