"""Who takes part: registration, declarations, the deposit, and both halves of admission in either order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from accounts.states import OrganisationState
from auctions import queries, services
from auctions.models import AuctionBidder
from auctions.services.registration import DECLARATIONS
from auctions.states import AuctionState, BidderState
from marketplace import outbox
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.notices import Notice
from payments import queries as deposits
from payments import services as payments
from payments.states import DepositState
from tests.factories import auctions as make
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, make_user, sign_in
from tests.factories.payments import officers, pay

ALL = set(DECLARATIONS)


@pytest.fixture
def auction(app):
    made = make.auction(begins=7200)
    made.registration_ends_at = db_now() + timedelta(hours=1)
    made.announced_at = db_now()
    db.session.commit()
    return made


@pytest.fixture
def buyer(auction):
    party = make.company(OrgRole.BUYER_EDITOR)
    db.session.commit()
    return party


@pytest.fixture
def auctioneer(app):
    return actor_for(make_staff(StaffRole.AUCTIONEER))


def actor(party):
    return actor_for(party.user, party.organisation)


def register(auction, party):
    bidder = services.register_bidder(actor(party), auction, ALL)
    db.session.commit()
    return bidder


def lock_deposit(auction, party):
    first, second = officers()
    deposit = deposits.standing(party.organisation.id, auction.deposit_reference)
    pay(deposit, first, amount=deposit.amount)
    payments.confirm_receipt(actor_for(second), deposit)
    db.session.commit()
    outbox.deliver_due()
    db.session.expire_all()


def reread(bidder):
    """The relay has sessions of its own: what was loaded before belongs to none any more."""
    return db.session.get_one(AuctionBidder, bidder.id)


def told(user):
    return list(db.session.scalars(select(Notice.event).where(Notice.user_id == user.id)))


def test_a_registration_gets_a_number_and_asks_for_the_deposit(auction, buyer):
    bidder = register(auction, buyer)

    deposit = deposits.standing(buyer.organisation.id, auction.deposit_reference)
    assert (bidder.number, bidder.state) == (1, BidderState.REGISTERED)
    assert (deposit.state, deposit.amount, deposit.due_at) == (
        DepositState.DUE, auction.deposit_amount, auction.registration_ends_at,
    )  # fmt: skip


def test_numbers_follow_each_other(auction, buyer):
    register(auction, buyer)

    assert register(auction, make.company(OrgRole.BUYER_EDITOR)).number == 2


@pytest.mark.parametrize("missing", DECLARATIONS)
def test_every_declaration_is_needed(auction, buyer, missing):
    with pytest.raises(Invalid) as caught:
        services.register_bidder(actor(buyer), auction, ALL - {missing})

    assert list(caught.value.fields) == [missing]
    assert deposits.standing(buyer.organisation.id, auction.deposit_reference) is None


def test_the_sellers_side_cannot_register(auction):
    seller = queries.by_number(auction.number).organisation
    insider = make_member(seller, OrgRole.BUYER_EDITOR)

    with pytest.raises(Forbidden):
        services.register_bidder(actor_for(insider, seller), auction, ALL)


def test_a_member_of_the_seller_cannot_register_another_organisation(auction, buyer):
    seller = queries.by_number(auction.number).organisation
    make_member(seller, OrgRole.SELLER_FINANCE, buyer.user)

    with pytest.raises(Forbidden):
        services.register_bidder(actor(buyer), auction, ALL)


def test_an_unverified_organisation_cannot_register(auction):
    party = make.company(OrgRole.BUYER_EDITOR, state=OrganisationState.SUBMITTED)
    db.session.commit()

    with pytest.raises(Forbidden):
        services.register_bidder(actor(party), auction, ALL)


def test_a_barred_organisation_cannot_register(auction):
    party = make.company(OrgRole.BUYER_EDITOR, banned_until=db_now() + timedelta(days=1))
    db.session.commit()

    with pytest.raises(Forbidden):
        services.register_bidder(actor(party), auction, ALL)


def test_after_the_deadline_nobody_registers(auction, buyer):
    auction.registration_ends_at = db_now() - timedelta(seconds=1)
    db.session.commit()

    with pytest.raises(Forbidden):
        services.register_bidder(actor(buyer), auction, ALL)


def test_an_organisation_registers_once(auction, buyer):
    register(auction, buyer)

    with pytest.raises(Forbidden):
        services.register_bidder(actor(buyer), auction, ALL)


def test_approval_before_the_deposit_admits_when_the_deposit_is_locked(auction, buyer, auctioneer):
    bidder = register(auction, buyer)
    assert services.approve_bidder(auctioneer, bidder) is False
    db.session.commit()
    assert bidder.state is BidderState.REGISTERED

    lock_deposit(auction, buyer)

    assert queries.bidder_of(auction, buyer.organisation.id).state is BidderState.QUALIFIED
    assert "auctions.qualified" in told(buyer.user)


def test_the_deposit_before_approval_admits_at_the_approval(auction, buyer, auctioneer):
    bidder = register(auction, buyer)
    lock_deposit(auction, buyer)
    bidder = reread(bidder)
    assert bidder.state is BidderState.REGISTERED

    assert services.approve_bidder(auctioneer, bidder) is True

    assert bidder.state is BidderState.QUALIFIED


def test_a_refused_registration_needs_no_deposit_any_more(auction, buyer, auctioneer):
    bidder = register(auction, buyer)

    services.refuse_bidder(auctioneer, bidder, "未提交资信证明")
    db.session.commit()

    deposit = deposits.standing(buyer.organisation.id, auction.deposit_reference)
    assert (bidder.state, deposit.state) == (BidderState.REFUSED, DepositState.CANCELLED)
    assert "auctions.refused" in told(buyer.user)


def test_a_refused_bidders_paid_deposit_is_released(auction, buyer, auctioneer):
    bidder = register(auction, buyer)
    lock_deposit(auction, buyer)

    services.refuse_bidder(auctioneer, reread(bidder), "与转让方存在关联关系")

    deposit = deposits.standing(buyer.organisation.id, auction.deposit_reference)
    assert deposit.state is DepositState.RELEASED


def test_a_refusal_says_why(auction, buyer, auctioneer):
    with pytest.raises(Invalid):
        services.refuse_bidder(auctioneer, register(auction, buyer), "  ")


def test_who_leads_is_not_refused(app, auctioneer):
    auction, (party, _other) = make.room()
    bidder = queries.bidder_of(auction, party.organisation.id)
    auction.leader_id = bidder.id
    db.session.commit()

    with pytest.raises(Forbidden):
        services.refuse_bidder(auctioneer, bidder, "资格不符")


def test_a_bidder_admits_nobody(auction, buyer):
    bidder = register(auction, buyer)

    with pytest.raises(Forbidden):
        services.approve_bidder(actor(buyer), bidder)


def test_the_page_says_why_an_organisation_cannot_register(auction, client):
    party = make.company(OrgRole.BUYER_EDITOR, state=OrganisationState.SUBMITTED)
    db.session.commit()
    sign_in(client, party.user, party.organisation)

    page = client.get(f"/auctions/{auction.number}/register")

    assert page.status_code == 200
    assert "不能报名" in page.text


def test_registering_over_http_leads_to_the_deposit(auction, client):
    organisation = make_organisation()
    sign_in(client, make_member(organisation, OrgRole.BUYER_EDITOR), organisation)
    refused = client.post(f"/auctions/{auction.number}/register", data={"rules": "y"})
    answer = client.post(f"/auctions/{auction.number}/register", data=dict.fromkeys(DECLARATIONS, "y"))

    assert refused.status_code == 422
    assert answer.status_code == 303
    assert "/deposits/BZ" in answer.headers["Location"]


def test_without_an_organisation_the_room_asks_for_the_role(auction, client):
    sign_in(client, make_user())

    assert client.get(f"/auctions/{auction.number}").status_code == 200
    assert client.get(f"/auctions/{auction.number}/register").status_code == 403


def test_over_the_state_nothing_is_open(auction, buyer):
    auction.state = AuctionState.CANCELLED
    db.session.commit()

    with pytest.raises(Forbidden):
        services.register_bidder(actor(buyer), auction, ALL)
