"""Reads of the turnover: every figure from the kept totals, every list from the counted contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from contracts.kinds import ContractKind
from marketplace.db import db
from marketplace.fields import FIELDS
from marketplace.regions import REGIONS

from .models import CountedContract, TurnoverTotal, Window

#: What the figure is broken down by, and filtered by, in the address.
DIMENSIONS = ("city", "kind", "field", "source")
#: Values that each of them may have.
KNOWN: dict[str, set[str]] = {
    "city": set(REGIONS),
    "kind": {kind.value for kind in ContractKind},
    "field": set(FIELDS),
    "source": {"auction", "listing", "outside"},
}
MONTHS = {str(month) for month in range(1, 13)}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which contracts a figure speaks of: a window, a year or a month of it, and values of the dimensions."""

    window: Window
    year: int | None = None
    month: int | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, date]:
        """First day, and the first day after."""
        start, end = self.window.starts_on, self.window.ends_on
        if self.year is not None:
            first, last = (self.month, self.month) if self.month else (1, 12)
            after = date(self.year + last // 12, last % 12 + 1, 1)
            start, end = max(start, date(self.year, first, 1)), min(end, after)
        return start, end

    @property
    def whole(self) -> bool:
        """True if nothing narrows the window."""
        return self.year is None and not self.chosen

    def conditions(self, model: Any) -> list[ColumnElement[bool]]:
        """The scope as conditions on totals or on counted contracts."""
        start, end = self.days
        chosen = [getattr(model, name) == value for name, value in self.chosen.items()]
        return [model.day >= start, model.day < end, *chosen]


@dataclass(frozen=True, slots=True)
class Figure:
    """How many contracts, their 成交额 and 技术交易额, in yuan."""

    contracts: int
    amount: Decimal
    technical_amount: Decimal


def windows() -> list[Window]:
    """All windows: the running one first, then the latest."""
    return list(db.session.scalars(select(Window).order_by(Window.running.desc(), Window.starts_on.desc())))


def window(key: str | None) -> Window | None:
    """The window of this key; without one the running, else the latest."""
    known = windows()
    return next((one for one in known if one.key == key), None) if key else next(iter(known), None)


def scope_of(given: Mapping[str, str]) -> Scope | None:
    """The scope that an address or an API call names; None for a window or a value that does not exist."""
    found = window(given.get("window") or None)
    chosen = {name: given[name] for name in DIMENSIONS if given.get(name)}
    year, month = given.get("year") or "", given.get("month") or ""
    fits = (
        all(value in KNOWN[name] for name, value in chosen.items())
        and (not year or (year.isascii() and year.isdigit() and len(year) == 4 and "1900" <= year <= "2999"))
        and (not month or (bool(year) and month in MONTHS))
    )
    if found is None or not fits:
        return None
    return Scope(found, int(year) if year else None, int(month) if month else None, chosen)


def total(scope: Scope) -> Figure:
    """The figure of a scope."""
    query = select(
        func.coalesce(func.sum(TurnoverTotal.contracts), 0),
        func.coalesce(func.sum(TurnoverTotal.amount), 0),
        func.coalesce(func.sum(TurnoverTotal.technical_amount), 0),
    ).where(*scope.conditions(TurnoverTotal))
    contracts, amount, technical = db.session.execute(query).one()
    return Figure(int(contracts), Decimal(amount), Decimal(technical))


def breakdown(scope: Scope, dimension: str) -> list[tuple[str, Figure]]:
    """The figure by the values of a dimension, the largest first."""
    column = getattr(TurnoverTotal, dimension)
    amount = func.sum(TurnoverTotal.amount)
    query = (
        select(column, func.sum(TurnoverTotal.contracts), amount, func.sum(TurnoverTotal.technical_amount))
        .where(*scope.conditions(TurnoverTotal))
        .group_by(column)
        .having(func.sum(TurnoverTotal.contracts) > 0)
        .order_by(amount.desc())
    )
    return [(row[0], Figure(int(row[1]), Decimal(row[2]), Decimal(row[3]))) for row in db.session.execute(query)]


def by_year(scope: Scope) -> list[tuple[int, Figure]]:
    """The figure by year."""
    return _by_part(scope, "year")


def by_month(scope: Scope) -> list[tuple[int, Figure]]:
    """The figure by month, for a scope of one year."""
    return _by_part(scope, "month")


def _by_part(scope: Scope, part: str) -> list[tuple[int, Figure]]:
    taken = func.extract(part, TurnoverTotal.day)
    contracts, amount = func.sum(TurnoverTotal.contracts), func.sum(TurnoverTotal.amount)
    query = (
        select(taken, contracts, amount, func.sum(TurnoverTotal.technical_amount))
        .where(*scope.conditions(TurnoverTotal))
        .group_by(taken)
        .order_by(taken)
    )
    return [(int(row[0]), Figure(int(row[1]), Decimal(row[2]), Decimal(row[3]))) for row in db.session.execute(query)]


def daily(since: date, until: date) -> dict[date, Decimal]:
    """成交额 by day."""
    query = (
        select(TurnoverTotal.day, func.sum(TurnoverTotal.amount))
        .where(TurnoverTotal.day >= since, TurnoverTotal.day < until)
        .group_by(TurnoverTotal.day)
        .order_by(TurnoverTotal.day)
    )
    return {row[0]: Decimal(row[1]) for row in db.session.execute(query)}


def contracts(scope: Scope) -> Select[CountedContract]:
    """The contracts a figure is made of: counted and not taken off again."""
    off = aliased(CountedContract)
    cancelled = exists().where(
        off.contract_id == CountedContract.contract_id, off.revision == CountedContract.revision, off.sign == -1
    )
    return select(CountedContract).where(CountedContract.sign == 1, ~cancelled, *scope.conditions(CountedContract))
