"""Quartiles, and which sales are compared."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.rules import ENOUGH, Comparable, quantile, range_of, reference

YUAN = st.decimals(min_value=1, max_value=10**9, places=2)


def prices(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("paid", "low", "middle", "high"),
    [
        ((10, 20, 30, 40, 50), 20, 30, 40),
        ((50, 10, 40, 20, 30), 20, 30, 40),
        ((10, 10, 10, 10, 10), 10, 10, 10),
        ((10, 20, 30, 40, 50, 60), "22.5", 35, "47.5"),
    ],
)
def test_a_range_is_the_middle_half(paid: tuple[int, ...], low: object, middle: object, high: object) -> None:
    found = range_of(prices(*paid))

    assert found is not None
    assert (found.low, found.middle, found.high) == (Decimal(str(low)), Decimal(str(middle)), Decimal(str(high)))


def test_four_sales_are_too_few() -> None:
    assert range_of(prices(1, 2, 3, 4)) is None


@given(st.lists(YUAN, min_size=ENOUGH, max_size=50))
def test_a_range_lies_within_what_was_paid(paid: list[Decimal]) -> None:
    found = range_of(paid)

    assert found is not None
    assert min(paid) <= found.low <= found.middle <= found.high <= max(paid)
    assert found.count == len(paid)


def test_a_quantile_is_rounded_to_the_fen() -> None:
    assert quantile(prices(1, 2), Decimal(1) / 3) == Decimal("1.33")


def sales(mode: str, band: str, price: int, count: int = ENOUGH) -> list[Comparable]:
    return [Comparable(mode, band, Decimal(price))] * count


@pytest.mark.parametrize(
    ("known", "price", "basis"),
    [
        (
            sales("open", "early", 1) + sales("open", "ready", 2) + sales("sole", "early", 3),
            1,
            ("field", "mode", "band"),
        ),
        (sales("open", "early", 1, 4) + sales("open", "ready", 2) + sales("sole", "early", 3), 2, ("field", "mode")),
        (sales("open", "early", 1, 4) + sales("sole", "early", 3), 3, ("field", "band")),
        (sales("sole", "ready", 4), 4, ("field",)),
    ],
)
def test_the_closest_sales_that_are_enough_are_compared(
    known: list[Comparable], price: int, basis: tuple[str, ...]
) -> None:
    found = reference(known, "open", "early")

    assert found is not None
    assert (found.middle, found.basis) == (Decimal(price), basis)


def test_without_enough_sales_there_is_no_range() -> None:
    assert reference(sales("open", "early", 1, 4), "open", "early") is None
