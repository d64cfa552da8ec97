"""Bids above an organisation's threshold: asked for by one person, placed by another."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.roles import OrgRole
from auctions import approvals, desk
from auctions.eligibility import Caller
from auctions.states import ApprovalState
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid, NotFound
from marketplace.permissions import Actor, Permission
from tests.factories import auctions as make


def actor_of(party, *permissions):
    return Actor(
        user_id=party.user.id, name=party.user.name, permissions=frozenset(permissions),
        organisation_id=party.organisation.id,
    )  # fmt: skip


def caller_of(party):
    return Caller(party.sid, party.user.id, party.organisation.id, 1)


@pytest.fixture
def case(app):
    """A company with a bidder and an approver; above 1,500 yuan both are needed."""
    bidder = make.company(second_approval_above=Decimal("1500.00"))
    approver = make.member(bidder.organisation, OrgRole.BUYER_APPROVER, OrgRole.BUYER_EDITOR)
    auction = make.auction()
    make.admit(auction, bidder)
    db.session.commit()
    return auction, bidder, approver


@pytest.fixture
def asked(case):
    """The bidder has asked for 2,000 yuan."""
    auction, bidder, approver = case
    answer = desk.place(bidder.request(auction, 2000, key="wanted-2000"))
    assert answer.refusal == "needs_second_approval"
    (approval,) = approvals.waiting(bidder.organisation.id)
    return approval, bidder, approver


def test_below_the_threshold_nobody_is_asked(case):
    auction, bidder, _ = case

    assert desk.place(bidder.request(auction, 1500)).accepted


def test_above_it_the_bid_waits_and_places_nothing(asked, rows):
    approval, bidder, _ = asked

    assert (approval.amount, approval.requested_by_id) == (Decimal("2000.00"), bidder.user.id)
    assert rows("SELECT * FROM bids") == []


def test_asking_twice_with_the_same_key_is_one_request(asked):
    approval, bidder, _ = asked

    desk.place(bidder.request(approval.auction, 2000, key="wanted-2000"))

    assert len(approvals.waiting(bidder.organisation.id)) == 1


def test_approved_it_is_placed_under_both_names(asked, rows):
    approval, bidder, approver = asked
    actor = actor_of(approver, Permission.BID_APPROVE)

    answer = approvals.approve(actor, caller_of(approver), approvals.get(actor, approval.id))

    (bid,) = rows("SELECT * FROM bids")
    db.session.refresh(approval)
    assert answer.accepted
    assert (bid["user_id"], bid["approved_by_id"]) == (bidder.user.id, approver.user.id)
    assert (approval.state, approval.decided_by_id) == (ApprovalState.APPROVED, approver.user.id)


def test_the_bidder_learns_by_the_key_that_it_was_placed(asked):
    approval, bidder, approver = asked
    actor = actor_of(approver, Permission.BID_APPROVE)
    placed = approvals.approve(actor, caller_of(approver), approvals.get(actor, approval.id))

    again = desk.place(bidder.request(approval.auction, 2000, key="wanted-2000"))

    assert (again.accepted, again.sequence, again.repeated) == (True, placed.sequence, True)


def test_nobody_approves_their_own_bid(case):
    auction, _, approver = case
    desk.place(approver.request(auction, 2000))
    (approval,) = approvals.waiting(approver.organisation.id)

    with pytest.raises(Forbidden):
        approvals.approve(actor_of(approver, Permission.BID_APPROVE), caller_of(approver), approval)


def test_the_desk_itself_refuses_an_approval_by_the_same_person(case, rows):
    auction, _, approver = case
    desk.place(approver.request(auction, 2000, key="wanted-2000"))
    (approval,) = approvals.waiting(approver.organisation.id)

    answer = desk.place(approver.request(auction, 2000, key="wanted-2000", approval_id=approval.id))

    assert answer.refusal == "not_approvable"
    assert rows("SELECT * FROM bids") == []


def test_a_bidder_without_the_role_cannot_approve(asked, rows):
    approval, bidder, _ = asked
    colleague = make.member(bidder.organisation)
    db.session.commit()

    request = colleague.request(approval.auction, 2000, key="wanted-2000", approval_id=approval.id)

    assert desk.place(request).refusal == "no_role"
    assert rows("SELECT * FROM bids") == []


def test_turned_down_it_stays_down(asked, rows):
    approval, _, approver = asked
    actor = actor_of(approver, Permission.BID_APPROVE)

    approvals.reject(actor, approval, "too much")
    db.session.commit()

    request = approver.request(approval.auction, 2000, key="wanted-2000", approval_id=approval.id)
    assert desk.place(request).refusal == "not_approvable"
    assert rows("SELECT * FROM bids") == []


def test_turning_down_needs_a_reason(asked):
    approval, _, approver = asked

    with pytest.raises(Invalid):
        approvals.reject(actor_of(approver, Permission.BID_APPROVE), approval, "  ")


def test_another_organisation_finds_no_request(asked):
    approval, _, _ = asked
    stranger = make.company(OrgRole.BUYER_APPROVER)

    with pytest.raises(NotFound):
        approvals.get(actor_of(stranger, Permission.BID_APPROVE), approval.id)
