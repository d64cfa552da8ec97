"""Money that arrives and money that goes back: asked for, recorded, confirmed by a second person."""

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
from marketplace.facts import DepositLocked
from marketplace.money import round_yuan
from marketplace.numbers import next_number
from marketplace.outbox import publish
from marketplace.permissions import Actor, Denied

from .. import policies
from ..errors import BankReferenceUsed, ReasonNeeded, ReceiptIncomplete, SamePerson, TooMuchReturned
from ..models import Deposit, DepositMovement
from ..rules import Receipt, flags, new_code
from ..states import DEPOSIT, DepositAction, DepositState, Flag, MovementKind
from . import steps


def require(actor: Actor, organisation_id: int, reference: str, amount: Decimal, due_at: datetime | None) -> Deposit:
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
    steps.note(actor, deposit, MovementKind.REQUIRE, deposit.amount, before="")
    audit.record(actor, "deposit.require", deposit, after={"reference": reference, "amount": deposit.amount})
    return deposit


def record_receipt(
    actor: Actor, deposit: Deposit, amount: Decimal, bank_reference: str, paid_at: datetime, payer: str
) -> Deposit:
    """Note money that the bank says has arrived. It locks nothing: a second person confirms it.

    Raises:
        BankReferenceUsed: this bank line was recorded before.
    """
    steps.lock(deposit)
    policies.can_record(actor, deposit).check()
    reference = bank_reference.strip()
    _check_receipt(amount, reference, paid_at, payer)
    _take_bank_reference(MovementKind.RECEIVE, reference)
    before = deposit.state
    states.move(deposit, DEPOSIT, DepositAction.RECEIVE, actor)
    deposit.received_amount += amount
    deposit.received_at, deposit.recorded_by_id = paid_at, actor.user_id
    steps.note(
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
    steps.lock(deposit)
    receipts = _receipts(deposit)
    decision = policies.can_confirm(actor, deposit, [row.actor_id for row in receipts])
    if isinstance(decision, Denied) and decision.code in _CONFIRM_ERRORS:
        raise _CONFIRM_ERRORS[decision.code](decision.reason)
    decision.check()
    if deposit.flags and not reason.strip():
        raise ReasonNeeded(fields={"reason": [ReasonNeeded.message]})
    steps.step(actor, deposit, DepositAction.LOCK, reason)
    deposit.locked_at, deposit.confirmed_by_id = db_now(), actor.user_id
    publish(steps.fact(DepositLocked, deposit))
    return deposit


_CONFIRM_ERRORS: dict[str, type[SamePerson | ReceiptIncomplete]] = {
    "same_person": SamePerson,
    "receipt_incomplete": ReceiptIncomplete,
}


def record_refund(actor: Actor, deposit: Deposit, amount: Decimal, bank_reference: str, paid_at: datetime) -> Deposit:
    """Note that the bank has paid money back to its payer."""
    steps.lock(deposit)
    policies.can_refund(actor, deposit).check()
    reference = bank_reference.strip()
    _check_receipt(amount, reference, paid_at, "-")
    if amount > deposit.to_return:
        raise TooMuchReturned(fields={"amount": [TooMuchReturned.message]})
    _take_bank_reference(MovementKind.REFUND, reference)
    deposit.refunded_amount += amount
    steps.note(
        actor, deposit, MovementKind.REFUND, amount, before=deposit.state, bank_reference=reference, paid_at=paid_at
    )
    audit.record(actor, "deposit.refund", deposit, after={"amount": amount, "bank_reference": reference})
    return deposit
