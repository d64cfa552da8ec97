"""How money and moments read, in both languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from marketplace import ui_format

NOW = datetime(2026, 11, 25, 6, 0, 0, 412000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    app = Flask("format")
    Babel(app, default_locale="zh_CN")
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("3865000", "386.50 万元"),
        ("162340000000", "1,623.40 亿元"),
        ("9999.99", "9,999.99 元"),
        ("10000", "1.00 万元"),
        ("12345.67", "12,345.67 元"),
        ("3865049", "386.5049 万元"),
        ("0", "0.00 元"),
        ("-3865000", "-386.50 万元"),
    ],
)
def test_chinese_amounts_use_the_unit_people_say(amount: str, shown: str) -> None:
    assert ui_format.yuan(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("3865000", "CNY 3.865 million"), ("162340000000", "CNY 162.34 billion"), ("12345.67", "CNY 12,345.67")],
)
def test_english_amounts_use_millions(amount: str, shown: str) -> None:
    with force_locale("en"):
        assert ui_format.yuan(Decimal(amount)) == shown


def test_a_missing_amount_is_a_dash() -> None:
    assert ui_format.yuan(None) == ui_format.yuan_exact(None) == ui_format.wan(None) == "—"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("28043050", "2,800 万元"),
        ("100672000", "1.01 亿元"),
        ("7551550", "755 万元"),
        ("4321", "4,320 元"),
        ("0", "0 元"),
    ],
)
def test_an_estimate_has_three_digits(amount: str, shown: str) -> None:
    assert ui_format.yuan_rough(Decimal(amount)) == shown


def test_a_round_sum_has_no_noughts_after_the_point() -> None:
    assert ui_format.yuan_short(Decimal(200_000_000_000)) == "2,000 亿元"
    assert ui_format.yuan_short(Decimal(38_655_000)) == "3,865.5 万元"


def test_a_small_english_amount_is_one_figure() -> None:
    with force_locale("en"):
        assert ui_format.yuan_parts(Decimal(4321)) == ("CNY 4,321.00", "")
        assert ui_format.yuan_short(Decimal(4321)) == "CNY 4,321"


def test_a_large_figure_is_taken_apart_into_number_and_unit() -> None:
    assert ui_format.yuan_parts(Decimal(3_865_000)) == ("386.50", "万元")


def test_a_moment_is_shown_on_beijings_clock() -> None:
    assert ui_format.moment(NOW, zone=False) == "2026-11-25 14:00"
    assert ui_format.clock_time(NOW, millis=True) == "14:00:00.412"


def test_the_day_of_a_late_moment_is_beijings_day() -> None:
    assert ui_format.day(datetime(2026, 11, 25, 17, 0, tzinfo=UTC)) == "2026-11-26"
    assert ui_format.day(date(2026, 11, 25)) == "2026-11-25"


def test_relative_time_says_its_direction() -> None:
    assert ui_format.relative(NOW + timedelta(days=3), NOW) == "3天后"
    assert ui_format.relative(NOW - timedelta(hours=2), NOW) == "2小时前"


@pytest.mark.parametrize(("size", "shown"), [(512, "512 B"), (1536, "1.5 KB"), (20 * 1024**2, "20.0 MB")])
def test_file_sizes(size: int, shown: str) -> None:
    assert ui_format.filesize(size) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [("0.812", "81.2%"), ("0", "0.0%"), ("1", "100.0%"), ("1.0146", "101.5%")],
)
def test_a_share_is_a_percentage(share: str, shown: str) -> None:
    assert ui_format.percent(Decimal(share)) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [("0.9998", "99.98%"), ("0.99999", ">99.99%"), ("0.0003", "0.03%"), ("0.000001", "<0.01%")],
)
def test_a_part_never_reads_as_all_or_nothing(share: str, shown: str) -> None:
    assert ui_format.percent(Decimal(share)) == shown
