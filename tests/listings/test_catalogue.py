"""Finding results: Chinese without spaces, numbers exactly, counts that tell the truth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from accounts.roles import OrganisationKind
from listings import catalogue
from listings.states import ListingState
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_ip, make_listing, patent_number

S = ListingState


def find(**args: str | list[str]) -> catalogue.Page:
    return catalogue.page(catalogue.read(MultiDict(args)))


def titles(**args: str | list[str]) -> list[str]:
    return [listing.title for listing in find(**args).listings]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("石墨烯", True),
        ("墨烯复合", True),
        ("烯", True),
        ("膜制备", True),
        ("石墨 散热", True),
        ("墨石", False),
        ("烯石", False),
        ("高导膜", False),
        ("王立新", True),
        ("测试材料大学", True),
        ("GRAPHENE film", True),
        ("graph", True),
        ("raphene", False),
    ],
)
def test_words_are_found_where_their_characters_stand_together(app: object, q: str, found: bool) -> None:
    owner = make_organisation(name="测试材料大学")
    make_listing(
        organisation=owner, title="高导热石墨烯复合膜制备", summary="Graphene film，" + "连续涂布得到导热薄膜。" * 6
    )

    assert bool(titles(q=q)) is found


def test_a_patent_number_is_found_exactly_in_any_spelling_and_stands_first(app: object) -> None:
    number = patent_number(4711)
    make_listing(title="先来的成果", summary=f"对比专利 {number.removeprefix('ZL')[:12]} 的方案，" + "说明" * 30)
    make_listing(title="持有的成果", items=[make_ip(number=number)])

    for spelling in (number, number.removeprefix("ZL"), f"zl {number[2:6]} {number[6:]}"):
        assert titles(q=spelling)[0] == "持有的成果"


def test_a_number_of_ours_is_found(app: object) -> None:
    listing = make_listing()
    make_listing()

    assert [one.number for one in find(q=listing.number.lower()).listings] == [listing.number]


def test_a_hit_in_the_title_comes_before_one_in_the_text(app: object) -> None:
    make_listing(title="石墨烯膜片", keywords=[])
    make_listing(
        title="金属散热片", keywords=[], summary="可配合石墨烯膜使用，" + "铝合金压铸成型。" * 8, applications=""
    )

    assert titles(q="石墨烯膜") == ["石墨烯膜片", "金属散热片"]


def test_contact_and_drafts_are_not_found(app: object) -> None:
    make_listing(contact_name="钱保密")
    make_listing(S.EXCHANGE_REVIEW, title="尚未公开的成果")

    assert titles(q="钱保密") == []
    assert titles(q="尚未公开") == []


def test_signs_alone_find_nothing_and_break_nothing(app: object) -> None:
    make_listing()

    assert titles(q="' | & !:* \\") == []


def test_the_board_holds_what_can_still_be_bought(app: object) -> None:
    for state in ListingState:
        make_listing(state, title=state.value)

    assert set(titles()) == {"listed", "publicity", "bidding", "negotiating"}
    assert set(titles(state="sold")) == {"deal_pending", "contracted", "settled", "closed"}
    assert titles(state="suspended") == ["suspended"]
    assert find().counts["state"] == {
        "listed": 1,
        "publicity": 1,
        "bidding": 1,
        "negotiating": 1,
        "sold": 4,
        "suspended": 1,
    }


def test_values_of_one_filter_are_alternatives_and_filters_narrow_together(app: object) -> None:
    make_listing(title="成果之甲", field="bio", region="230200")
    make_listing(title="成果之乙", field="energy", region="230200")
    make_listing(title="成果之丙", field="energy", region="230600")

    assert set(titles(field=["bio", "energy"])) == {"成果之甲", "成果之乙", "成果之丙"}
    assert titles(field="energy", region="230600") == ["成果之丙"]


def test_each_count_is_what_choosing_it_would_show(app: object) -> None:
    university = make_organisation(OrganisationKind.UNIVERSITY)
    company = make_organisation(OrganisationKind.COMPANY)
    make_listing(organisation=university, field="bio", trl=2, transfer_modes=["assignment", "open"])
    make_listing(organisation=company, field="bio", trl=8, transfer_modes=["assignment"])
    make_listing(
        organisation=company, field="energy", trl=8, transfer_modes=["open"], price_mode="negotiable", price=None
    )

    page = find(field="bio")

    assert page.total == 2
    assert page.counts["field"] == {"bio": 2, "energy": 1}
    assert page.counts["band"] == {"early": 1, "ready": 1}
    assert page.counts["kind"] == {"university": 1, "company": 1}
    assert page.counts["mode"] == {"assignment": 2, "open": 1}
    assert page.counts["price"] == {"fixed": 2}


def test_every_order_is_kept_over_the_pages(app: object) -> None:
    for price in (3, 1, 2):
        make_listing(title=f"价格为{price}", price=Decimal(price), trl=price + 3)

    assert titles() == ["价格为2", "价格为1", "价格为3"]
    assert titles(sort="price") == ["价格为1", "价格为2", "价格为3"]
    assert titles(sort="-price") == ["价格为3", "价格为2", "价格为1"]
    assert titles(sort="-trl") == ["价格为3", "价格为2", "价格为1"]


def test_pages_are_counted(app: object) -> None:
    owner = make_organisation()
    for _ in range(21):
        make_listing(organisation=owner)

    first, second = find(organisation=str(owner.id)), find(page="2")

    assert (len(first.listings), len(second.listings), first.total) == (20, 1, 21)
    assert (first.pagination.pages, second.pagination.first, second.pagination.last) == (2, 21, 21)


@pytest.mark.parametrize(
    "args",
    [{"field": "unknown"}, {"page": "-1"}, {"page": "99999999999"}, {"size": "7"}, {"sort": "drop"}, {"q": "\0"}],
)
def test_a_mistyped_address_still_opens(app: object, args: dict[str, str]) -> None:
    make_listing()

    assert find(**args).total == 1


def test_a_page_takes_the_same_few_statements_however_long(app: object, queries: list[str]) -> None:
    for _ in range(5):
        make_listing()
    queries.clear()

    find()

    assert len(queries) == 3
