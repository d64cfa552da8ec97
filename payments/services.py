"""What happens to deposits. Each step locks the row, writes one movement and one audit entry, and tells others."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import queries as accounts
from marketplace import audit, states
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import DepositLocked, DepositReleased, Fact
from marketplace.money import round_yuan
from marketplace.numbers import next_number
from marketplace.outbox import publish
from marketplace.permissions import Actor

from . import policies
from .errors import (
    BankReferenceUsed,
    NothingPrepared,
    ReasonNeeded,
    ReceiptIncomplete,
    SamePerson,
    TooMuchReturned,
)
from .models import Deposit, DepositMovement
from .rules import Receipt, flags, new_code
from .states import DEPOSIT, DepositAction, DepositState, Flag, MovementKind


def require(
    actor: Actor, organisation_id: int, reference: str, amount: Decimal, due_at: datetime | None
) -> Deposit:
    """Ask an organisation for a deposit; the same organisation and reference again gives the first one."""
    known = select(Deposit).where(Deposit.organisation_id == organisation_id, Deposit.reference == reference)
    found = db.session.scalars(known).one_or_none()
    if found is not None:
        return found
    deposit = Deposit(
        organisation_id=organisation_id,
        reference=reference,
        remittance_code=new_code(),
        amount=round_yuan(amount),
        due_at=due_at,
        state=DepositState.DUE,
        number=next_number("BZ"),
        received_amount=Decimal(0),
        refunded_amount=Decimal(0),
        flags=[],
    )
    db.session.add(deposit)
    db.session.flush()
    _note(actor, deposit, MovementKind.REQUIRE, deposit.amount, before="")
    audit.record(actor, "deposit.require", deposit, after={"reference": reference, "amount": deposit.amount})
    return deposit


def record_receipt(
    actor: Actor, deposit: Deposit, amount: Decimal, bank_reference: str, paid_at: datetime, payer: str
) -> Deposit:
    """Note money that the bank says has arrived. It locks nothing: a second person confirms it.

    Raises:
        BankReferenceUsed: this bank line was recorded before.
    """
    _lock(deposit)
    policies.can_record(actor, deposit).check()
    reference = bank_reference.strip()
    _check_receipt(amount, reference, paid_at, payer)
    _take_bank_reference(MovementKind.RECEIVE, reference)
    before = deposit.state
    states.move(deposit, DEPOSIT, DepositAction.RECEIVE, actor)
    deposit.received_amount += amount
    deposit.received_at, deposit.recorded_by_id = paid_at, actor.user_id
    _note(
        actor, deposit, MovementKind.RECEIVE, amount, before=before,
        bank_reference=reference, payer=payer.strip(), paid_at=paid_at,
    )  # fmt: skip
    deposit.flags = [flag.value for flag in _flags_of(deposit)]
    audit.record(
        actor, "deposit.receive", deposit,
        after={"amount": amount, "bank_reference": reference, "payer": payer, "flags": deposit.flags},
    )  # fmt: skip
    return deposit


def _check_receipt(amount: Decimal, reference: str, paid_at: datetime, payer: str) -> None:
    wrong: dict[str, list[Any]] = {}
    if amount <= 0:
        wrong["amount"] = [_l("An amount above nought.")]
    if not reference:
        wrong["bank_reference"] = [_l("The bank’s reference of this line.")]
    if not payer.strip():
        wrong["payer"] = [_l("The account holder’s name as the bank gives it.")]
    if paid_at > db_now():
        wrong["paid_at"] = [_l("This moment lies in the future.")]
    if wrong:
        raise Invalid(fields=wrong)


def _take_bank_reference(kind: MovementKind, reference: str) -> None:
    """Refuse a bank line seen before; the unique index stands behind this for two at once."""
    query = select(DepositMovement.id).where(DepositMovement.kind == kind, DepositMovement.bank_reference == reference)
    if db.session.scalars(query).first() is not None:
        raise BankReferenceUsed(fields={"bank_reference": [BankReferenceUsed.message]})


def _flags_of(deposit: Deposit) -> list[Flag]:
    owner = accounts.get_organisation(deposit.organisation_id)
    receipts = [Receipt(row.amount, row.payer, row.paid_at or row.at) for row in _receipts(deposit)]
    return flags(deposit.amount, deposit.due_at, owner.name if owner else "", receipts)


def _receipts(deposit: Deposit) -> list[DepositMovement]:
    query = select(DepositMovement).where(
        DepositMovement.deposit_id == deposit.id, DepositMovement.kind == MovementKind.RECEIVE
    )
    return list(db.session.scalars(query.order_by(DepositMovement.id)))


def confirm_receipt(actor: Actor, deposit: Deposit, reason: str = "") -> Deposit:
    """Lock a deposit on the word of a second person; a flagged receipt needs the reason why it may stand.

    Raises:
        SamePerson: who recorded a receipt may not confirm it.
        ReceiptIncomplete: less than the deposit has arrived.
        ReasonNeeded: it is flagged and no reason is given.
    """
    _lock(deposit)
    receipts = _receipts(deposit)
    decision = policies.can_confirm(actor, deposit, [row.actor_id for row in receipts])
    if isinstance(decision, policies.Denied) and decision.code in _CONFIRM_ERRORS:
        raise _CONFIRM_ERRORS[decision.code](decision.reason)
    decision.check()
    if deposit.flags and not reason.strip():
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.message]})
    _step(actor, deposit, DepositAction.LOCK, reason)
    deposit.locked_at, deposit.confirmed_by_id = db_now(), actor.user_id
    publish(_fact(DepositLocked, deposit))
    return deposit


_CONFIRM_ERRORS: dict[str, type[SamePerson | ReceiptIncomplete]] = {
    "same_person": SamePerson,
    "receipt_incomplete": ReceiptIncomplete,
}


def prepare(actor: Actor, deposit: Deposit, action: DepositAction, reason: str) -> Deposit:
    """Prepare a release, a forfeit or a set-off for another person's approval."""
    _lock(deposit)
    policies.can_prepare(actor, deposit).check()
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Say why.")]})
    if action not in policies.possible_decisions(deposit):
        DEPOSIT.next_state(deposit.state, action)
    deposit.prepared, deposit.prepared_reason = action, reason.strip()
    deposit.prepared_by_id, deposit.prepared_at = actor.user_id, db_now()
    audit.record(actor, f"deposit.prepare_{action}", deposit, after={"reason": reason.strip()})
    return deposit


def drop_prepared(actor: Actor, deposit: Deposit) -> Deposit:
    """Take a prepared step back; nothing has moved."""
    _lock(deposit)
    if deposit.prepared is None:
        raise NothingPrepared
    audit.record(actor, "deposit.drop_prepared", deposit, before={"prepared": deposit.prepared})
    _clear_prepared(deposit)
    return deposit


def approve(actor: Actor, deposit: Deposit) -> Deposit:
    """Carry out the step that somebody else prepared.

    Raises:
        SamePerson, NothingPrepared.
    """
    _lock(deposit)
    action = deposit.prepared
    if action is None:
        raise NothingPrepared
    return _DECIDE[action](actor, deposit, deposit.prepared_reason)


def release(actor: Actor, deposit: Deposit, reason: str) -> Deposit:
    """Give the deposit back; the payment itself follows within three working days."""
    _decide(actor, deposit, DepositAction.RELEASE, reason)
    publish(_fact(DepositReleased, deposit))
    return deposit


def forfeit(actor: Actor, deposit: Deposit, reason: str) -> Deposit:
    """Keep the deposit for good because its owner broke the rules it stood for."""
    return _decide(actor, deposit, DepositAction.FORFEIT, reason)


def apply(actor: Actor, deposit: Deposit, reason: str = "") -> Deposit:
    """Set the winner's deposit against the price."""
    return _decide(actor, deposit, DepositAction.APPLY, reason)


_DECIDE = {DepositAction.RELEASE: release, DepositAction.FORFEIT: forfeit, DepositAction.APPLY: apply}


def hold(actor: Actor, deposit: Deposit, reason: str = "") -> Deposit:
    """Keep the winner's deposit until the contract is signed."""
    _lock(deposit)
    return _step(actor, deposit, DepositAction.HOLD, reason)


def stand_down(actor: Actor, organisation_id: int, reference: str, reason: str) -> Deposit | None:
    """The organisation takes no part any more: what it paid is released, what it did not pay is not needed.

    For the packages whose rules decide so; the person behind it is `actor`, as the system's word.
    """
    query = select(Deposit).where(Deposit.organisation_id == organisation_id, Deposit.reference == reference)
    deposit = db.session.scalars(query.with_for_update()).one_or_none()
    if deposit is None:
        return None
    if DEPOSIT.allows(deposit.state, DepositAction.CANCEL):
        return _step(actor, deposit, DepositAction.CANCEL, reason)
    if DEPOSIT.allows(deposit.state, DepositAction.RELEASE):
        _step(actor, deposit, DepositAction.RELEASE, reason)
        publish(_fact(DepositReleased, deposit))
    return deposit


def record_refund(actor: Actor, deposit: Deposit, amount: Decimal, bank_reference: str, paid_at: datetime) -> Deposit:
    """Note that the bank has paid money back to its payer."""
    _lock(deposit)
    policies.can_refund(actor, deposit).check()
    reference = bank_reference.strip()
    _check_receipt(amount, reference, paid_at, "-")
    if amount > deposit.to_return:
        raise TooMuchReturned(fields={"amount": [TooMuchReturned.message]})
    _take_bank_reference(MovementKind.REFUND, reference)
    deposit.refunded_amount += amount
    _note(
        actor, deposit, MovementKind.REFUND, amount, before=deposit.state, bank_reference=reference, paid_at=paid_at
    )
    audit.record(actor, "deposit.refund", deposit, after={"amount": amount, "bank_reference": reference})
    return deposit


def _decide(actor: Actor, deposit: Deposit, action: DepositAction, reason: str) -> Deposit:
    """Four eyes: a person may only carry out what another one prepared; the system acts on rules of its own."""
    _lock(deposit)
    if not actor.system:
        if deposit.prepared is not action:
            raise NothingPrepared
        decision = policies.can_approve(actor, deposit)
        if isinstance(decision, policies.Denied) and decision.code == "same_person":
            raise SamePerson(decision.reason)
        decision.check()
    return _step(actor, deposit, action, reason)


def _step(actor: Actor, deposit: Deposit, action: DepositAction, reason: str) -> Deposit:
    before = deposit.state
    states.move(deposit, DEPOSIT, action, actor, reason.strip())
    if action is not DepositAction.LOCK:
        deposit.decided_at = db_now()
    _clear_prepared(deposit)
    amount = deposit.received_amount if action is DepositAction.RELEASE else deposit.amount
    _note(actor, deposit, MovementKind(action.value), amount, before=before, reason=reason.strip())
    audit.record(
        actor, f"deposit.{action}", deposit, {"state": before}, {"state": deposit.state, "reason": reason.strip()}
    )
    return deposit


def _clear_prepared(deposit: Deposit) -> None:
    deposit.prepared, deposit.prepared_reason = None, ""
    deposit.prepared_by_id, deposit.prepared_at = None, None


def _note(actor: Actor, deposit: Deposit, kind: MovementKind, amount: Decimal, *, before: str, **told: Any) -> None:
    db.session.add(
        DepositMovement(
            deposit_id=deposit.id,
            kind=kind,
            from_state=str(before),
            to_state=deposit.state.value,
            amount=amount,
            actor_id=actor.user_id,
            actor_name=actor.name,
            **told,
        )
    )
    db.session.flush()


def _lock(deposit: Deposit) -> None:
    db.session.refresh(deposit, with_for_update=True)


def _fact(kind: type[DepositLocked] | type[DepositReleased], deposit: Deposit) -> Fact:
    return kind(
        deposit_id=deposit.id,
        organisation_id=deposit.organisation_id,
        reference=deposit.reference,
        amount=deposit.amount,
    )
