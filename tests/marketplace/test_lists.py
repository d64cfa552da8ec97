"""Lists: what the address asks for, and exports that hold exactly what is filtered."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text

from marketplace import export, tables
from marketplace.db import db
from marketplace.errors import NotFound
from marketplace.numbers import Counter

TABLE = tables.Table(
    "counters",
    columns=[
        tables.Column("Series", "series", sort=Counter.series),
        tables.Column("Value", "value", sort=Counter.value, num=True),
        tables.Column("Double", "double", value=lambda row: row.value * 2, export_only=True),
    ],
    tie=Counter.series,
    search=[Counter.series],
    filters=[
        tables.Filter(
            "size_of",
            "Size",
            [("big", "Big"), ("small", "Small")],
            lambda value: Counter.value >= 20 if value == "big" else Counter.value < 20,
        )
    ],
    default_sort="-value",
)


@pytest.fixture(autouse=True)
def rows(app):
    fill = (
        "INSERT INTO counters (series, value) SELECT 'S' || lpad(n::text, 2, '0'), n / 2 FROM generate_series(1, 60) n"
    )
    db.session.execute(text(fill))
    db.session.execute(text("INSERT INTO counters VALUES ('100%_sure', 1), ('=cmd()', 1)"))


def page(app, query: str = "") -> tables.TablePage:
    with app.test_request_context(f"/list?{query}"):
        found = TABLE.page(select(Counter))
        assert found.pagination is not None
        return found


def series(found: tables.TablePage) -> list[str]:
    return [row.series for row in found.rows]


def test_a_bare_address_gives_the_first_page_in_the_default_order(app):
    found = page(app)

    assert series(found)[:3] == ["S60", "S59", "S58"]
    assert (len(found.rows), found.total, found.sort) == (20, 62, "-value")


def test_pages_in_an_order_with_ties_hold_every_row_once(app):
    seen = [name for number in range(1, 5) for name in series(page(app, f"sort=value&page={number}"))]

    assert len(seen) == len(set(seen)) == 62


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("q=S0", 9),
        ("q=s0 1", 1),
        ("q=100%25_", 1),
        ("q=%25", 1),
        ("q=_", 1),
        ("q=\\", 0),
        ("size_of=big", 21),
        ("size_of=big&q=S60", 1),
        ("size_of=nonsense", 62),
    ],
)
def test_the_filter_finds_what_it_says(app, query, total):
    assert page(app, query).total == total


@pytest.mark.parametrize(
    ("query", "expected"),
    [("sort=nonsense", "-value"), ("sort=-series", "-series"), ("sort=-double", "-value"), ("sort=", "-value")],
)
def test_only_declared_orders_are_followed(app, query, expected):
    assert page(app, query).sort == expected


@pytest.mark.parametrize(
    ("query", "count"),
    [("size=50", 50), ("size=1000000", 20), ("size=-1", 20), ("size=²", 20), ("page=99", 0), ("page=x", 20)],
)
def test_only_offered_sizes_are_followed(app, query, count):
    assert len(page(app, query).rows) == count


def test_an_export_holds_exactly_what_is_filtered(app):
    with app.test_request_context("/list?q=S0&sort=series&page=2&size=20&format=csv"):
        response = TABLE.page(select(Counter)).exported()
        assert response is not None
        lines = response.get_data(as_text=True).splitlines()

    assert lines[0] == "\ufeffSeries,Value,Double"
    assert lines[1] == "S01,0,0"
    assert len(lines) == 10


def test_no_format_no_export(app):
    with app.test_request_context("/list"):
        assert TABLE.page(select(Counter)).exported() is None


def test_an_unknown_format_is_not_found(app):
    with app.test_request_context("/list?format=exe"), pytest.raises(NotFound):
        TABLE.page(select(Counter)).exported()


COLUMNS = [("Name", "name"), ("Amount", "amount"), ("At", "at")]
ROW = {"name": "=HYPERLINK(1)", "amount": Decimal("3865000.10"), "at": datetime(2026, 11, 25, 6, 0, tzinfo=UTC)}


def test_csv_is_exact_and_runs_nothing(app):
    with app.test_request_context():
        body = export.table_response("csv", "清单", COLUMNS, [ROW]).get_data(as_text=True)

    assert body.splitlines()[1] == "'=HYPERLINK(1),3865000.10,2026-11-25 14:00:00"


def test_xlsx_has_real_numbers_and_moments_and_runs_nothing(app):
    with app.test_request_context():
        response = export.table_response("xlsx", "清单", COLUMNS, [ROW])
        response.direct_passthrough = False
        sheet = load_workbook(io.BytesIO(response.get_data())).active
        response.close()

    cells = next(sheet.iter_rows(min_row=2, values_only=True))
    assert cells == ("'=HYPERLINK(1)", 3865000.1, datetime(2026, 11, 25, 14, 0))  # noqa: DTZ001 - a cell knows no zone


def test_a_chinese_name_reaches_the_browser(app):
    with app.test_request_context():
        header = export.table_response("csv", "成果清单", COLUMNS, []).headers["Content-Disposition"]

    assert "filename*=UTF-8''%E6%88%90%E6%9E%9C%E6%B8%85%E5%8D%95.csv" in header
