"""The clock of an agreed price: it runs, stands still, starts again, and ends once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from listings import queries, services
from listings.deal_states import ObjectionState, PublicityState, SaleState
from listings.errors import BuyerHasNotConfirmed, NoPublicity, ObjectionOpen, ReasonNeeded
from listings.kinds import TransferMode
from listings.models import Listing, Objection, Publicity
from listings.services import publicity as runs
from listings.states import ListingState
from marketplace import clock, holidays
from marketplace.db import db
from marketplace.errors import Forbidden
from marketplace.outbox import StoredFact, load
from marketplace.permissions import ANONYMOUS, SYSTEM
from tests.factories.accounts import actor_for
from tests.factories.listings import Cast, make_buyer, make_listing

S = ListingState
Shift = Callable[..., None]


@pytest.fixture
def announced(cast: Cast) -> Listing:
    company, _ = make_buyer("哈尔滨受让公司")
    return make_listing(S.PUBLICITY, organisation=cast.organisation, buyer=company)


def run_of(listing: Listing) -> Publicity:
    return queries.publicities(listing)[0]


def object_to(listing: Listing) -> Objection:
    return services.lodge_objection(ANONYMOUS, run_of(listing), "张三", "13900000000", "价格明显偏低")


def let_pass(shift: Shift, listing: Listing, days: int = 40) -> None:
    shift(
        "UPDATE listing_publicities SET announced_on = announced_on - %s, last_day = last_day - %s WHERE listing_id = %s",
        days,
        days,
        listing.id,
    )


def test_it_announces_name_price_and_buyer_for_fifteen_days(announced: Listing) -> None:
    run = run_of(announced)

    assert (run.title, run.price, run.buyer_name) == (announced.title, announced.price, "哈尔滨受让公司")
    assert run.last_day is not None
    assert (run.last_day - run.announced_on).days >= 15
    assert holidays.is_working_day(run.last_day)
    assert announced.public_at is not None
    assert announced.listed_at is None


def test_it_does_not_end_before_its_last_day_is_over(announced: Listing, shift: Shift) -> None:
    today = clock.today()
    shift("UPDATE listing_publicities SET last_day = %s WHERE listing_id = %s", today, announced.id)

    assert services.end_due() == 0
    assert not services.pass_publicity(SYSTEM, run_of(announced))
    assert db.session.get_one(Listing, announced.id).state is S.PUBLICITY


def test_after_its_last_day_the_sale_is_agreed_once(announced: Listing, shift: Shift) -> None:
    let_pass(shift, announced)

    assert services.end_due() == 1
    assert services.end_due() == 0

    listing = db.session.get_one(Listing, announced.id)
    assert listing.state is S.DEAL_PENDING
    assert listing.deal_source == f"listing:{listing.number}:{queries.sale_of(listing).id}"
    assert [step.action for step in queries.steps(listing)][:2] == ["agree", "publish"]
    assert queries.sale_of(listing).state is SaleState.AGREED
    stored = list(db.session.scalars(select(StoredFact).where(StoredFact.name == "ListingSaleAgreed")))
    assert [load(one).price for one in stored] == [announced.price]


def test_anybody_may_object_and_the_clock_stands_still(announced: Listing, shift: Shift) -> None:
    object_to(announced)
    let_pass(shift, announced)

    run = run_of(announced)
    assert run.paused
    assert services.end_due() == 0
    with pytest.raises(ObjectionOpen):
        services.pass_publicity(SYSTEM, run)


def test_a_rejected_objection_lets_the_clock_go_on_without_its_days(announced: Listing, cast: Cast) -> None:
    before = run_of(announced).last_day
    objection = object_to(announced)
    db.session.commit()

    services.decide_objection(cast.reviewing, objection, False, "价格依据充分")

    after = run_of(announced).last_day
    assert objection.state is ObjectionState.REJECTED
    assert before is not None
    assert after is not None
    # It was lodged and decided on the day of the announcement, which does not count.
    assert after == before


def test_days_of_an_objection_are_added(announced: Listing, cast: Cast, shift: Shift) -> None:
    objection = object_to(announced)
    shift("UPDATE listing_publicities SET announced_on = announced_on - 5")
    shift("UPDATE listing_objections SET created_at = created_at - interval '3 days'")

    services.decide_objection(cast.reviewing, queries.get_objection(objection.id), False, "价格依据充分")

    run = run_of(announced)
    assert run.last_day is not None
    assert (run.last_day - run.announced_on).days >= 15 + 4


def test_an_upheld_objection_ends_it(announced: Listing, cast: Cast) -> None:
    objection = object_to(announced)

    services.decide_objection(cast.reviewing, objection, True, "应当评估后重新定价")

    assert announced.state is S.CORRECTION
    assert run_of(announced).state is PublicityState.STOPPED
    assert queries.sale_of(announced) is None


def test_a_decision_has_its_reason_and_is_taken_once(announced: Listing, cast: Cast) -> None:
    objection = object_to(announced)

    with pytest.raises(ReasonNeeded):
        services.decide_objection(cast.reviewing, objection, False, " ")
    services.decide_objection(cast.reviewing, objection, False, "理由")
    with pytest.raises(NoPublicity):
        services.decide_objection(cast.reviewing, objection, True, "改主意")


def test_the_owner_and_the_objector_do_not_decide(announced: Listing, cast: Cast) -> None:
    own = services.lodge_objection(cast.reviewing, run_of(announced), "审核员", "x", "我也有异议")

    for actor in (cast.editing, cast.approving, cast.reviewing):
        with pytest.raises(Forbidden):
            services.decide_objection(actor, own, False, "理由")


def test_two_objections_both_must_be_decided(announced: Listing, cast: Cast) -> None:
    first, second = object_to(announced), object_to(announced)

    services.decide_objection(cast.reviewing, first, False, "理由一")
    assert run_of(announced).paused
    services.decide_objection(cast.reviewing, second, False, "理由二")
    assert not run_of(announced).paused


def test_nobody_objects_after_the_last_day(announced: Listing, shift: Shift) -> None:
    let_pass(shift, announced)

    with pytest.raises(NoPublicity):
        object_to(announced)


def test_another_price_starts_the_clock_again_and_waits_for_the_buyer(
    announced: Listing, cast: Cast, shift: Shift
) -> None:
    shift("UPDATE listing_publicities SET announced_on = announced_on - 10, last_day = last_day - 10")
    buyer = queries.sale_of(announced).buyer

    services.propose_sale(cast.editing, announced, buyer, Decimal("700000.00"), TransferMode.ASSIGNMENT)

    new, old = queries.publicities(announced)
    assert (old.state, new.state) == (PublicityState.RESTARTED, PublicityState.RUNNING)
    assert new.announced_on == clock.today()
    assert new.price == Decimal("700000.00")
    assert announced.state is S.PUBLICITY
    let_pass(shift, announced)
    with pytest.raises(BuyerHasNotConfirmed):
        services.pass_publicity(SYSTEM, run_of(announced))


def test_another_name_starts_the_clock_again(announced: Listing, cast: Cast, shift: Shift) -> None:
    shift("UPDATE listing_publicities SET announced_on = announced_on - 10, last_day = last_day - 10")

    services.amend(cast.approving, announced, {"title": "高导热石墨烯膜"}, "名称更正")

    assert len(queries.publicities(announced)) == 2
    assert run_of(announced).title == "高导热石墨烯膜"


def test_another_text_does_not_start_the_clock_again(announced: Listing, cast: Cast) -> None:
    services.amend(cast.approving, announced, {"applications": "电池散热"}, "补充")

    assert len(queries.publicities(announced)) == 1


def test_terms_do_not_change_while_an_objection_is_open(announced: Listing, cast: Cast) -> None:
    object_to(announced)

    with pytest.raises(ObjectionOpen):
        services.amend(cast.approving, announced, {"title": "新名称"}, "名称更正")


def test_a_withdrawal_ends_it(announced: Listing, cast: Cast) -> None:
    services.withdraw(cast.editing, announced, "改为自行实施")

    assert announced.state is S.WITHDRAWN
    assert run_of(announced).state is PublicityState.STOPPED
    assert queries.sale_of(announced) is None


def test_one_that_cannot_end_does_not_stop_the_others(announced: Listing, cast: Cast, shift: Shift) -> None:
    company, person = make_buyer()
    waiting = make_listing(S.PUBLICITY, buyer=company)
    sale = services.propose_sale(SYSTEM, waiting, company, Decimal("1.00"), TransferMode.ASSIGNMENT).id
    let_pass(shift, announced)
    let_pass(shift, waiting)
    buyer = actor_for(person, company)

    assert services.end_due() == 1

    services.confirm_sale(buyer, queries.get_sale(sale))
    db.session.commit()
    assert services.end_due() == 1


def test_a_year_without_holidays_is_refused_with_a_sentence(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    company, _ = make_buyer()
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation, buyer=company)
    monkeypatch.setattr(runs.clock, "today", lambda: date(2030, 6, 3))

    with pytest.raises(holidays.MissingYear):
        services.approve(cast.reviewing, listing)
