"""From a seller's request to the public calendar."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from auctions import queries, services, terms
from auctions.models import Auction
from auctions.services.requests import terms_of
from auctions.states import AuctionState
from listings.kinds import PriceMode
from listings.models import Listing
from listings.states import ListingState
from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.notices import Notice
from marketplace.outbox import StoredFact
from tests.factories import auctions as make
from tests.factories.accounts import actor_for, make_member, make_staff

PRICE = Decimal("2800000.00")


@pytest.fixture
def seller(app):
    return make.company(OrgRole.SELLER_EDITOR)


@pytest.fixture
def listing(seller):
    made = make.listing(seller.organisation)
    made.state, made.price_mode, made.price = ListingState.LISTED, PriceMode.AUCTION, PRICE
    db.session.commit()
    return made


@pytest.fixture
def auctioneer(app):
    return actor_for(make_staff(StaffRole.AUCTIONEER))


def asked(**changes) -> terms.Terms:
    proposed = terms.proposal(PRICE, db_now())
    values = {
        name: proposed[name] for name in ("opening", "deposit", "registration_ends_at", "starts_at", "free_ends_at")
    }
    return terms.Terms(**{**values, "bands": ((Decimal(0), proposed["step"]),), **changes})


def as_seller(party):
    return actor_for(party.user, party.organisation)


def requested(seller, listing, **changes) -> Auction:
    auction = services.schedule(as_seller(seller), listing.id, asked(**changes))
    db.session.commit()
    return auction


def test_a_request_is_a_draft_with_a_number_and_tells_the_auctioneer(seller, listing, auctioneer):
    auction = requested(seller, listing)

    told = db.session.scalars(select(Notice).where(Notice.user_id == auctioneer.user_id)).one()
    assert auction.state is AuctionState.DRAFT
    assert auction.number.startswith("PM2026-")
    assert told.event == "auctions.requested"
    assert auction.number in told.title


def test_only_ones_own_result_on_the_board_can_be_asked_for(seller, listing):
    other = make.company(OrgRole.SELLER_EDITOR)
    with pytest.raises(NotFound):
        services.schedule(as_seller(other), listing.id, asked())

    listing.price_mode = PriceMode.FIXED
    with pytest.raises(Conflict):
        services.schedule(as_seller(seller), listing.id, asked())


def test_a_member_without_the_role_asks_for_nothing(seller, listing):
    colleague = make_member(seller.organisation, OrgRole.SELLER_FINANCE)

    with pytest.raises(Forbidden):
        services.schedule(actor_for(colleague, seller.organisation), listing.id, asked())


def test_terms_that_are_not_taken_stand_at_their_field(seller, listing):
    with pytest.raises(Invalid) as caught:
        services.schedule(as_seller(seller), listing.id, asked(deposit=Decimal(1)))

    assert list(caught.value.fields) == ["deposit"]


def test_a_changed_reserve_is_on_record_without_its_figure(seller, listing):
    auction = requested(seller, listing, reserve=Decimal("3111111.00"))
    services.revise(as_seller(seller), auction, asked(reserve=Decimal("3222222.00")))

    said = str([(entry.before, entry.after) for entry in audit.trail(auction)])
    assert terms_of(auction).reserve == Decimal("3222222.00")
    assert "3111111" not in said
    assert "3222222" not in said
    assert "'reserve': 'changed'" in said


def test_announcing_moves_the_result_and_publishes_the_fact(seller, listing, auctioneer):
    auction = requested(seller, listing)

    services.announce(auctioneer, auction)

    facts = list(db.session.scalars(select(StoredFact.name).where(StoredFact.name == "AuctionAnnounced")))
    assert auction.state is AuctionState.ANNOUNCED
    assert auction.due_at == auction.starts_at
    assert db.session.get_one(Listing, listing.id).state is ListingState.BIDDING
    assert facts == ["AuctionAnnounced"]


def test_nobody_announces_their_own_request(seller, listing):
    auction = requested(seller, listing)
    maker = make_staff(StaffRole.AUCTIONEER)
    auction.created_by_id = maker.id
    db.session.commit()

    with pytest.raises(Forbidden):
        services.announce(actor_for(maker), auction)


def test_an_auctioneer_of_the_seller_does_not_announce(seller, listing):
    auction = requested(seller, listing)
    insider = make_staff(StaffRole.AUCTIONEER)
    make_member(seller.organisation, OrgRole.SELLER_FINANCE, insider)

    with pytest.raises(Forbidden):
        services.announce(actor_for(insider, seller.organisation), auction)


def test_terms_that_have_become_too_late_are_not_announced(seller, listing, auctioneer):
    auction = requested(seller, listing)
    auction.registration_ends_at = db_now() + timedelta(days=1)

    with pytest.raises(Invalid) as caught:
        services.announce(auctioneer, auction)

    assert list(caught.value.fields) == ["registration_ends_at"]


def test_a_returned_request_waits_for_its_seller(seller, listing, auctioneer):
    auction = requested(seller, listing)
    services.send_back(auctioneer, auction, "请说明受让条件")
    assert queries.requests() == []
    with pytest.raises(Conflict):
        services.announce(auctioneer, auction)

    services.revise(as_seller(seller), auction, asked(conditions="须为在省内注册的企业"))

    assert queries.requests() == [auction]


def test_announced_terms_stand(seller, listing, auctioneer):
    auction = requested(seller, listing)
    services.announce(auctioneer, auction)

    with pytest.raises(Forbidden):
        services.revise(as_seller(seller), auction, asked())


def test_a_seller_takes_a_draft_back(seller, listing):
    auction = requested(seller, listing)

    services.cancel(as_seller(seller), auction, "改为协议定价")

    assert auction.state is AuctionState.CANCELLED
    assert db.session.get_one(Listing, listing.id).state is ListingState.LISTED
