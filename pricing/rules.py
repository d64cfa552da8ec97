"""From prices that were paid to a range: the middle half of them, if there are enough. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marketplace.money import round_yuan

#: With fewer sales a range would say more about chance, and about single buyers, than about the market.
ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Range:
    """The quartiles of comparable prices, how many there were, and what they had in common."""

    low: Decimal
    middle: Decimal
    high: Decimal
    count: int
    #: `field`, and as far as there were enough sales also `mode` and `band`.
    basis: tuple[str, ...] = ()


def quantile(ordered: Sequence[Decimal], share: Decimal) -> Decimal:
    """The value below which this share lies, between two neighbours in proportion."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return round_yuan(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


def range_of(prices: Sequence[Decimal], basis: tuple[str, ...] = ()) -> Range | None:
    """The range of these prices, or None if there are too few."""
    if len(prices) < ENOUGH:
        return None
    ordered = sorted(prices)
    low, middle, high = (quantile(ordered, Decimal(share) / 4) for share in (1, 2, 3))
    return Range(low, middle, high, len(ordered), basis)


@dataclass(frozen=True, slots=True)
class Comparable:
    """What a sale is compared by."""

    transfer_mode: str
    band: str
    price: Decimal


def reference(sales: Sequence[Comparable], mode: str = "", band: str = "") -> Range | None:
    """The range of the closest sales of a field: those alike in mode and maturity, else in mode, else in maturity, else all."""
    tries: list[tuple[tuple[str, ...], list[Decimal]]] = []
    if mode and band:
        alike = [one.price for one in sales if one.transfer_mode == mode and one.band == band]
        tries.append((("field", "mode", "band"), alike))
    if mode:
        tries.append((("field", "mode"), [one.price for one in sales if one.transfer_mode == mode]))
    if band:
        tries.append((("field", "band"), [one.price for one in sales if one.band == band]))
    tries.append((("field",), [one.price for one in sales]))
    return next((found for basis, prices in tries if (found := range_of(prices, basis))), None)
