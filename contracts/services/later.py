"""What comes after registration: a change or a cancellation, asked for by one registrar and decided by another."""

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

from .. import notifications, policies
from ..kinds import ContractKind
from ..models import Contract, Registration, RequestKind
from ..states import ContractAction
from .common import insider, lock, registration, step
from .registering import Application

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


def ask_cancellation(actor: Actor, contract: Contract, reason: str) -> None:
    """A registrar asks to cancel a registration; another one decides."""
    lock(contract)
    found = registration(contract)
    _ask(actor, contract, found, RequestKind.CANCEL, reason, {})
    audit.record(actor, "contract.cancellation_asked", contract, after={"reason": reason})


def _ask(
    actor: Actor, contract: Contract, found: Registration, kind: RequestKind, reason: str, values: dict[str, Any]
) -> None:
    policies.can_request(actor, contract, found, insider=insider(actor, contract)).check()
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Please give a reason.")]})
    found.request_kind, found.request_reason, found.request_values = kind, reason.strip(), values
    found.requested_by_id, found.requested_at = actor.user_id, db_now()


def settle_request(actor: Actor, contract: Contract) -> None:
    """The second registrar agrees: the registration is changed or cancelled."""
    lock(contract)
    found = registration(contract)
    policies.can_settle(actor, contract, found, insider=insider(actor, contract)).check()
    reason = found.request_reason
    if found.request_kind is RequestKind.CHANGE:
        _change(actor, contract, found)
    else:
        _cancel(actor, contract, found)
    _close(found)
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


def _cancel(actor: Actor, contract: Contract, found: Registration) -> None:
    step(actor, contract, ContractAction.CANCEL, found.request_reason)
    found.cancelled_at = db_now()
    publish(
        ContractCancelled(
            contract_id=contract.id, number=contract.number, amount=contract.amount, reason=found.request_reason
        )
    )
