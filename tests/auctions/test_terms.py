"""Terms that the exchange takes, and those it does not: figures that a business person can read. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from auctions import terms
from auctions.forms import wan_text
from marketplace.clock import BEIJING

NOW = datetime(2026, 11, 25, 10, tzinfo=BEIJING)
GOOD = terms.Terms(
    opening=Decimal("2800000.00"),
    bands=((Decimal(0), Decimal("25000.00")),),
    deposit=Decimal("400000.00"),
    registration_ends_at=datetime(2026, 12, 5, 17, tzinfo=BEIJING),
    starts_at=datetime(2026, 12, 7, 9, tzinfo=BEIJING),
    free_ends_at=datetime(2026, 12, 9, 15, tzinfo=BEIJING),
)


def test_good_terms_are_taken():
    assert terms.problems(GOOD, NOW) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opening": Decimal(0)}, "opening"),
        ({"deposit": Decimal("139999.99")}, "deposit"),
        ({"deposit": Decimal("840000.01")}, "deposit"),
        ({"bands": ()}, "bands"),
        ({"bands": ((Decimal(0), Decimal(0)),)}, "bands"),
        ({"bands": ((Decimal(0), Decimal("560000.01")),)}, "bands"),
        ({"bands": ((Decimal(0), Decimal(1)), (Decimal(0), Decimal(2)))}, "bands"),
        ({"bands": ((Decimal(3000000), Decimal(1)),)}, "bands"),
        ({"reserve": Decimal("2799999.99")}, "reserve"),
        ({"min_bidders": 0}, "min_bidders"),
        ({"min_bidders": 6}, "min_bidders"),
        ({"cycle_s": 100}, "cycle_s"),
        ({"registration_ends_at": NOW + timedelta(days=5, seconds=-1)}, "registration_ends_at"),
        ({"starts_at": GOOD.registration_ends_at + timedelta(hours=11)}, "starts_at"),
        ({"free_ends_at": GOOD.starts_at + timedelta(minutes=59)}, "free_ends_at"),
        ({"free_ends_at": GOOD.starts_at + timedelta(days=31)}, "free_ends_at"),
        ({"free_ends_at": GOOD.free_ends_at.replace(hour=19)}, "free_ends_at"),
    ],
)
def test_other_terms_are_refused_at_their_field(change, field):
    assert list(terms.problems(replace(GOOD, **change), NOW)) == [field]


@pytest.mark.parametrize("deposit", ["140000.00", "840000.00"])
def test_the_ends_of_the_deposits_range_are_inside(deposit):
    assert terms.problems(replace(GOOD, deposit=Decimal(deposit)), NOW) == {}


def test_without_a_now_no_lead_time_is_asked_for():
    soon = replace(GOOD, registration_ends_at=NOW, starts_at=NOW + timedelta(days=1))

    assert terms.problems(replace(soon, free_ends_at=NOW + timedelta(days=2)), None) == {}


@pytest.mark.parametrize("price", ["100000.00", "2800000.00", "999.00"])
def test_what_the_form_proposes_would_be_taken(price):
    proposed = terms.proposal(Decimal(price), NOW)
    asked = terms.Terms(
        opening=proposed["opening"],
        bands=((Decimal(0), proposed["step"]),),
        **{
            name: proposed[name] for name in ("deposit", "registration_ends_at", "starts_at", "free_ends_at", "cycle_s")
        },
    )

    assert terms.problems(asked, NOW) == {}


@pytest.mark.parametrize(("amount", "typed"), [("2800000.00", "280"), ("12500.00", "1.25"), ("0.01", "0.000001")])
def test_amounts_are_shown_as_they_are_typed(amount, typed):
    assert wan_text(Decimal(amount)) == typed
