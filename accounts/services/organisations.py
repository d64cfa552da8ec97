"""Organisations: registered by a member, verified by the exchange before they may list or bid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace import audit, states
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict, Invalid
from marketplace.facts import OrganisationVerified
from marketplace.outbox import publish
from marketplace.permissions import Actor
from marketplace.regions import REGIONS

from .. import notifications, policies
from ..errors import AlreadyKnown
from ..models import Membership, Organisation
from ..queries import organisation_by_uscc
from ..roles import OrganisationKind, OrgRole
from ..rules import clean_uscc
from ..states import ORGANISATION, OrganisationAction, OrganisationState

#: Changing one of these makes the exchange look again.
IDENTITY = ("name", "kind", "uscc", "legal_representative")
#: What an organisation must say before it can be verified.
REQUIRED = ("address", "legal_representative", "contact_name", "contact_phone")


def create_organisation(
    actor: Actor, *, name: str, kind: OrganisationKind, uscc: str, region: str, **details: Any
) -> Organisation:
    """Register an organisation; who registers it is its first manager.

    Raises:
        Invalid: the USCC's check character does not fit, or the region is unknown.
        AlreadyKnown: the USCC or the name is registered.
    """
    code = _valid_uscc(uscc)
    if region not in REGIONS:
        raise Invalid(fields={"region": [_l("Choose a region from the list.")]})
    if organisation_by_uscc(code) is not None:
        raise AlreadyKnown(fields={"uscc": [_l("This code is registered. Ask a manager there to invite you.")]})
    _require_free_name(name)
    organisation = Organisation(
        name=name.strip(), kind=kind, uscc=code, region=region, created_by_id=actor.user_id, **details
    )
    db.session.add(organisation)
    db.session.flush()
    if actor.user_id is not None:
        first = [OrgRole.MANAGER.value]
        db.session.add(Membership(user_id=actor.user_id, organisation_id=organisation.id, roles=first))
    after = {"name": organisation.name, "uscc": code, "kind": kind.value, "region": region}
    audit.record(actor, "organisation.created", organisation, after=after, label=organisation.name)
    return organisation


def _valid_uscc(text: str) -> str:
    code = clean_uscc(text)
    if code is None:
        raise Invalid(fields={"uscc": [_l("The check character does not fit: compare all 18 characters.")]})
    return code


def _require_free_name(name: str) -> None:
    if db.session.query(Organisation.id).filter(Organisation.name == name.strip()).first():
        raise AlreadyKnown(fields={"name": [_l("An organisation of this name is registered.")]})


def update_organisation(actor: Actor, organisation: Organisation, values: dict[str, Any]) -> None:
    """Change what an organisation says of itself; a verified identity is looked at again."""
    policies.can_manage(actor, organisation).check()
    if "uscc" in values:
        values = {**values, "uscc": _valid_uscc(values["uscc"])}
    before, after = audit.changes(organisation, values)
    if organisation.state is OrganisationState.VERIFIED and set(after) & set(IDENTITY):
        raise Conflict(_l("Name, kind, code and legal representative were verified. Ask the exchange to change them."))
    if "name" in after:
        _require_free_name(values["name"])
    for key, value in values.items():
        setattr(organisation, key, value)
    if after:
        audit.record(actor, "organisation.updated", organisation, before, after, label=organisation.name)


def missing_for_verification(organisation: Organisation) -> list[str]:
    """Fields that are still empty and must not be."""
    return [name for name in REQUIRED if not getattr(organisation, name)]


def submit_organisation(actor: Actor, organisation: Organisation) -> None:
    """Ask the exchange to verify the organisation.

    Raises:
        Invalid: something required is missing.
    """
    policies.can_manage(actor, organisation).check()
    missing = missing_for_verification(organisation)
    if missing:
        raise Invalid(_l("Fill in what is missing first."), fields={name: [_l("Required")] for name in missing})
    _move(actor, organisation, OrganisationAction.SUBMIT)
    notifications.organisation_submitted(organisation)


def verify_organisation(actor: Actor, organisation: Organisation) -> None:
    """Accept the organisation: from now on it may list, bid and sign."""
    policies.can_verify(actor, organisation).check()
    _move(actor, organisation, OrganisationAction.VERIFY)
    organisation.verified_at, organisation.verified_by_id = db_now(), actor.user_id
    organisation.return_reason = ""
    publish(OrganisationVerified(organisation_id=organisation.id, name=organisation.name))
    notifications.organisation_verified(organisation)


def return_organisation(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Send the registration back with a reason."""
    policies.can_verify(actor, organisation).check()
    _move(actor, organisation, OrganisationAction.RETURN, reason)
    organisation.return_reason = reason
    notifications.organisation_returned(organisation, reason)


def suspend_organisation(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Stop an organisation from trading until it is restored."""
    _move(actor, organisation, OrganisationAction.SUSPEND, reason)
    notifications.organisation_suspended(organisation, reason)


def restore_organisation(actor: Actor, organisation: Organisation, reason: str) -> None:
    """Let a suspended organisation trade again."""
    _move(actor, organisation, OrganisationAction.RESTORE, reason)
    notifications.organisation_verified(organisation)


def set_second_approval(actor: Actor, organisation: Organisation, above: Decimal | None) -> None:
    """From which amount a bid needs a second person of the organisation; None: never."""
    policies.can_manage(actor, organisation).check()
    before, after = audit.changes(organisation, {"second_approval_above": above})
    organisation.second_approval_above = above
    if after:
        audit.record(actor, "organisation.second_approval", organisation, before, after, label=organisation.name)


def _move(actor: Actor, organisation: Organisation, action: OrganisationAction, reason: str = "") -> None:
    before = organisation.state
    after = states.move(organisation, ORGANISATION, action, actor, reason)
    audit.record(
        actor,
        f"organisation.{action.value}",
        organisation,
        {"state": before},
        {"state": after, **({"reason": reason} if reason else {})},
        label=organisation.name,
    )
