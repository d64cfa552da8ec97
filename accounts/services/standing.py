"""The exchange's word on an organisation: verified, returned, suspended, banned for a while."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace import audit, states
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.facts import OrganisationRenamed, OrganisationVerified
from marketplace.outbox import publish
from marketplace.permissions import Actor, Permission

from .. import notifications, policies
from ..errors import AlreadyKnown
from ..models import Organisation
from ..queries import membership
from ..states import ORGANISATION, OrganisationAction


def verify_organisation(actor: Actor, organisation: Organisation) -> None:
    """Accept the organisation: from now on it may list, bid and sign."""
    _check_reviewer(actor, organisation)
    move(actor, organisation, OrganisationAction.VERIFY)
    organisation.verified_at, organisation.verified_by_id = db_now(), actor.user_id
    organisation.return_reason = ""
    publish(OrganisationVerified(organisation_id=organisation.id, name=organisation.name))
    notifications.organisation_verified(organisation)


def return_organisation(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Send the registration back with what must be corrected."""
    _check_reviewer(actor, organisation)
    move(actor, organisation, OrganisationAction.RETURN, _said(reason))
    organisation.return_reason = reason.strip()
    notifications.organisation_returned(organisation, reason)


def suspend_organisation(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Stop an organisation from listing, bidding and signing until it is restored."""
    _check_reviewer(actor, organisation)
    move(actor, organisation, OrganisationAction.SUSPEND, _said(reason))
    notifications.organisation_suspended(organisation, reason)


def restore_organisation(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Let a suspended organisation trade again."""
    _check_reviewer(actor, organisation)
    move(actor, organisation, OrganisationAction.RESTORE, _said(reason))
    notifications.organisation_verified(organisation)


def ban_organisation(actor: Actor, organisation: Organisation, until: datetime, reason: str) -> None:
    """Keep an organisation out of auctions until then; what it owes and is owed stays.

    Raises:
        Invalid: no reason is given, or the moment has passed.
    """
    _check_reviewer(actor, organisation)
    if until <= db_now():
        raise Invalid(fields={"until": [_l("Choose a moment in the future.")]})
    _set_ban(actor, organisation, until, _said(reason))
    notifications.organisation_banned(organisation, until, reason)


def lift_ban(actor: Actor, organisation: Organisation, reason: str) -> None:
    """End a ban before its time."""
    _check_reviewer(actor, organisation)
    _set_ban(actor, organisation, None, _said(reason))


def rename_organisation(actor: Actor, organisation: Organisation, name: str, reason: str) -> None:
    """Give a verified organisation the name that its new certificate shows (更名); what was signed keeps the old one.

    Raises:
        Invalid: no name or no reason is given, or nothing would change.
        AlreadyKnown: another organisation has this name.
    """
    _check_reviewer(actor, organisation)
    db.session.refresh(organisation, with_for_update=True)
    new, reason = name.strip(), _said(reason)
    if not new or new == organisation.name:
        raise Invalid(fields={"name": [_l("Give the new name.")]})
    require_free_name(new)
    old, organisation.name = organisation.name, new
    after = {"name": new, "reason": reason}
    audit.record(actor, "organisation.rename", organisation, {"name": old}, after, label=new)
    publish(OrganisationRenamed(organisation_id=organisation.id, old_name=old, name=new))
    notifications.organisation_renamed(organisation, old)


def require_free_name(name: str) -> None:
    """Raise AlreadyKnown if an organisation of this name is registered."""
    if db.session.scalars(select(Organisation.id).where(Organisation.name == name.strip())).first():
        raise AlreadyKnown(fields={"name": [_l("An organisation of this name is registered.")]})


def _set_ban(actor: Actor, organisation: Organisation, until: datetime | None, reason: str) -> None:
    values = {"banned_until": until, "ban_reason": reason if until else ""}
    before, after = audit.changes(organisation, values)
    organisation.banned_until, organisation.ban_reason = until, str(values["ban_reason"])
    action = "organisation.ban" if until else "organisation.lift_ban"
    audit.record(actor, action, organisation, before, {**after, "reason": reason}, label=organisation.name)


def move(actor: Actor, organisation: Organisation, action: OrganisationAction, reason: str = "") -> None:
    """Take one step, locked, so that of two reviewers one decides; the step is in history and trail."""
    db.session.flush()
    db.session.refresh(organisation, with_for_update=True)
    before = organisation.state
    after = states.move(organisation, ORGANISATION, action, actor, reason)
    said = {"reason": reason} if reason else {}
    name = f"organisation.{action.value}"
    audit.record(actor, name, organisation, {"state": before}, {"state": after, **said}, label=organisation.name)


def _check_reviewer(actor: Actor, organisation: Organisation) -> None:
    if not actor.can(Permission.ORG_VERIFY):
        raise Forbidden
    belongs = actor.user_id is not None and membership(actor.user_id, organisation.id) is not None
    policies.can_verify(actor, organisation, belongs=belongs).check()


def _said(reason: str) -> str:
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Say why: the managers read it.")]})
    return reason.strip()
