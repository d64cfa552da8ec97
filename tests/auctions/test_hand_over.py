"""A member of a bidding organisation leaves while an auction runs: nothing is lost, and somebody answers for the bid."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts import handover
from accounts import queries as accounts
from accounts import services as membership
from accounts.roles import OrgRole
from auctions import approvals, desk
from auctions.errors import DeskCode
from auctions.handlers import hand_over
from auctions.models import Auction, AuctionBidder, BidApproval
from auctions.states import ApprovalState
from marketplace import audit
from marketplace.db import db
from marketplace.facts import MembershipEnded
from marketplace.outbox import deliver_due
from tests.factories import auctions as make
from tests.factories.accounts import actor_for, sign_in

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def bidding():
    """A running auction in which one person leads, with a heir beside them who may commit 5,000 yuan."""
    auction, (leaver,) = make.room(1)
    manager = make.member(leaver.organisation, OrgRole.MANAGER)
    heir = make.member(leaver.organisation, OrgRole.BUYER_EDITOR, bid_limit=Decimal(5000))
    db.session.commit()
    desk.place(leaver.request(auction, 3000, kind="limit"))
    return auction, leaver, heir, manager


def leave(leaver, heir):
    organisation = leaver.organisation
    pair = accounts.membership(leaver.user.id, organisation.id), accounts.membership(heir.user.id, organisation.id)
    membership.end_membership(actor_for(leaver.user, organisation), *pair)
    db.session.commit()
    deliver_due()


def bidder_of(auction, party) -> AuctionBidder:
    db.session.expire_all()
    return db.session.query(AuctionBidder).filter_by(auction_id=auction.id, organisation_id=party.organisation.id).one()


def test_registration_and_lead_go_to_the_heir(bidding):
    auction, leaver, heir, _manager = bidding

    leave(leaver, heir)

    bidder = bidder_of(auction, leaver)
    assert bidder.user_id == heir.user.id
    assert db.session.get_one(Auction, auction.id).leader_user_id == heir.user.id
    assert [entry.action for entry in audit.trail(bidder)].count("bidder.hand_over") == 1


def test_what_leads_counts_against_the_heirs_authority(bidding):
    _auction, leaver, heir, _manager = bidding
    other = make.auction()
    make.admit(other, heir)
    db.session.commit()
    before = desk.place(heir.request(other, 2001, kind="limit"))

    leave(leaver, heir)
    after = desk.place(heir.request(other, 2500, kind="limit"))

    assert (before.accepted, after.refusal) == (True, DeskCode.OVER_AUTHORITY)


def test_the_same_fact_twice_changes_nothing_more(bidding):
    auction, leaver, heir, _manager = bidding
    leave(leaver, heir)

    hand_over(
        MembershipEnded(organisation_id=leaver.organisation.id, user_id=leaver.user.id, heir_user_id=heir.user.id)
    )
    db.session.commit()

    trail = audit.trail(bidder_of(auction, leaver))
    assert [entry.action for entry in trail].count("bidder.hand_over") == 1


def ask(auction, leaver) -> BidApproval:
    leaver.organisation.second_approval_above = Decimal(3500)
    db.session.commit()
    desk.place(leaver.request(auction, 4000))
    return approvals.waiting(leaver.organisation.id)[0]


def test_a_bid_that_waits_for_approval_is_the_heirs_and_can_be_placed(bidding):
    auction, leaver, heir, _manager = bidding
    approver = make.member(leaver.organisation, OrgRole.BUYER_APPROVER)
    asked = ask(auction, leaver).id

    leave(leaver, heir)
    caller = {"sid": approver.sid, "uid": approver.user.id, "org": approver.organisation.id, "epoch": 1}
    actor = actor_for(approver.user, approver.organisation)
    answer = approvals.approve(actor, approvals.Caller(**caller), approvals.get(actor, asked))

    assert answer.accepted
    assert db.session.get_one(Auction, auction.id).leader_user_id == heir.user.id


def test_a_bid_that_nobody_could_approve_is_put_away(bidding):
    auction, leaver, _heir, manager = bidding
    asked = ask(auction, leaver).id

    leave(leaver, manager)

    db.session.expire_all()
    assert db.session.get_one(BidApproval, asked).state is ApprovalState.REJECTED


def test_the_page_names_what_will_be_handed_over(bidding):
    auction, leaver, _heir, _manager = bidding
    ask(auction, leaver)

    work = handover.open_work(leaver.organisation.id, leaver.user.id)

    assert [(one.label, one.url) for one in work if one.needs is None] == [
        (auction.number, f"/auctions/{auction.number}"),
        (auction.number, "/desk/auctions/bidding"),
    ]


def test_when_it_is_over_it_stays_with_whoever_did_it(bidding):
    auction, leaver, heir, _manager = bidding
    db.session.execute(db.text("UPDATE auctions SET state = 'closed' WHERE id = :id"), {"id": auction.id})
    db.session.commit()

    leave(leaver, heir)

    assert bidder_of(auction, leaver).user_id == leaver.user.id


def test_the_manager_sees_what_each_bidder_has_committed(client, bidding):
    _auction, leaver, _heir, manager = bidding
    sign_in(client, manager.user, leaver.organisation)

    assert "3,000.00" in client.get("/organisation/bidding").text
