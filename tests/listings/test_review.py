"""Four eyes twice, and what each decision leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from listings import queries, services
from listings.errors import BuyerHasNotConfirmed, Incomplete, ReasonNeeded
from listings.kinds import PriceMode, TransferMode
from listings.models import Listing
from listings.states import ListingState
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.notices import Notice
from marketplace.outbox import StoredFact
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, sign_in
from tests.factories.listings import Cast, make_buyer, make_listing

S = ListingState


def facts() -> list[str]:
    return list(db.session.scalars(select(StoredFact.name).order_by(StoredFact.id)))


def events_of(user_id: int) -> set[str]:
    return set(db.session.scalars(select(Notice.event).where(Notice.user_id == user_id)))


def test_a_result_goes_through_both_reviews_onto_the_board(cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)

    services.submit(cast.editing, listing)
    services.org_approve(cast.approving, listing)
    services.approve(cast.reviewing, listing, "材料齐全")

    assert (listing.state, listing.version) == (S.LISTED, 1)
    assert listing.listed_at == listing.public_at is not None
    assert facts() == ["ListingListed"]
    assert [step.action for step in queries.steps(listing)] == ["publish", "org_approve", "submit"]
    assert "listings.to_approve" in events_of(cast.approver.id)
    assert "listings.to_review" in events_of(cast.reviewer.id)
    assert "listings.listed" in events_of(cast.editor.id)


def test_an_incomplete_draft_is_not_submitted(cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing, problem="")

    with pytest.raises(Incomplete):
        services.submit(cast.editing, listing)
    assert listing.state is S.DRAFT


def test_an_unverified_organisation_does_not_submit(cast: Cast) -> None:
    owner = make_organisation(verified=False)
    editor = actor_for(make_member(owner, OrgRole.SELLER_EDITOR), owner)
    listing = make_listing(S.DRAFT, organisation=owner, editor=editor)

    with pytest.raises(Forbidden):
        services.submit(editor, listing)


def test_whoever_wrote_it_does_not_approve_it(cast: Cast) -> None:
    both = make_member(cast.organisation, [OrgRole.SELLER_EDITOR, OrgRole.SELLER_APPROVER])
    actor = actor_for(both, cast.organisation)
    listing = make_listing(S.ORG_REVIEW, organisation=cast.organisation, editor=actor)

    with pytest.raises(Forbidden):
        services.org_approve(actor, listing)
    services.org_approve(cast.approving, listing)
    assert listing.state is S.EXCHANGE_REVIEW


def test_an_approver_of_another_organisation_does_not_decide(cast: Cast) -> None:
    listing = make_listing(S.ORG_REVIEW, organisation=cast.organisation)
    other = make_organisation()
    stranger = actor_for(make_member(other, OrgRole.SELLER_APPROVER), other)

    for actor in (stranger, cast.editing, cast.reviewing):
        with pytest.raises(Forbidden):
            services.org_approve(actor, listing)


def test_a_reviewer_does_not_review_results_of_their_own_organisation(cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation)
    inside = replace(cast.reviewing, organisation_id=cast.organisation.id)

    with pytest.raises(Forbidden):
        services.approve(inside, listing)
    with pytest.raises(Forbidden):
        services.approve(cast.approving, listing)


def test_the_approver_returns_with_a_comment(cast: Cast) -> None:
    listing = make_listing(S.ORG_REVIEW, organisation=cast.organisation, editor=cast.editing)

    with pytest.raises(ReasonNeeded):
        services.org_return(cast.approving, listing, " ")
    services.org_return(cast.approving, listing, "价格偏低")

    assert listing.state is S.DRAFT
    assert queries.last_return(listing).comment == "价格偏低"


def test_the_exchange_returns_with_a_reason_per_field(cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation, editor=cast.editing)

    services.return_for_correction(cast.reviewing, listing, {"summary": "请写明对比", "title": "  "})

    assert listing.state is S.CORRECTION
    assert queries.last_return(listing).reasons == {"summary": "请写明对比"}
    assert "listings.returned" in events_of(cast.editor.id)


def test_a_return_says_something(cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation)

    with pytest.raises(Invalid):
        services.return_for_correction(cast.reviewing, listing, {"summary": " "})
    with pytest.raises(Invalid):
        services.return_for_correction(cast.reviewing, listing, {"editors": "不可审"})


def test_a_corrected_result_goes_to_the_approver_again(cast: Cast) -> None:
    listing = make_listing(S.CORRECTION, organisation=cast.organisation, editor=cast.editing)

    services.save_draft(cast.editing, listing, {"summary": listing.summary + "已补充对比数据。"})
    services.submit(cast.editing, listing)

    assert listing.state is S.ORG_REVIEW


def test_a_refusal_has_its_reason_and_is_final(cast: Cast) -> None:
    listing = make_listing(S.EXCHANGE_REVIEW, organisation=cast.organisation, editor=cast.editing)

    with pytest.raises(ReasonNeeded):
        services.reject(cast.reviewing, listing, "")
    services.reject(cast.reviewing, listing, "不属于科技成果")

    assert listing.state is S.REJECTED
    with pytest.raises(Forbidden):
        services.save_draft(cast.editing, listing, {"title": "再试"})


def test_an_agreed_price_is_not_announced_before_the_buyer_confirmed(cast: Cast) -> None:
    company, _ = make_buyer()
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    services.propose_sale(cast.editing, listing, company, listing.price, TransferMode.ASSIGNMENT)
    services.submit(cast.editing, listing)
    services.org_approve(cast.approving, listing)

    assert listing.price_mode is PriceMode.AGREED
    with pytest.raises(BuyerHasNotConfirmed):
        services.approve(cast.reviewing, listing)


def test_a_reviewer_suspends_by_the_page_and_the_owner_cannot_put_it_back(client: FlaskClient) -> None:
    owner = make_organisation()
    editor = make_member(owner, OrgRole.SELLER_EDITOR)
    listing = make_listing(S.LISTED, organisation=owner, editor=actor_for(editor, owner))
    reviewer = make_staff(StaffRole.REVIEWER)
    sign_in(client, reviewer)
    here = f"/desk/reviews/{listing.number}"
    assert here in client.get(f"/listings/{listing.number}").text
    wordless = client.post(f"{here}/suspend", data={"reason": ""}).status_code
    assert (wordless, client.post(f"{here}/suspend", data={"reason": "权属存疑"}).status_code) == (422, 303)

    sign_in(client, editor, owner)
    own = client.post(f"/desk/listings/{listing.number}/resume", data={"reason": "已说明"}).status_code
    sign_in(client, reviewer)
    back = client.post(f"{here}/resume", data={"reason": "已核实"}).status_code

    assert (own, back) == (403, 303)
    db.session.expire_all()
    assert db.session.get_one(Listing, listing.id).state is S.LISTED
