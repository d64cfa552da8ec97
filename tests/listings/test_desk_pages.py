"""The working pages, as the editor, the approver, the reviewer, the buyer and strangers meet them."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.roles import OrgRole
from listings import queries, services
from listings.kinds import PriceMode, TransferMode
from listings.models import Listing
from listings.states import ListingState
from marketplace.db import db
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.factories.listings import COMPLETE, Cast, make_buyer, make_listing, patent_number, running_publicity

S = ListingState
FIXTURE = Path(__file__).parent / "data" / "results.csv"


def fresh(listing: Listing) -> Listing:
    db.session.expire_all()
    return db.session.get_one(Listing, listing.id)


def test_an_editor_writes_a_result_step_by_step_and_submits_it(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.editor)
    answer = client.post("/desk/listings/new")
    number = answer.location.split("/")[3]
    steps = f"/desk/listings/{number}/edit"
    words = {name: COMPLETE[name] for name in ("title", "summary", "problem", "current_solution", "applications")}
    figure = {f"advantages-0-{name}": value for name, value in COMPLETE["advantages"][0].items()}
    right = {"kind": "invention", "number": patent_number(1), "title": "方法", "holder": "大学", "status": "granted"}
    right |= {"filed_on": "2020-03-06", "granted_on": "2022-08-09"}

    client.post(
        f"{steps}/result",
        data={
            **words,
            **figure,
            "keywords": "石墨烯，导热膜",
            "field": "materials",
            "region": "230100",
            "trl": "6",
            "phase": "pilot",
        },
    )
    people = {
        "inventors": "王立新\n赵敏",
        "contact_name": "李老师",
        "contact_phone": "0451",
        "security_class": "public",
    }
    client.post(f"{steps}/people", data=people)
    client.post(f"{steps}/rights", data={f"items-0-{name}": value for name, value in right.items()})
    terms = {"transfer_modes": ["assignment"], "price_mode": "fixed", "price": "68"}
    answer = client.post(f"{steps}/terms", data=terms)
    assert (answer.status_code, answer.location) == (303, f"/desk/listings/{number}/files")
    answer = client.post(f"/desk/listings/{number}/submit")

    listing = queries.by_number(number)
    assert listing is not None
    assert listing.state is S.ORG_REVIEW
    assert (listing.price, listing.keywords, listing.inventors) == (
        Decimal("680000.00"),
        ["石墨烯", "导热膜"],
        ["王立新", "赵敏"],
    )
    assert listing.ip_items[0].number == patent_number(1)


def test_typing_is_kept_by_itself_even_where_something_does_not_fit(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.editor)

    answer = client.post(
        f"/desk/listings/{listing.number}/autosave/terms",
        data={"price_mode": "fixed", "price": "很贵", "territory": "全国"},
    )

    assert answer.status_code == 200
    assert "saved_at" in answer.get_json()
    assert (fresh(listing).territory, fresh(listing).price) == ("全国", COMPLETE["price"])


def test_a_step_that_does_not_fit_is_given_back_with_what_was_typed(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.editor)

    answer = client.post(f"/desk/listings/{listing.number}/edit/terms", data={"price_mode": "fixed", "price": "很贵"})

    assert answer.status_code == 422
    assert 'value="很贵"' in answer.text
    assert "不是有效的万元金额" in answer.text


def test_rows_are_added_and_removed_without_script(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.editor)
    row = {
        "advantages-0-metric": "厚度",
        "advantages-0-ours": "40",
        "advantages-1-metric": "成品率",
        "advantages-1-ours": "92",
        "field": "materials",
        "region": "230100",
        "trl": "6",
        "phase": "pilot",
    }
    path = f"/desk/listings/{listing.number}/edit/result"

    answer = client.post(path, data={**row, "title": "膜", "action": "add"})
    assert "rows=3" in answer.location
    assert 'name="advantages-2-metric"' in client.get(answer.location).text
    client.post(path, data={**row, "title": "膜", "action": "remove-0"})

    assert [one["metric"] for one in fresh(listing).advantages] == ["成品率"]


def test_an_inconsistent_right_is_saved_and_said(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.editor)
    wrong = {
        "items-0-kind": "invention",
        "items-0-number": "ZL202010000001.0",
        "items-0-title": "膜",
        "items-0-status": "granted",
    }

    client.post(f"/desk/listings/{listing.number}/edit/rights", data=wrong)
    shown = client.get(f"/desk/listings/{listing.number}/edit/rights").text

    assert "校验码不符" in shown
    assert "ZL202010000001.0" in shown


def test_a_file_is_attached_on_its_step(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.editor)
    path = f"/desk/listings/{listing.number}/files"

    good = {"file": (io.BytesIO(b"%PDF-1.4 x"), "证书.pdf"), "visibility": "public"}
    bad = {"file": (io.BytesIO(b"MZ"), "证书.exe"), "visibility": "public"}
    assert client.post(path, data=good).status_code == 303
    assert client.post(path, data=bad).status_code == 422

    assert "证书.pdf" in client.get(path).text


@pytest.mark.parametrize("path", ["", "/edit/result", "/files", "/buyer", "/amend"])
def test_another_organisations_result_does_not_exist(client: FlaskClient, path: str) -> None:
    listing = make_listing(S.DRAFT)
    other = make_organisation()
    sign_in(client, make_member(other, [OrgRole.SELLER_EDITOR, OrgRole.SELLER_APPROVER]))

    assert client.get(f"/desk/listings/{listing.number}{path}").status_code == 404


def test_a_reader_sees_and_may_not_write(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation)
    sign_in(client, make_member(cast.organisation, OrgRole.SELLER_FINANCE))

    assert client.get(f"/desk/listings/{listing.number}").status_code == 200
    assert client.get(f"/desk/listings/{listing.number}/edit/result").status_code == 403
    assert client.post(f"/desk/listings/{listing.number}/submit").status_code == 403


@pytest.mark.parametrize("state", list(ListingState))
def test_every_state_has_its_manage_page(client: FlaskClient, cast: Cast, state: ListingState) -> None:
    listing = make_listing(state, organisation=cast.organisation, editor=cast.editing)

    for person in (cast.editor, cast.approver):
        sign_in(client, person)
        assert client.get(f"/desk/listings/{listing.number}").status_code == 200


def test_the_list_is_filtered_and_exported(client: FlaskClient, cast: Cast) -> None:
    make_listing(S.DRAFT, organisation=cast.organisation, title="草稿成果")
    make_listing(S.LISTED, organisation=cast.organisation, title="挂牌成果")
    make_listing(S.LISTED, title="别家成果")
    sign_in(client, cast.editor)

    assert "草稿成果" in client.get("/desk/listings").text
    filtered = client.get("/desk/listings?state=listed&format=csv").text
    assert "挂牌成果" in filtered
    assert "草稿成果" not in filtered
    assert "别家成果" not in filtered


def test_the_approver_decides_from_the_queue(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.ORG_REVIEW, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.approver)
    assert listing.title in client.get("/desk/approvals").text
    path = f"/desk/listings/{listing.number}/approve"

    assert client.post(path, data={"action": "return", "comment": ""}).status_code == 422
    assert client.post(path, data={"comment": ""}).status_code == 303

    assert fresh(listing).state is S.EXCHANGE_REVIEW


def test_the_reviewers_queue_is_narrowed_to_a_field_and_exported(client: FlaskClient, cast: Cast) -> None:
    kept, other = (make_listing(S.EXCHANGE_REVIEW, field=field) for field in ("materials", "bio"))
    sign_in(client, cast.reviewer)

    page = client.get("/desk/reviews?field=materials").text

    assert kept.number in page
    assert other.number not in page
    assert kept.number in client.get("/desk/reviews?format=csv").text


def test_the_reviewer_returns_with_reasons_and_the_editor_reads_them(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.reviewer)
    assert listing.title in client.get("/desk/reviews").text
    path = f"/desk/reviews/{listing.number}"
    assert "0451-86410000" in client.get(path).text

    assert client.post(path, data={"action": "return"}).status_code == 422
    assert client.post(path, data={"action": "return", "reason-summary": "请写明对比数据"}).status_code == 303

    sign_in(client, cast.editor)
    assert "请写明对比数据" in client.get(f"/desk/listings/{listing.number}/edit/result").text
    assert "请写明对比数据" not in client.get(f"/desk/listings/{listing.number}/edit/terms").text


def test_the_reviewer_publishes(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.reviewer)

    client.post(f"/desk/reviews/{listing.number}", data={"action": "approve"})

    assert fresh(listing).state is S.LISTED


def test_owners_do_not_open_the_reviewers_pages(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation)
    sign_in(client, cast.approver)

    assert client.get("/desk/reviews").status_code == 403
    assert client.post(f"/desk/reviews/{listing.number}", data={"action": "approve"}).status_code == 403


def test_a_buyer_is_named_found_and_confirms(client: FlaskClient, cast: Cast) -> None:
    company, person = make_buyer("哈尔滨新能源材料公司")
    listing = make_listing(S.LISTED, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, cast.editor)
    path = f"/desk/listings/{listing.number}/buyer"
    assert company.uscc in client.get(f"{path}?find=新能源").text
    form = {"price": "65", "mode": "assignment"}
    assert client.post(path, data={**form, "buyer": "不存在的公司"}).status_code == 422

    assert client.post(path, data={**form, "buyer": company.uscc}).status_code == 303
    sale = queries.sale_of(listing)
    assert sale is not None
    sign_in(client, person, company)
    assert "650,000.00" in client.get(f"/desk/sales/{sale.id}").text
    client.post(f"/desk/sales/{sale.id}/confirm")

    assert fresh(listing).state is S.PUBLICITY
    assert running_publicity(listing).price == Decimal("650000.00")


def test_a_sale_is_shown_to_its_two_sides_alone(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.NEGOTIATING, organisation=cast.organisation)
    sale = queries.sale_of(listing)
    other, stranger = make_buyer()
    assert sale is not None

    sign_in(client, stranger, other)
    assert client.get(f"/desk/sales/{sale.id}").status_code == 404
    sign_in(client, cast.editor)
    assert client.get(f"/desk/sales/{sale.id}").status_code == 200
    assert client.post(f"/desk/sales/{sale.id}/confirm").status_code == 403


def test_a_step_that_needs_a_reason_is_given_back_without_one(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    sign_in(client, cast.editor)
    path = f"/desk/listings/{listing.number}/suspend"

    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "权属核实"}).status_code == 303

    assert fresh(listing).state is S.SUSPENDED


def test_an_approver_amends_the_public_text(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    sign_in(client, cast.approver)
    path = f"/desk/listings/{listing.number}/amend"
    form = {name: COMPLETE[name] for name in ("summary", "problem", "current_solution")}
    assert client.get(path).status_code == 200

    assert client.post(path, data=form).status_code == 422
    assert client.post(path, data={**form, "applications": "新能源车", "reason": "补充"}).status_code == 303

    assert (fresh(listing).applications, fresh(listing).version) == ("新能源车", 2)


def test_questions_and_access_are_answered_on_the_manage_page(client: FlaskClient, cast: Cast) -> None:
    company, person = make_buyer()
    listing = make_listing(S.LISTED, organisation=cast.organisation, editor=cast.editing)
    sign_in(client, person, company)
    client.post(f"/listings/{listing.number}/questions", data={"text": "起订量？"})
    client.post(f"/listings/{listing.number}/access", data={"purpose": "评估工艺", "promised": "y"})
    question, access = queries.questions(listing)[0], queries.accesses(listing)[0]
    assert client.post(f"/desk/questions/{question.id}/answer", data={"answer": "x"}).status_code == 404

    sign_in(client, cast.editor)
    shown = client.get(f"/desk/listings/{listing.number}").text
    assert "起订量？" in shown
    assert "评估工艺" in shown
    assert (
        client.post(f"/desk/questions/{question.id}/answer", data={"answer": "100", "public": "y"}).status_code == 303
    )
    assert client.post(f"/desk/accesses/{access.id}/grant").status_code == 303

    assert [one.answer for one in queries.public_questions(fresh(listing))] == ["100"]


def test_a_file_is_looked_at_first_and_then_taken_in(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.editor)

    answer = client.post("/desk/imports", data={"file": (io.BytesIO(FIXTURE.read_bytes()), "results.csv")})
    preview = client.get(answer.location).text
    assert "没有标题的行不能成为草稿" in preview
    assert db.session.scalars(select(Listing.id)).all() == []
    taken = client.post(answer.location)
    report = client.get(taken.location).text

    assert "石墨烯导热膜卷对卷制备" in client.get("/desk/listings").text
    assert "没有标题的行不能成为草稿" in report
    assert "整行略过" in report
    # What fitted badly leads to the draft that it became.
    damaged = db.session.scalars(select(Listing).where(Listing.title.like("寒地大豆%"))).one()
    assert f'href="/desk/listings/{damaged.number}"' in report
    assert damaged.number in client.get(f"{taken.location}/problems.csv").text
    assert client.get(f"{taken.location}/problems.csv").content_type.startswith("text/csv")
    # Pressed twice: the list of imports, with the report.
    again = client.post(answer.location)
    assert (again.status_code, again.location) == (303, "/desk/imports")
    assert taken.location in client.get(again.location).text


def test_a_sent_file_and_its_report_are_nobody_elses(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.editor)
    answer = client.post("/desk/imports", data={"file": (io.BytesIO(FIXTURE.read_bytes()), "results.csv")})
    report = client.post(answer.location).location
    preview = client.post("/desk/imports", data={"file": (io.BytesIO(FIXTURE.read_bytes()), "results.csv")}).location

    sign_in(client, make_member(make_organisation(), OrgRole.SELLER_EDITOR))
    assert client.get(preview).status_code == 404
    assert client.get(report).status_code == 404


def test_what_is_no_table_is_said_at_the_field(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.editor)

    answer = client.post("/desk/imports", data={"file": (io.BytesIO(b"summary\nx"), "x.csv")})

    assert answer.status_code == 422
    assert "首行须有标题列" in answer.text


def test_the_desks_show_what_waits(client: FlaskClient, cast: Cast) -> None:
    company, person = make_buyer()
    make_listing(S.DRAFT, organisation=cast.organisation, title="我的草稿成果")
    make_listing(S.ORG_REVIEW, organisation=cast.organisation, title="待批的成果")
    make_listing(S.EXCHANGE_REVIEW, title="待审的成果")
    make_listing(S.NEGOTIATING, buyer=company, title="待确认的成果")

    for user, owner, title in (
        (cast.editor, None, "我的草稿成果"),
        (cast.approver, None, "待批的成果"),
        (cast.reviewer, None, "待审的成果"),
        (person, company, "待确认的成果"),
    ):
        sign_in(client, user, owner)
        assert title in client.get("/desk").text


def test_an_objection_is_decided_on_the_publicity_page(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.PUBLICITY)
    objection = services.lodge_objection(cast.editing, running_publicity(listing), "张三", "x", "价格偏低")
    db.session.commit()
    sign_in(client, cast.reviewer)
    path = f"/desk/objections/{objection.id}"

    assert client.post(path, data={"upheld": "no"}).status_code == 422
    assert client.post(path, data={"upheld": "no", "decision": "依据充分"}).status_code == 303

    client.delete_cookie("exchange")
    assert "依据充分" in client.get(f"/publicity/{listing.number}").text


def test_an_agreed_price_is_set_where_the_buyer_is_named(client: FlaskClient, cast: Cast) -> None:
    company, _ = make_buyer()
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    services.propose_sale(cast.editing, listing, company, Decimal("650000.00"), TransferMode.ASSIGNMENT)
    db.session.commit()
    sign_in(client, cast.editor)

    client.post(
        f"/desk/listings/{listing.number}/edit/terms",
        data={"price_mode": "agreed", "price": "1", "transfer_modes": ["assignment"]},
    )

    assert (fresh(listing).price_mode, fresh(listing).price) == (PriceMode.AGREED, Decimal("650000.00"))
