"""Patent numbers, dates, terms and classes: tables that a patent clerk could read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listings import ip_rules
from listings.kinds import IpKind, IpStatus
from listings.values import IpValues
from tests.factories.listings import make_ip

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("200310102344.5", True),
        ("ZL200310102344.5", True),
        ("ZL 2003 1 0102344.5", True),
        ("ＺＬ２００３１０１０２３４４．５", True),
        ("zl2003101023445", True),
        ("CN200310102344.5", True),
        ("200310102344.6", False),
        ("20031010234.5", False),
        ("ZL98112345.6", False),
        ("", False),
    ],
)
def test_a_patent_number_is_known_by_its_check_character(typed: str, fits: bool) -> None:
    assert ip_rules.is_patent_number(typed) is fits


@given(st.text("0123456789", min_size=12, max_size=12))
def test_one_wrong_digit_is_always_found(twelve: str) -> None:
    number = twelve + ip_rules.check_character(twelve)
    wrong = str((int(twelve[7]) + 1) % 10)

    assert ip_rules.is_patent_number(number)
    assert not ip_rules.is_patent_number(number[:7] + wrong + number[8:])


@given(st.text("0123456789", min_size=12, max_size=12))
def test_every_spelling_of_a_number_has_one_key(twelve: str) -> None:
    check = ip_rules.check_character(twelve)
    spellings = [f"ZL{twelve}.{check}", f"zl {twelve[:4]} {twelve[4:]} . {check.lower()}", f"{twelve}{check}"]

    assert len({ip_rules.number_key(spelling) for spelling in spellings}) == 1


def test_a_granted_number_carries_zl_and_an_application_does_not() -> None:
    assert ip_rules.clean_patent_number("2003 1 0102344 5", granted=True) == "ZL200310102344.5"
    assert ip_rules.clean_patent_number("ZL200310102344.5", granted=False) == "200310102344.5"


def test_what_is_no_number_is_left_as_it_was_typed() -> None:
    assert ip_rules.clean_patent_number(" 审查中 ", granted=True) == "审查中"


@pytest.mark.parametrize(
    ("kind", "filed", "last"),
    [
        (IpKind.INVENTION, date(2020, 3, 6), date(2040, 3, 6)),
        (IpKind.UTILITY, date(2020, 3, 6), date(2030, 3, 6)),
        (IpKind.DESIGN, date(2021, 5, 31), date(2031, 5, 31)),
        (IpKind.DESIGN, date(2021, 6, 1), date(2036, 6, 1)),
        (IpKind.UTILITY, date(2024, 2, 29), date(2034, 3, 1)),
        (IpKind.SOFTWARE, date(2020, 3, 6), None),
        (IpKind.INVENTION, None, None),
    ],
)
def test_the_term_is_counted_from_the_filing(kind: IpKind, filed: date | None, last: date | None) -> None:
    assert ip_rules.expires_on(kind, filed) == last


def test_a_complete_patent_has_no_problem() -> None:
    assert ip_rules.problems(make_ip(), TODAY) == {}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"holder": ""}, "holder"),
        ({"number": ""}, "number"),
        ({"number": "ZL202010000001.0"}, "number"),
        ({"number": "ZL12345"}, "number"),
        ({"kind": IpKind.UTILITY}, "number"),
        ({"filed_on": None}, "filed_on"),
        ({"filed_on": date(2019, 3, 6)}, "filed_on"),
        ({"granted_on": None}, "granted_on"),
        ({"granted_on": date(2020, 3, 5)}, "granted_on"),
        ({"granted_on": date(2026, 11, 26)}, "granted_on"),
        ({"fee_paid_to": date(2020, 3, 5)}, "fee_paid_to"),
        ({"status": IpStatus.PENDING}, "status"),
        ({"ipc": "石墨烯"}, "ipc"),
        ({"ipc": "C01B32/184x"}, "ipc"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(changed: dict[str, Any], field: str) -> None:
    item = make_ip(**{"number": f"ZL202010000001.{ip_rules.check_character('202010000001')}", **changed})

    assert field in ip_rules.problems(item, TODAY)


def test_a_right_whose_term_is_over_must_be_called_lapsed() -> None:
    twelve = "200410000001"
    number = f"ZL{twelve}.{ip_rules.check_character(twelve)}"
    item = make_ip(number=number, filed_on=date(2004, 3, 6), granted_on=date(2006, 1, 1))

    assert "status" in ip_rules.problems(item, TODAY)
    assert "status" not in ip_rules.problems(make_ip(**{**_values(item), "status": IpStatus.LAPSED}), TODAY)


def _values(item: IpValues) -> dict[str, Any]:
    return {name: getattr(item, name) for name in IpValues.__slots__}


def test_know_how_needs_neither_number_nor_dates() -> None:
    item = IpValues(IpKind.SECRET, title="工艺参数", holder="测试大学", status=IpStatus.PENDING)

    assert ip_rules.problems(item, TODAY) == {}


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [("h01l21/02", "H01L 21/02"), (" C01B  32/184 ", "C01B 32/184"), ("Ａ６１Ｋ９/００", "A61K 9/00")],
)
def test_an_ipc_class_is_brought_into_its_form(typed: str, cleaned: str) -> None:
    assert ip_rules.clean_ipc(typed) == cleaned


@pytest.mark.parametrize(
    "typed", ["2020-03-06", "2020/3/6", "2020.3.6", "2020年3月6日", "20200306", " ２０２０-０３-０６ "]
)
def test_a_day_is_read_in_every_usual_spelling(typed: str) -> None:
    assert ip_rules.parse_day(typed) == date(2020, 3, 6)


@pytest.mark.parametrize("typed", ["2020-13-01", "2021-02-29", "06.03.2020", "2020", "明年"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library words it, or we do
        ip_rules.parse_day(typed)
