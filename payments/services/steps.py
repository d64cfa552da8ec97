"""What every step of a deposit has in common: the lock, the movement, the history, the audit entry."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marketplace import audit, states
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.facts import DepositLocked, DepositReleased, Fact
from marketplace.permissions import Actor

from ..models import Deposit, DepositMovement
from ..states import DEPOSIT, DepositAction, MovementKind


def step(actor: Actor, deposit: Deposit, action: DepositAction, reason: str) -> Deposit:
    before = deposit.state
    states.move(deposit, DEPOSIT, action, actor, reason.strip())
    if action is not DepositAction.LOCK:
        deposit.decided_at = db_now()
    clear_prepared(deposit)
    amount = deposit.received_amount if action is DepositAction.RELEASE else deposit.amount
    note(actor, deposit, MovementKind(action.value), amount, before=before, reason=reason.strip())
    audit.record(
        actor, f"deposit.{action}", deposit, {"state": before}, {"state": deposit.state, "reason": reason.strip()}
    )
    return deposit


def clear_prepared(deposit: Deposit) -> None:
    deposit.prepared, deposit.prepared_reason = None, ""
    deposit.prepared_by_id, deposit.prepared_at = None, None


def note(actor: Actor, deposit: Deposit, kind: MovementKind, amount: Decimal, *, before: str, **told: Any) -> None:
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


def lock(deposit: Deposit) -> None:
    db.session.flush()
    db.session.refresh(deposit, with_for_update=True)


def fact(kind: type[DepositLocked | DepositReleased], deposit: Deposit) -> Fact:
    return kind(
        deposit_id=deposit.id,
        organisation_id=deposit.organisation_id,
        reference=deposit.reference,
        amount=deposit.amount,
    )
