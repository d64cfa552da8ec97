"""Reads about deposits, for this package's pages and for the packages above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from accounts.models import Organisation
from marketplace.clock import beijing_date
from marketplace.db import db
from marketplace.holidays import MissingYear, add_working_days

from .models import Deposit, DepositMovement
from .rules import REFUND_WORKING_DAYS, fold, read_code
from .states import STANDING, DepositState, MovementKind

_KEPT = case((Deposit.state == DepositState.RELEASED, 0), else_=Deposit.amount)
#: Money that has to go back to its payer: the same rule as `rules.to_return`, for whole lists.
OWED_BACK: ColumnElement[bool] = and_(
    Deposit.state.not_in([DepositState.DUE, DepositState.RECEIVED, DepositState.CANCELLED]),
    Deposit.received_amount - _KEPT - Deposit.refunded_amount > 0,
)
OVERDUE: ColumnElement[bool] = and_(Deposit.state == DepositState.DUE, Deposit.due_at < func.clock_timestamp())
FLAGGED: ColumnElement[bool] = and_(Deposit.state == DepositState.RECEIVED, func.jsonb_array_length(Deposit.flags) > 0)
PREPARED: ColumnElement[bool] = Deposit.prepared.is_not(None)
TO_CONFIRM: ColumnElement[bool] = Deposit.state == DepositState.RECEIVED


def all_deposits() -> Select[Any]:
    """Every deposit with its owner, for finance."""
    return select(Deposit).join(Deposit.organisation).options(contains_eager(Deposit.organisation))


def own_deposits(organisation_id: int) -> list[Deposit]:
    """An organisation's deposits, the newest first."""
    query = select(Deposit).where(Deposit.organisation_id == organisation_id).order_by(Deposit.id.desc())
    return list(db.session.scalars(query))


def by_number(number: str) -> Deposit | None:
    """A deposit with its owner and movements."""
    query = select(Deposit).where(Deposit.number == number)
    return db.session.scalars(
        query.options(selectinload(Deposit.organisation), selectinload(Deposit.movements))
    ).one_or_none()


def by_code(text: str) -> Deposit | None:
    """The deposit whose remittance code stands in this text, as a payer may have typed it."""
    code = read_code(text)
    return None if code is None else db.session.scalars(
        select(Deposit).where(Deposit.remittance_code == code)
    ).one_or_none()  # fmt: skip


def standing(organisation_id: int, reference: str) -> Deposit | None:
    """An organisation's deposit for one thing, whatever its state."""
    query = select(Deposit).where(Deposit.organisation_id == organisation_id, Deposit.reference == reference)
    return db.session.scalars(query).one_or_none()


def for_reference(reference: str) -> dict[int, Deposit]:
    """All deposits for one thing, by organisation."""
    found = db.session.scalars(select(Deposit).where(Deposit.reference == reference))
    return {deposit.organisation_id: deposit for deposit in found}


def for_references(organisation_id: int, references: Iterable[str]) -> dict[str, Deposit]:
    """An organisation's deposits for several things, by reference."""
    query = select(Deposit).where(Deposit.organisation_id == organisation_id, Deposit.reference.in_(list(references)))
    return {deposit.reference: deposit for deposit in db.session.scalars(query)}


def locked_count(references: Iterable[str]) -> dict[str, int]:
    """How many deposits stand behind each of these things."""
    query = (
        select(Deposit.reference, func.count())
        .where(Deposit.reference.in_(list(references)), Deposit.state.in_(STANDING))
        .group_by(Deposit.reference)
    )
    return {reference: count for reference, count in db.session.execute(query)}  # noqa: C416 - rows, not tuples


def count(condition: ColumnElement[bool]) -> int:
    """How many deposits meet a condition of this module."""
    return int(db.session.scalar(select(func.count()).select_from(Deposit).where(condition)) or 0)


def recorders(deposit: Deposit) -> list[int | None]:
    """Who recorded the receipts."""
    return [row.actor_id for row in deposit.movements if row.kind is MovementKind.RECEIVE]


def refund_due(deposit: Deposit) -> date | None:
    """The day by which the money must be back; None where nothing is owed or the holidays are not known."""
    since = deposit.decided_at or deposit.locked_at
    if deposit.to_return <= 0 or since is None:
        return None
    try:
        return add_working_days(beijing_date(since), REFUND_WORKING_DAYS)
    except MissingYear:
        return None


def broken() -> list[tuple[str, str]]:
    """Every deposit whose row does not say what its movements add up to: number and what is wrong."""
    found = []
    query = select(Deposit).order_by(Deposit.id).options(selectinload(Deposit.movements))
    for deposit in db.session.scalars(query.execution_options(yield_per=500)):
        found += [(deposit.number, problem) for problem in _problems(deposit)]
    return found


def _problems(deposit: Deposit) -> list[str]:
    folded = fold(row.kind for row in deposit.movements)
    problems = []
    if folded is not deposit.state:
        problems.append(f"stands as {deposit.state}, its movements lead to {folded or 'nowhere'}")
    sums = {kind: _sum(deposit.movements, kind) for kind in (MovementKind.RECEIVE, MovementKind.REFUND)}
    if sums[MovementKind.RECEIVE] != deposit.received_amount:
        problems.append(f"says {deposit.received_amount} received, its movements {sums[MovementKind.RECEIVE]}")
    if sums[MovementKind.REFUND] != deposit.refunded_amount:
        problems.append(f"says {deposit.refunded_amount} paid back, its movements {sums[MovementKind.REFUND]}")
    return problems


def _sum(movements: list[DepositMovement], kind: MovementKind) -> object:
    return sum(row.amount for row in movements if row.kind is kind)


#: What finance searches in.
SEARCHED = (Deposit.number, Deposit.reference, Deposit.remittance_code, Organisation.name)
#: Needs somebody: a receipt to confirm, a step to approve, money to pay back.
WAITING = or_(TO_CONFIRM, PREPARED, OWED_BACK)
