"""The checklist, shares, and how long an agreed price stands in public."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listings import rules
from listings.kinds import IpStatus, PriceMode, SecurityClass
from tests.factories.listings import COMPLETE, make_ip

TODAY = date(2026, 11, 25)


def draft(**values: Any) -> SimpleNamespace:
    empty = {"co_owners": [], "payment_terms": "", "buyer_conditions": "", "registration_no": ""}
    return SimpleNamespace(**{**empty, **COMPLETE, **values})


def missing(one: Any, items: Any = None, *, files: int = 0, sale: bool = False) -> set[str]:
    given_items = [make_ip()] if items is None else items
    points = rules.checklist(one, given_items, files=files, sale=sale, today=TODAY)
    return {point.key for point in rules.missing(points)}


def test_a_complete_draft_misses_nothing() -> None:
    assert missing(draft()) == set()


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"title": "膜"}, "title"),
        ({"summary": "太短"}, "summary"),
        ({"problem": ""}, "problem"),
        ({"current_solution": ""}, "current_solution"),
        ({"advantages": []}, "advantages"),
        ({"advantages": [{"metric": "热导率", "ours": "1650", "conventional": ""}]}, "advantages"),
        ({"field": ""}, "field"),
        ({"region": ""}, "region"),
        ({"trl": None}, "trl"),
        ({"phase": None}, "phase"),
        ({"inventors": []}, "inventors"),
        ({"contact_name": ""}, "contact"),
        ({"contact_phone": "", "contact_email": ""}, "contact"),
        ({"security_class": None}, "security_class"),
        ({"security_class": SecurityClass.INTERNAL}, "security_class"),
        ({"security_class": SecurityClass.SECRET}, "security_class"),
        ({"transfer_modes": []}, "transfer_modes"),
        ({"licence_term": ""}, "licence_term"),
        ({"price_mode": None}, "price_mode"),
        ({"price": None}, "price"),
        ({"price_mode": PriceMode.AUCTION, "price": None}, "price"),
        ({"price_mode": PriceMode.AGREED}, "sale"),
        ({"co_owners": [{"name": "某公司", "share": "100"}]}, "co_owners"),
    ],
)
def test_each_needed_point_is_missed(changed: dict[str, Any], key: str) -> None:
    assert missing(draft(**changed)) == {key}


@pytest.mark.parametrize(
    "changed",
    [
        {"contact_phone": ""},
        {"contact_email": ""},
        {"transfer_modes": ["assignment"], "licence_term": ""},
        {"price_mode": PriceMode.NEGOTIABLE, "price": None},
        {"keywords": [], "applications": "", "funding_source": ""},
    ],
)
def test_what_is_not_needed_is_not_missed(changed: dict[str, Any]) -> None:
    assert missing(draft(**changed)) == set()


def test_rights_must_be_there_alive_and_consistent() -> None:
    assert missing(draft(), []) == {"ip", "ip_checked"}
    assert missing(draft(), [make_ip(status=IpStatus.LAPSED)]) == {"ip"}
    assert missing(draft(), [make_ip(holder="")]) == {"ip_checked"}


def test_an_agreed_price_is_complete_with_its_buyer() -> None:
    assert missing(draft(price_mode=PriceMode.AGREED, price=None), sale=True) == set()


def test_completeness_grows_to_a_hundred() -> None:
    whole = rules.checklist(draft(buyer_conditions="无"), [make_ip()], files=1, sale=False, today=TODAY)
    part = rules.checklist(draft(title="", trl=None), [], files=0, sale=False, today=TODAY)

    assert rules.completeness(whole) == 100
    assert 0 < rules.completeness(part) < 80


@pytest.mark.parametrize(
    ("rows", "fits"),
    [
        ([], True),
        ([{"name": "甲", "share": "30"}], True),
        ([{"name": "甲", "share": "49.5%"}, {"name": "乙", "share": "50"}], True),
        ([{"name": "甲", "share": "50"}, {"name": "乙", "share": "50"}], False),
        ([{"name": "甲", "share": "0"}], False),
        ([{"name": "甲", "share": ""}], False),
        ([{"name": "甲", "share": "一半"}], False),
        ([{"name": "甲", "share": "NaN"}], False),
    ],
)
def test_shares_of_co_owners_leave_something_to_the_owner(rows: list[dict[str, str]], fits: bool) -> None:
    assert (rules.co_owner_problem(rows) is None) is fits


def weekday(day: date) -> bool:
    return day.weekday() < 5


D = date
NO_PAUSE: list[tuple[date, date | None]] = []


@pytest.mark.parametrize(
    ("announced", "paused", "last"),
    [
        # Wednesday 2026-11-04: the day itself does not count, fifteen days later is Thursday the 19th.
        (D(2026, 11, 4), NO_PAUSE, D(2026, 11, 19)),
        # Saturday the 21st rolls to Monday the 23rd.
        (D(2026, 11, 6), NO_PAUSE, D(2026, 11, 23)),
        # An objection lodged and rejected on one day costs that day.
        (D(2026, 11, 4), [(D(2026, 11, 10), D(2026, 11, 10))], D(2026, 11, 20)),
        # Three days, both ends included.
        (D(2026, 11, 4), [(D(2026, 11, 10), D(2026, 11, 12))], D(2026, 11, 23)),
        # Two objections that overlap cost each day once.
        (D(2026, 11, 4), [(D(2026, 11, 10), D(2026, 11, 11)), (D(2026, 11, 11), D(2026, 11, 11))], D(2026, 11, 23)),
        # On the day of the announcement, which does not count anyway.
        (D(2026, 11, 4), [(D(2026, 11, 4), D(2026, 11, 4))], D(2026, 11, 19)),
        # While one is open there is no last day.
        (D(2026, 11, 4), [(D(2026, 11, 10), None)], None),
    ],
)
def test_the_last_day_of_a_publicity(
    announced: date, paused: list[tuple[date, date | None]], last: date | None
) -> None:
    assert rules.last_day(announced, 15, paused, weekday) == last


@given(st.dates(D(2024, 1, 1), D(2026, 12, 1)), st.lists(st.integers(1, 20), max_size=4))
def test_at_least_fifteen_free_days_pass_and_the_last_is_a_working_day(announced: date, offsets: list[int]) -> None:
    paused = [(announced + timedelta(days=one), announced + timedelta(days=one)) for one in offsets]

    last = rules.last_day(announced, 15, paused, weekday)

    assert last is not None
    free = {announced + timedelta(days=one) for one in range(1, (last - announced).days + 1)} - {
        day for day, _ in paused
    }
    assert len(free) >= 15
    assert weekday(last)
    assert last not in {day for day, _ in paused}
