"""Reads of observed prices: the range for a result, and the ranges of a field."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from marketplace.db import db

from .models import ObservedPrice
from .rules import Comparable, Range, range_of, reference

#: The latest sales of a field; older ones tell of another market.
LATEST = 500


def comparables(field: str) -> list[Comparable]:
    """The latest sales of a field that count."""
    query = (
        select(ObservedPrice.transfer_mode, ObservedPrice.band, ObservedPrice.price)
        .where(ObservedPrice.field == field, ObservedPrice.void.is_(False))
        .order_by(ObservedPrice.observed_at.desc())
        .limit(LATEST)
    )
    return [Comparable(*row) for row in db.session.execute(query)]


def reference_range(field: str, transfer_mode: str = "", band: str = "") -> Range | None:
    """What comparable results brought: the middle half of at least five sales, or None."""
    return reference(comparables(field), transfer_mode, band) if field else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a field's page: what the sales have in common, how many, and their range if enough."""

    transfer_mode: str
    count: int
    range: Range | None


def by_mode(sales: list[Comparable]) -> list[Line]:
    """The sales of a field by way of transfer, the most frequent first."""
    modes = {one.transfer_mode for one in sales}
    prices = {mode: [one.price for one in sales if one.transfer_mode == mode] for mode in modes}
    lines = [Line(mode, len(paid), range_of(paid, ("field", "mode"))) for mode, paid in prices.items()]
    return sorted(lines, key=lambda line: (-line.count, line.transfer_mode))
