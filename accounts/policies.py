"""Who may do what to people and organisations: pure predicates with their reasons."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l

from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from .models import Organisation
from .states import OrganisationState


def not_the_maker(actor: Actor, maker_id: int | None) -> Decision:
    """Nobody approves what they made (separation of duty); the system has made nothing."""
    if not actor.system and maker_id is not None and actor.user_id == maker_id:
        return Denied(_l("Somebody else must decide about what you made yourself."), "own_work")
    return ALLOWED


def can_trade(actor: Actor) -> Decision:
    """An organisation lists, bids and signs only when it is verified."""
    if actor.system or actor.organisation_verified:
        return ALLOWED
    return Denied(_l("Your organisation must be verified before it may do this."), "organisation_not_verified")


def can_manage(actor: Actor, organisation: Organisation) -> Decision:
    """A manager manages the organisation they act for."""
    if actor.acts_for(organisation.id) and actor.can(Permission.ORG_MANAGE):
        return ALLOWED
    return Denied(_l("Only a manager of the organisation may do this."))


def can_take_part(organisation: Organisation, now: datetime) -> Decision:
    """Only a verified organisation that is not banned takes part in auctions."""
    if organisation.state is not OrganisationState.VERIFIED:
        return Denied(_l("Your organisation must be verified before it may do this."), "organisation_not_verified")
    if organisation.banned_until is not None and now < organisation.banned_until:
        return Denied(_l("Your organisation is banned from auctions for now."), "organisation_banned")
    return ALLOWED


def can_verify(actor: Actor, organisation: Organisation, *, belongs: bool = False) -> Decision:
    """A reviewer verifies organisations, but none that they registered or belong to."""
    if not actor.can(Permission.ORG_VERIFY):
        return Denied(_l("Only a reviewer may do this."))
    if belongs or (actor.acts_for(organisation.id) and not actor.system):
        return Denied(_l("You belong to this organisation: another reviewer must decide."), "own_organisation")
    return not_the_maker(actor, organisation.created_by_id)
