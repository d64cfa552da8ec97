"""Charts say the same in their drawing, their sentence and their table."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask_babel import Babel

from marketplace import charts

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    app = Flask("charts")
    Babel(app, default_locale="en")
    with app.test_request_context("/"):
        yield


def steps(**extra: object) -> charts.Figure:
    points = [(START + timedelta(hours=i), Decimal(280 + 10 * i)) for i in range(5)]
    return charts.step_chart(points, title="Price", unit="10k", sentence="It rose.", **extra)  # type: ignore[arg-type]


def drawings(figure: charts.Figure) -> list[ET.Element]:
    return list(ET.fromstring(f"<both>{figure.svg}</both>"))


def test_each_chart_is_drawn_wide_and_narrow() -> None:
    assert [one.get("class") for one in drawings(steps())] == ["chart-wide", "chart-narrow"]


def test_the_drawing_speaks_its_title_and_sentence() -> None:
    assert all(one.get("aria-label") == "Price. It rose." for one in drawings(steps()))


def test_the_table_holds_every_bid_on_beijings_clock() -> None:
    figure = steps()

    assert len(figure.rows) == 5
    assert figure.rows[0] == ("2026-11-20 14:00:00", "280")


def test_a_price_never_falls_on_paper_when_it_rises() -> None:
    path = re.search(r'class="line" d="([^"]+)"', str(steps().svg))

    assert path is not None
    heights = [float(y) for y in re.findall(r"V([\d.]+)", path[1])]
    assert len(heights) == 4
    assert heights == sorted(heights, reverse=True)


def test_one_bid_is_enough() -> None:
    figure = charts.step_chart([(START, Decimal(280))], title="Price", unit="10k", sentence="One bid.")

    assert len(drawings(figure)) == 2


def test_extended_bidding_gets_more_room_than_its_minutes() -> None:
    plain = charts.Axis(0, 100, 0, 1000)
    bent = charts.Axis(0, 100, 0, 1000, bend=(98, 0.6))

    assert plain.at(98) == 980
    assert bent.at(98) == 600
    assert bent.at(100) == 1000


def test_words_from_people_are_escaped() -> None:
    figure = charts.bar_chart([("<b>Harbin</b>", Decimal(1), None)], title="T", unit="u", sentence="s")

    assert "<b>" not in figure.svg


def test_a_bar_drills_down_where_it_has_an_address() -> None:
    figure = charts.bar_chart([("Harbin", Decimal(8), "/c?city=1")], title="T", unit="u", sentence="s")

    assert 'href="/c?city=1"' in figure.svg


def test_the_target_chart_keeps_the_forecast_apart_in_its_table() -> None:
    figure = charts.target_chart(
        [(date(2026, 1, 1), Decimal(0)), (date(2026, 6, 1), Decimal(900))],
        target=Decimal(2000),
        forecast=[(date(2026, 12, 31), Decimal(1900), Decimal(2000), Decimal(2100))],
        title="T",
        unit="u",
        sentence="s",
    )

    assert figure.rows[1] == ("2026-06-01", "900", "")
    assert figure.rows[2] == ("2026-12-31", "2,000", "1,900 – 2,100")
    assert 'class="band"' in figure.svg


@pytest.mark.parametrize(("low", "high"), [(0, 0), (280, 386.5), (0, 2130), (0.1, 0.3), (1e9, 1.2e9)])
def test_ticks_cover_the_range_in_round_steps(low: float, high: float) -> None:
    values = charts.ticks(low, high)

    assert values[0] <= low
    assert values[-1] >= high
    assert len(values) <= 9
