"""On the board: amended with versions, suspended, withdrawn, begun anew, moved on by auctions and contracts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from listings import handlers, queries, services, snapshot
from listings.errors import ReasonNeeded
from listings.states import ListingState
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.facts import AuctionClosed, ContractRegistered, ContractSigned
from marketplace.outbox import StoredFact
from marketplace.permissions import SYSTEM
from tests.factories.listings import Cast, make_ip, make_listing

S = ListingState
AUCTION = "auction:PM2026-000001"


def facts() -> list[str]:
    return list(db.session.scalars(select(StoredFact.name).order_by(StoredFact.id)))


def test_an_amendment_is_a_version_with_its_reason(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation, editor=cast.editing)

    services.amend(cast.approving, listing, {"applications": "动力电池散热。"}, "补充应用")

    new, old = queries.versions(listing)
    assert (new.version, new.reason, listing.version) == (2, "补充应用", 2)
    changes = snapshot.difference(old.snapshot, new.snapshot)
    assert [(one.name, one.after) for one in changes] == [("applications", "动力电池散热。")]
    assert facts()[-1] == "ListingChanged"


def test_an_amendment_that_changes_nothing_makes_no_version(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    assert not services.amend(cast.approving, listing, {"applications": listing.applications}, "无")
    assert listing.version == 1


def test_a_new_contact_is_not_public_and_makes_no_version(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    assert not services.amend(cast.approving, listing, {"contact_name": "新联系人"}, "换人")
    assert (listing.contact_name, listing.version) == ("新联系人", 1)


@pytest.mark.parametrize("name", ["title", "price", "transfer_modes"])
def test_name_and_price_are_not_amended(cast: Cast, name: str) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    with pytest.raises(Invalid):
        services.amend(cast.approving, listing, {name: "x"}, "改")


def test_an_editor_does_not_amend_alone(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    with pytest.raises(Forbidden):
        services.amend(cast.editing, listing, {"summary": "新" * 60}, "改")


def test_a_revision_goes_through_both_reviews_and_shows_its_difference(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation, editor=cast.editing)
    services.revise(cast.editing, listing, "降价")
    services.save_draft(cast.editing, listing, {"price": Decimal("500000.00")})
    services.set_ip_items(cast.editing, listing, [make_ip()])

    services.submit(cast.editing, listing)
    services.org_approve(cast.approving, listing)
    services.approve(cast.reviewing, listing)

    new, old = queries.versions(listing)
    assert {one.name for one in snapshot.difference(old.snapshot, new.snapshot)} == {"price", "ip_items"}


def test_after_a_revision_only_its_writers_are_makers(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation, editor=cast.editing)

    services.revise(cast.approving, listing, "补充")

    assert listing.editors == [cast.approver.id]


def test_the_owner_or_a_reviewer_suspends_with_a_reason(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    with pytest.raises(ReasonNeeded):
        services.suspend(cast.reviewing, listing, "")
    services.suspend(cast.reviewing, listing, "权属核实")
    assert listing.state is S.SUSPENDED
    with pytest.raises(Forbidden):
        services.resume(cast.editing, listing)
    services.resume(cast.reviewing, listing)
    assert (listing.state, facts()[-2:]) == (S.LISTED, ["ListingChanged", "ListingListed"])


def test_what_the_owner_suspended_the_owner_puts_back(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    services.suspend(cast.editing, listing, "权属核实")
    services.resume(cast.editing, listing)

    assert listing.state is S.LISTED


def test_a_withdrawn_result_is_begun_anew_with_its_number(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    number = listing.number

    services.withdraw(cast.editing, listing, "改为自行实施")
    assert facts()[-1] == "ListingWithdrawn"
    services.relist(cast.editing, listing)

    assert (listing.state, listing.number) == (S.DRAFT, number)


def test_a_stranger_takes_nothing_off_the_board(cast: Cast) -> None:
    listing = make_listing(S.LISTED)

    for service in (services.suspend, services.withdraw, services.revise):
        with pytest.raises(Forbidden):
            service(cast.editing, listing, "不相干")


def closed(listing_id: int, outcome: str, number: str = "PM2026-000001") -> AuctionClosed:
    return AuctionClosed(
        auction_id=1,
        number=number,
        listing_id=listing_id,
        outcome=outcome,
        seller_organisation_id=1,
        closed_at=datetime(2026, 11, 25, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("outcome", "after"), [("sold", S.DEAL_PENDING), ("no_bid", S.LISTED), ("cancelled", S.LISTED)]
)
def test_the_end_of_an_auction_moves_its_result_once(cast: Cast, outcome: str, after: ListingState) -> None:
    listing = make_listing(S.LISTED)
    services.start_bidding(SYSTEM, listing.id, AUCTION)

    handlers.auction_closed(closed(listing.id, outcome))
    handlers.auction_closed(closed(listing.id, outcome))

    assert listing.state is after


def test_a_late_word_of_an_old_auction_does_not_end_a_new_one(cast: Cast) -> None:
    listing = make_listing(S.LISTED)
    services.start_bidding(SYSTEM, listing.id, AUCTION)
    services.end_bidding(SYSTEM, listing.id, sold=False, source=AUCTION)
    services.start_bidding(SYSTEM, listing.id, "auction:PM2026-000002")

    handlers.auction_closed(closed(listing.id, "no_bid"))

    assert listing.state is S.BIDDING


def test_only_a_listed_result_goes_to_auction(cast: Cast) -> None:
    auctionable = make_listing(S.LISTED, organisation=cast.organisation, price_mode="auction")
    make_listing(S.LISTED, organisation=cast.organisation)
    make_listing(S.DRAFT, organisation=cast.organisation, price_mode="auction")
    make_listing(S.LISTED, price_mode="auction")

    assert queries.for_auction(cast.editing) == [auctionable]


def test_signing_and_registering_move_it_on_in_any_order_of_telling(cast: Cast) -> None:
    listing = make_listing(S.DEAL_PENDING)
    signed = ContractSigned(contract_id=1, number="HT2026-000001", source="x", listing_id=listing.id)
    registered = ContractRegistered(
        contract_id=1,
        number="HT2026-000001",
        registration_number="1",
        registered_at=datetime(2026, 11, 25, tzinfo=UTC),
        amount=Decimal(1),
        technical_amount=Decimal(1),
        kind="transfer",
        field="materials",
        source="x",
        seller_region="230100",
        buyer_region="230100",
        seller_kind="university",
        listing_id=listing.id,
    )

    handlers.contract_registered(registered)
    handlers.contract_signed(signed)

    assert listing.state is S.SETTLED


def test_a_failed_deal_brings_it_back_to_the_board(cast: Cast) -> None:
    listing = make_listing(S.DEAL_PENDING)

    assert services.deal_failed(SYSTEM, listing.id, "受让方未签约")
    assert not services.deal_failed(SYSTEM, listing.id, "再说一次")

    assert (listing.state, listing.deal_source) == (S.LISTED, "")
