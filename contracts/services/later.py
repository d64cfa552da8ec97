"""What takes two registrars: a refusal, a change or a cancellation, asked for by one and decided by another."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace import audit
from marketplace.clock import db_now
from marketplace.errors import Invalid
from marketplace.facts import ContractCancelled, RegistrationChanged
from marketplace.jsons import plain
from marketplace.outbox import publish
from marketplace.permissions import Actor
from payments import services as payments
from payments.states import DepositAction

from .. import notifications, policies
from ..kinds import ContractKind
from ..models import Contract, Registration, RequestKind
from ..states import ContractAction
from .common import insider, lock, registration, step
from .registering import Application, check_reasons, note_of

#: What a change may correct. The contract amount is what both sides signed: another amount is another contract.
CHANGEABLE = ("kind", "subtype", "field", "technical_field", "non_technical_items", "technical_amount")


def ask_change(actor: Actor, contract: Contract, application: Application, reason: str) -> None:
    """A registrar asks to correct what the contract is registered as; another one decides.

    Raises:
        Invalid: nothing would change, or nothing would be left as technology.
    """
    lock(contract)
    found = registration(contract)
    wanted = {name: value for name, value in application.values(contract.amount).items() if name in CHANGEABLE}
    before, after = audit.changes(found, wanted)
    if not after:
        raise Invalid(_l("Nothing is different from what is registered."))
    _ask(actor, contract, found, RequestKind.CHANGE, reason, plain(after))
    audit.record(actor, "contract.change_asked", contract, before, {**after, "reason": reason})


def ask_cancellation(actor: Actor, contract: Contract, reason: str, *, dissolved: bool = True) -> None:
    """A registrar asks to cancel a registration; another one decides.

    Dissolved: the contract itself is void or given up (解除), so its result is free again; else only the registration
    was wrong, and the contract binds its sides as before.
    """
    lock(contract)
    found = registration(contract)
    _ask(actor, contract, found, RequestKind.CANCEL, reason, {"dissolved": dissolved})
    audit.record(actor, "contract.cancellation_asked", contract, after={"reason": reason, "dissolved": dissolved})


def ask_refusal(actor: Actor, contract: Contract, reasons: list[dict[str, str]]) -> None:
    """A registrar asks to refuse the registration (不予登记) with coded reasons; another one decides.

    Raises:
        Invalid: no reason was given.
    """
    lock(contract)
    found = registration(contract)
    policies.can_decide(actor, contract, found, insider=insider(actor, contract)).check()
    check_reasons(reasons)
    _note(actor, found, RequestKind.REFUSE, note_of(reasons), {"reasons": reasons})
    after = {"reason": found.request_reason, "codes": [one["code"] for one in reasons]}
    audit.record(actor, "contract.refusal_asked", contract, after=after)


def _ask(
    actor: Actor, contract: Contract, found: Registration, kind: RequestKind, reason: str, values: dict[str, Any]
) -> None:
    policies.can_request(actor, contract, found, insider=insider(actor, contract)).check()
    _note(actor, found, kind, reason, values)


def _note(actor: Actor, found: Registration, kind: RequestKind, reason: str, values: dict[str, Any]) -> None:
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Please give a reason.")]})
    found.request_kind, found.request_reason, found.request_values = kind, reason.strip(), values
    found.requested_by_id, found.requested_at = actor.user_id, db_now()


def settle_request(actor: Actor, contract: Contract) -> None:
    """The second registrar agrees: the registration is changed, cancelled or refused."""
    lock(contract)
    found = registration(contract)
    policies.can_settle(actor, contract, found, insider=insider(actor, contract)).check()
    reason = found.request_reason
    kind = found.request_kind
    if kind is RequestKind.REFUSE:
        _refuse(actor, contract, found)
    elif kind is RequestKind.CHANGE:
        _change(actor, contract, found)
    else:
        _cancel(actor, contract, found)
    _close(found)
    if kind is not RequestKind.REFUSE:
        notifications.settled(contract, found, reason)


def decline_request(actor: Actor, contract: Contract) -> None:
    """The second registrar does not agree: all stays as it was."""
    lock(contract)
    found = registration(contract)
    policies.can_settle(actor, contract, found, insider=insider(actor, contract)).check()
    audit.record(actor, "contract.request_declined", contract, after={"reason": found.request_reason})
    _close(found)


def _close(found: Registration) -> None:
    found.request_kind, found.request_reason, found.request_values = None, "", {}
    found.requested_by_id = found.requested_at = None


def _change(actor: Actor, contract: Contract, found: Registration) -> None:
    form = {name: getattr(found, name) for name in CHANGEABLE if name != "technical_amount"}
    wanted = form | {name: value for name, value in found.request_values.items() if name in form}
    # Values that went through JSON come back as what the form holds.
    wanted["kind"] = ContractKind(wanted["kind"])
    values = Application(**wanted).values(contract.amount)
    before, after = audit.changes(found, {name: values[name] for name in CHANGEABLE})
    for name, value in after.items():
        setattr(found, name, value)
    found.revision, found.changed_at = found.revision + 1, db_now()
    audit.record(actor, "contract.changed_registration", contract, before, {**after, "reason": found.request_reason})
    publish(
        RegistrationChanged(
            contract_id=contract.id,
            number=contract.number,
            revision=found.revision,
            technical_amount=found.technical_amount,
            kind=found.kind.value,
            field=found.field,
        )
    )


def _refuse(actor: Actor, contract: Contract, found: Registration) -> None:
    """Nothing is counted, and the contract binds its sides as before; the seller may ask for a re-check."""
    found.reasons = found.request_values["reasons"]
    found.refused_by = sorted({found.requested_by_id, actor.user_id} - {None})
    codes = [one["code"] for one in found.reasons]
    step(actor, contract, ContractAction.REFUSE, found.request_reason, codes=codes)
    notifications.refused(contract, found.request_reason)


def _cancel(actor: Actor, contract: Contract, found: Registration) -> None:
    step(actor, contract, ContractAction.CANCEL, found.request_reason)
    found.cancelled_at = db_now()
    dissolved = bool(found.request_values.get("dissolved", True))
    if dissolved and contract.buyer_id is not None:
        # Only what finance has not set against the price yet: the rest is between the sides.
        payments.propose(contract.buyer_id, contract.source, DepositAction.RELEASE, found.request_reason)
    publish(
        ContractCancelled(
            contract_id=contract.id,
            number=contract.number,
            amount=contract.amount,
            reason=found.request_reason,
            listing_id=contract.listing_id,
            sale=contract.source,
            dissolved=dissolved,
        )
    )
