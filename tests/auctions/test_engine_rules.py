"""Terms that no auction could be run under are refused when they are announced, not when they are bid on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from auctions.engine import InvalidRules
from tests.auctions.engine_terms import START, at, terms

STEP = Decimal(100)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"opening": Decimal(0)}, "opening", "too_low"),
        ({"opening": Decimal("1.005")}, "opening", "not_whole_fen"),
        ({"opening": Decimal("NaN")}, "opening", "out_of_range"),
        ({"opening": Decimal("1e14")}, "opening", "out_of_range"),
        ({"reserve": Decimal(2_799_999)}, "reserve", "too_low"),
        ({"increments": ()}, "increments", "missing"),
        ({"increments": ((Decimal(0), Decimal(0)),)}, "increments", "too_low"),
        ({"increments": ((Decimal(0), STEP), (Decimal(0), STEP))}, "increments", "not_ascending"),
        ({"increments": ((Decimal(3_000_000), STEP),)}, "increments", "none_at_opening"),
        ({"free_ends_at": at(-1)}, "free_ends_at", "before_opening"),
        ({"free_ends_at": START, "extension_s": 0}, "free_ends_at", "no_time_to_bid"),
        ({"opens_at": datetime(2026, 11, 25)}, "opens_at", "no_zone"),  # noqa: DTZ001 - the point of the case
        ({"extension_s": -1}, "extension_s", "negative"),
        ({"first_cycle_s": -1}, "first_cycle_s", "negative"),
        ({"min_bidders": 0}, "min_bidders", "too_low"),
        ({"format": "barter"}, "format", "unknown"),
    ],
)
def test_terms_that_cannot_be_run_name_the_field_and_the_reason(changes, field, code):
    with pytest.raises(InvalidRules) as caught:
        terms(**changes)

    assert (caught.value.field, caught.value.code) == (field, code)


def test_amounts_are_kept_with_two_places():
    rules = terms(opening=Decimal("2.8e6"), increments=((Decimal(0), Decimal(5)),))

    assert str(rules.opening) == "2800000.00"
    assert str(rules.increments[0][1]) == "5.00"


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, 3600 + 240),  # one timed cycle after the free period
        ({"first_cycle_s": 600}, 3600 + 600),  # a longer first cycle
        ({"first_cycle_s": 0}, 3600),  # no timed period of its own
        ({"extension_s": 0}, 3600),  # a fixed end
    ],
)
def test_the_announced_end(changes, ends):
    assert terms(**changes).ends_at == at(ends)
