"""Files as people make them: what becomes of each row, and that the same file twice changes nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from listings import columns, reading, services
from listings.kinds import IpStatus, PriceMode, SecurityClass
from listings.models import Listing
from listings.states import ListingState
from marketplace import audit
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.permissions import SYSTEM
from tests.factories.accounts import make_organisation
from tests.factories.listings import Cast, patent_number

FIXTURE = Path(__file__).parent / "data" / "results.csv"


def rows_of(text: str, name: str = "x.csv") -> reading.Reading:
    return reading.read(text.encode(), name)


def one(**cells: str) -> reading.Row:
    out = io.StringIO()
    csv.writer(out).writerows([["标题", *cells], ["膜", *cells.values()]])
    return rows_of(out.getvalue()).rows[0]


def take(owner: Any, data: bytes, name: str = "results.csv") -> Any:
    return services.import_rows(SYSTEM, owner, reading.read(data, name), name=name, data=data)


def test_the_fixture_comes_in_with_a_report_of_every_problem(app: object) -> None:
    owner = make_organisation(contact_name="李老师")

    report = take(owner, FIXTURE.read_bytes())

    assert (report.rows, report.created, report.unchanged, report.failed) == (6, 4, 1, 1)
    assert [(p["row"], p["column"], p["blocks"]) for p in report.problems] == [
        (3, "关键词", False),
        (4, "标题", False),
        (5, "标题", True),
        (6, "", False),
    ]
    first = db.session.scalars(select(Listing).order_by(Listing.id)).first()
    assert first is not None
    assert (first.state, first.contact_name) == (ListingState.DRAFT, "李老师")
    assert first.summary.startswith('以"可控还原"的氧化石墨烯为原料,\n连续涂布')
    assert first.keywords == ["石墨烯", "导热膜", "散热"]
    assert audit.trail(first)[0].action == "listing.import"


def test_untidy_text_is_made_plain(app: object) -> None:
    rows = reading.read(FIXTURE.read_bytes(), "results.csv").rows

    assert rows[1].values["title"].startswith("HPLC法")
    assert len(rows[1].values["keywords"]) == 5
    assert rows[2].values["title"] == "寒地大豆精量播种控制系统"
    assert rows[2].values["summary"] == "垄距 1.1 m，播种合格率 97%。 制表符零宽"
    assert rows[5].values["title"] == "=1+1公式样的标题"


def test_what_was_lost_or_changed_on_the_way_is_said(app: object) -> None:
    row = one(摘要="二氮杂\ue000FDA8\ue002，用量 3 g/m~2", 关键词="甲;乙;丙;丁;戊;己;庚")

    assert row.values["summary"] == "二氮杂FDA8，用量 3 g/m²"
    assert [(p.column, p.value) for p in row.problems] == [
        ("关键词", "己；庚"),
        ("摘要", "二氮杂□FDA8□，用量 3 "),
        ("摘要", ""),
    ]


def test_the_same_file_twice_changes_nothing(app: object) -> None:
    owner, data = make_organisation(), FIXTURE.read_bytes()
    take(owner, data)

    again = take(owner, data, "又一次.csv")

    assert (again.created, again.unchanged, again.failed) == (0, 5, 1)
    assert db.session.scalar(select(func.count(Listing.id))) == 4


def test_the_same_row_of_another_organisation_is_another_result(app: object) -> None:
    data = FIXTURE.read_bytes()
    take(make_organisation(), data)

    assert take(make_organisation(), data).created == 4


def test_a_changed_row_is_a_new_draft(app: object) -> None:
    owner = make_organisation()
    take(owner, "标题,摘要\n膜,旧".encode())

    assert take(owner, "标题,摘要\n膜,新".encode()).created == 1


def test_order_of_columns_spelling_and_width_of_text_do_not_make_a_row_new(app: object) -> None:
    owner = make_organisation()
    take(owner, "标题,摘要\nABC 膜,说明".encode())

    assert take(owner, "摘要,成果名称\n说明 ,ＡＢＣ　膜".encode()).unchanged == 1


def test_numbers_of_imported_drafts_run_on(cast: Cast) -> None:
    before = services.create_draft(cast.editing, cast.organisation)
    take(cast.organisation, FIXTURE.read_bytes())
    after = services.create_draft(cast.editing, cast.organisation)

    assert int(after.number[-6:]) - int(before.number[-6:]) == 5


def test_only_the_owners_editors_import(cast: Cast) -> None:
    taken = reading.read(FIXTURE.read_bytes(), "results.csv")

    for actor in (cast.approving, cast.reviewing):
        with pytest.raises(Forbidden):
            services.import_rows(actor, cast.organisation, taken, name="x", data=b"")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    taken = reading.read("标题,摘要\n石墨烯膜,高导热".encode(encoding), "x.csv")

    assert taken.rows[0].values == {"title": "石墨烯膜", "summary": "高导热"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_usual_separator_is_read(separator: str) -> None:
    assert rows_of(f"标题{separator}摘要\n膜{separator}好").rows[0].values["summary"] == "好"


def test_a_spreadsheet_is_read_with_its_types(app: object) -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["成果名称", "成熟度", "价格（万元）", "定价方式", "未知列"])
    sheet.append(["膜", 6, 68.5, "一口价", "x"])
    book.save(out)

    taken = reading.read(out.getvalue(), "x.xlsx")

    assert taken.unknown == ["未知列"]
    row = taken.rows[0].values
    assert (row["trl"], str(row["price"]), row["price_mode"]) == (6, "685000.00", PriceMode.FIXED)


def test_the_template_names_every_column_and_no_row() -> None:
    taken = reading.read(columns.template(), "t.xlsx")

    assert (taken.rows, taken.unknown) == ([], [])


@pytest.mark.parametrize(
    ("head", "cell", "name", "value"),
    [
        ("领域", "新材料", "field", "materials"),
        ("领域", "materials", "field", "materials"),
        ("地区", "哈尔滨", "region", "230100"),
        ("TRL", "TRL 6", "trl", 6),
        ("成熟度", "7级", "trl", 7),
        ("密级", "公开", "security_class", SecurityClass.PUBLIC),
        ("转让方式", "转让；独占许可", "transfer_modes", ["assignment", "exclusive"]),
        ("发明人", "王立新、赵敏", "inventors", ["王立新", "赵敏"]),
    ],
)
def test_values_are_known_by_code_and_by_word(app: object, head: str, cell: str, name: str, value: Any) -> None:
    assert one(**{head: cell}).values[name] == value


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("领域", "炼金术"),
        ("地区", "月球"),
        ("TRL", "10"),
        ("价格", "很贵"),
        ("价格", "-5"),
        ("转让方式", "赠送"),
        ("申请日", "去年"),
    ],
)
def test_a_value_that_is_not_known_is_left_out_and_said(app: object, head: str, cell: str) -> None:
    row = one(**{head: cell, "专利名称": "膜"})

    assert [(p.column, p.value, p.blocks) for p in row.problems] == [(head, cell, False)]


def test_a_patent_comes_in_with_its_check(app: object) -> None:
    number = patent_number(77)
    right = one(专利号=number, 专利权人="测试大学", 申请日="2020-03-06", 授权日="2022.8.9").right
    wrong = one(专利号=number[:-1] + ("1" if number[-1] != "1" else "2"))

    assert right is not None
    assert (right.number, right.status, right.title) == (number, IpStatus.GRANTED, "膜")
    assert [p.column for p in wrong.problems] == ["专利号"]


def test_text_of_any_length_is_cut_where_it_must_be(app: object) -> None:
    row = rows_of(f"标题,摘要\n{'长' * 500},{'文' * 30_000}").rows[0]

    assert (len(row.values["title"]), len(row.values["summary"])) == (200, 20_000)
    assert [p.column for p in row.problems] == ["标题", "摘要"]


@pytest.mark.parametrize("data", [b"", b"\n\n", "摘要\n没有标题列".encode()])
def test_a_file_without_titles_is_refused(app: object, data: bytes) -> None:
    with pytest.raises(Invalid):
        reading.read(data, "x.csv")


def test_what_is_no_spreadsheet_is_refused(app: object) -> None:
    with pytest.raises(Invalid):
        reading.read(b"PK\x03\x04 nothing", "x.xlsx")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        taken = reading.read("标题,摘要\n".encode() + data, "x.csv")
    except Invalid:
        return
    assert all(row.blocked or row.values["title"] for row in taken.rows)
