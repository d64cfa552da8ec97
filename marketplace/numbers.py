"""Readable public numbers: `CG2026-000123` results, `PM…` auctions, `HT…` contracts."""

from __future__ import annotations

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from .clock import today
from .db import Base, db


class Counter(Base):
    """The last number given in a series. Locked last in a transaction, so that no number is lost."""

    __tablename__ = "counters"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


def next_in_series(series: str, count: int = 1) -> int:
    """The next value of a series (the last of `count`), without gaps: an aborted transaction gives it back.

    The counter's row stays locked until the transaction ends, so call this last.
    """
    statement = text(
        "INSERT INTO counters (series, value) VALUES (:series, :count)"
        " ON CONFLICT (series) DO UPDATE SET value = counters.value + :count RETURNING value"
    )
    return int(db.session.execute(statement, {"series": series, "count": count}).scalar_one())


def next_number(prefix: str, year: int | None = None) -> str:
    """The next public number of this kind in the year (Beijing's, unless given): `CG2026-000123`."""
    year = year if year is not None else today().year
    return f"{prefix}{year}-{next_in_series(f'{prefix}{year}'):06d}"


def reserve_numbers(prefix: str, count: int, year: int | None = None) -> list[str]:
    """The next `count` public numbers of this kind, in order, with one look at the counter."""
    if not count:
        return []
    year = year if year is not None else today().year
    last = next_in_series(f"{prefix}{year}", count)
    return [f"{prefix}{year}-{value:06d}" for value in range(last - count + 1, last + 1)]
