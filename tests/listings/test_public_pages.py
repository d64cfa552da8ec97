"""What everybody sees of results, and what nobody but owner and exchange does."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from listings import services
from listings.models import Listing
from listings.states import PUBLIC, ListingState
from marketplace.db import db
from tests.factories.accounts import actor_for, sign_in
from tests.factories.listings import Cast, make_buyer, make_listing

S = ListingState
SECRETS = ("李老师", "0451-86410000", "office@example.cn")


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_the_catalogue_shows_cards_filters_and_counts(client: FlaskClient) -> None:
    make_listing(title="高导热石墨烯复合膜", field="materials")
    make_listing(title="寒地大豆播种机", field="agri_machinery")

    shown = page(client, "/listings?field=materials")

    assert "高导热石墨烯复合膜" in shown
    assert "寒地大豆播种机" not in shown
    assert "68.00 万元" in shown
    assert "field=agri_machinery" in shown


def test_the_catalogue_says_when_nothing_fits(client: FlaskClient) -> None:
    make_listing()

    assert "没有符合条件的结果" in page(client, "/listings?q=不存在的词")


@pytest.mark.parametrize(("form", "kind"), [("csv", "text/csv"), ("xlsx", "spreadsheetml")])
def test_an_export_holds_what_is_filtered(client: FlaskClient, form: str, kind: str) -> None:
    make_listing(title="高导热石墨烯复合膜", field="materials")
    make_listing(title="寒地大豆播种机", field="energy")

    answer = client.get(f"/listings?field=materials&format={form}")

    assert kind in answer.content_type
    assert form == "xlsx" or ("高导热石墨烯复合膜" in answer.text and "寒地大豆播种机" not in answer.text)
    assert form == "xlsx" or not any(secret in answer.text for secret in SECRETS)


@pytest.mark.parametrize("state", sorted(PUBLIC))
def test_a_public_result_has_its_page(client: FlaskClient, state: ListingState) -> None:
    listing = make_listing(state)

    shown = page(client, f"/listings/{listing.number}")

    assert "面内热导率" in shown
    assert "+37.5%" in shown
    assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize("state", [S.DRAFT, S.ORG_REVIEW, S.EXCHANGE_REVIEW, S.CORRECTION, S.REJECTED])
def test_what_is_not_public_does_not_exist_for_others(client: FlaskClient, state: ListingState) -> None:
    listing = make_listing(state)

    for path in ("", "/versions", "/code.svg"):
        page(client, f"/listings/{listing.number}{path}", 404)


def test_a_withdrawn_result_says_so_and_shows_none_of_its_text(client: FlaskClient) -> None:
    listing = make_listing(S.WITHDRAWN)

    shown = page(client, f"/listings/{listing.number}")

    assert "该成果已撤牌" in shown
    assert "改为自行实施" in shown
    assert listing.title not in shown
    assert "noindex" in shown


def test_a_withdrawn_draft_was_never_there(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation)
    services.withdraw(cast.editing, listing, "作废")
    db.session.commit()

    page(client, f"/listings/{listing.number}", 404)


def test_owner_and_reviewer_see_the_preview_and_the_contact(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation)

    for person in (cast.editor, cast.reviewer):
        sign_in(client, person)
        shown = page(client, f"/listings/{listing.number}")
        assert "成果尚未公开" in shown
        assert "0451-86410000" in shown


def test_the_structured_data_is_json_and_says_no_more_than_the_page(client: FlaskClient) -> None:
    listing = make_listing(title="</script><b>膜</b>制备")

    shown = page(client, f"/listings/{listing.number}")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', shown, re.DOTALL)

    assert found is not None
    body = json.loads(found[1])
    assert body["name"] == listing.title
    assert body["offers"]["price"] == "680000.00"
    assert "<b>膜</b>" not in shown


def test_versions_show_what_changed(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(organisation=cast.organisation)
    services.amend(cast.approving, listing, {"applications": "动力电池散热。"}, "补充应用领域")
    db.session.commit()

    shown = page(client, f"/listings/{listing.number}/versions")

    assert "补充应用领域" in shown
    assert "<ins>动力电池散热。</ins>" in shown
    assert not any(secret in shown for secret in SECRETS)


def test_a_visitor_is_led_to_sign_in_and_a_buyer_asks(client: FlaskClient) -> None:
    listing = make_listing()
    company, person = make_buyer()
    assert client.post(f"/listings/{listing.number}/questions", data={"text": "？"}).status_code == 303

    sign_in(client, person, company)
    answer = client.post(f"/listings/{listing.number}/questions", data={"text": "起订量是多少？"})

    assert answer.status_code == 303
    assert "起订量是多少？" in page(client, f"/listings/{listing.number}")
    client.delete_cookie("exchange")
    assert "起订量是多少？" not in page(client, f"/listings/{listing.number}")


def test_a_public_answer_does_not_name_the_asker(client: FlaskClient, cast: Cast) -> None:
    listing = make_listing(organisation=cast.organisation)
    company, person = make_buyer("提问公司")
    question = services.ask_question(actor_for(person, company), listing, "起订量是多少？")
    services.answer_question(cast.editing, question, "100 平方米。", public=True)
    db.session.commit()

    shown = page(client, f"/listings/{listing.number}")

    assert "100 平方米。" in shown
    assert "提问公司" not in shown
    assert person.name not in shown


@pytest.fixture
def announced(app: object) -> Listing:
    """A result whose agreed price stands in public."""
    company, _ = make_buyer("哈尔滨受让公司")
    return make_listing(S.PUBLICITY, buyer=company)


def test_the_board_of_publicity_names_result_price_and_buyer(client: FlaskClient, announced: Listing) -> None:
    for path in ("/publicity", f"/publicity/{announced.number}", f"/listings/{announced.number}"):
        shown = page(client, path)
        assert "哈尔滨受让公司" in shown
        assert announced.title in shown
    assert "当前没有公示" not in page(client, "/publicity")
    assert "还没有结束的公示" in page(client, "/publicity?show=ended")


def test_anybody_objects_and_stays_unnamed(client: FlaskClient, announced: Listing, cast: Cast) -> None:
    form = {"name": "张三", "contact": "13900000000", "text": "价格明显偏低"}

    answer = client.post(f"/publicity/{announced.number}/objections", data=form)

    assert answer.status_code == 303
    for path in ("/publicity", f"/publicity/{announced.number}", f"/listings/{announced.number}"):
        shown = page(client, path)
        assert not any(secret in shown for secret in form.values())
    sign_in(client, cast.reviewer)
    assert "价格明显偏低" in page(client, f"/publicity/{announced.number}")


def test_an_objection_without_contact_is_given_back(client: FlaskClient, announced: Listing) -> None:
    answer = client.post(f"/publicity/{announced.number}/objections", data={"name": "张三", "text": "价格偏低"})

    assert answer.status_code == 422
    assert "价格偏低" in answer.text


def test_objections_from_one_address_are_limited(client: FlaskClient, announced: Listing) -> None:
    form = {"name": "张三", "contact": "x", "text": "反复提出"}

    codes = [client.post(f"/publicity/{announced.number}/objections", data=form).status_code for _ in range(6)]

    assert codes == [303] * 5 + [429]


def test_a_result_without_publicity_has_no_such_page(client: FlaskClient) -> None:
    page(client, f"/publicity/{make_listing().number}", 404)


def test_the_api_gives_public_results_alone(client: FlaskClient) -> None:
    shown, hidden = make_listing(), make_listing(S.DRAFT)

    listed = client.get("/api/v1/listings").get_json()
    one = client.get(f"/api/v1/listings/{shown.number}")

    assert [item["number"] for item in listed["items"]] == [shown.number]
    assert one.get_json()["price"] == "680000.00"
    assert one.get_json()["advantages"][0]["metric"] == "面内热导率"
    assert not any(secret in one.text for secret in SECRETS)
    assert client.get(f"/api/v1/listings/{hidden.number}").status_code == 404


def test_the_api_filters_and_pages(client: FlaskClient) -> None:
    first, second = make_listing(field="bio"), make_listing(field="bio")
    make_listing(field="energy")

    page_one = client.get("/api/v1/listings?field=bio&limit=1").get_json()
    page_two = client.get(f"/api/v1/listings?field=bio&limit=1&cursor={page_one['next']}").get_json()

    assert [page_one["items"][0]["number"], page_two["items"][0]["number"]] == [second.number, first.number]
    assert page_two["next"] is None
    assert client.get("/api/v1/listings?field=unknown").status_code == 422


def test_the_front_page_shows_what_is_new(client: FlaskClient) -> None:
    listing = make_listing()

    assert f'href="/listings/{listing.number}"' in page(client, "/")
