"""A deal that comes to nothing: ended before both have signed, or dissolved by both sides afterwards.

Either way the result is free again, a deposit that is held waits with its decision for finance, and others are told.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from listings import services as listings
from marketplace import audit
from marketplace.errors import Conflict, Invalid
from marketplace.facts import ContractEnded
from marketplace.outbox import publish
from marketplace.permissions import Actor
from payments import services as payments
from payments.states import DepositAction

from .. import notifications, policies
from ..kinds import EndCause
from ..models import Contract
from ..states import ContractAction
from .common import lock, step

#: What becomes of the buyer's deposit, by whose doing the deal ended.
DEPOSITS = {
    EndCause.BUYER: DepositAction.FORFEIT,
    EndCause.SELLER: DepositAction.RELEASE,
    EndCause.BOTH: DepositAction.RELEASE,
}


def terminate_contract(actor: Actor, contract: Contract, reason: str, cause: EndCause) -> None:
    """End a contract that will not be signed; the result goes back on the board.

    By whose doing it ends decides what is prepared for the buyer's deposit; finance approves it.
    """
    lock(contract)
    policies.can_terminate(actor, contract).check()
    reason = _needed(reason)
    step(actor, contract, ContractAction.TERMINATE, reason, cause=cause)
    _set_free(actor, contract, reason, cause)
    notifications.terminated(contract, reason)


def ask_end(actor: Actor, contract: Contract, reason: str) -> None:
    """One side asks the other to dissolve the signed contract. A buyer without an account cannot be asked here: the
    seller's word, under whose name the contract was entered, is enough for what was never registered.
    """
    lock(contract)
    policies.can_ask_end(actor, contract).check()
    contract.end_asked_side = policies.side_of(actor, contract) or ""
    contract.end_asked_by_id, contract.end_reason = actor.user_id, _needed(reason)
    after = {"side": contract.end_asked_side, "reason": contract.end_reason}
    audit.record(actor, "contract.end_asked", contract, after=after)
    if contract.buyer_id is None:
        _dissolve(actor, contract)
    else:
        notifications.end_asked(contract)


def agree_end(actor: Actor, contract: Contract) -> None:
    """The other side agrees: the contract binds nobody any more.

    Raises:
        Conflict: one's own side has asked.
    """
    lock(contract)
    policies.can_answer_end(actor, contract).check()
    if policies.side_of(actor, contract) == contract.end_asked_side:
        raise Conflict(_l("The other side must agree."))
    _dissolve(actor, contract)


def drop_end(actor: Actor, contract: Contract) -> None:
    """The asking side takes its wish back, or the other does not agree: the contract stands."""
    lock(contract)
    policies.can_answer_end(actor, contract).check()
    audit.record(actor, "contract.end_dropped", contract, before={"reason": contract.end_reason})
    contract.end_asked_side, contract.end_asked_by_id, contract.end_reason = "", None, ""


def _dissolve(actor: Actor, contract: Contract) -> None:
    reason = contract.end_reason
    step(actor, contract, ContractAction.DISSOLVE, reason)
    _set_free(actor, contract, reason, EndCause.BOTH)
    notifications.dissolved(contract, reason)


def _set_free(actor: Actor, contract: Contract, reason: str, cause: EndCause) -> None:
    """In this transaction, since a result that nobody sets free could never be sold again."""
    if contract.listing_id is not None:
        listings.deal_failed(actor, contract.listing_id, reason, contract.source)
    if contract.buyer_id is not None:
        payments.propose(contract.buyer_id, contract.source, DEPOSITS[cause], reason)
    publish(
        ContractEnded(
            contract_id=contract.id,
            number=contract.number,
            source=contract.source,
            listing_id=contract.listing_id,
            cause=cause.value,
            reason=reason,
        )
    )


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Please give a reason.")]})
    return reason.strip()
