"""A member of a bidding organisation leaves: registrations, what they lead with, and requests go to whoever takes over."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from accounts import queries as accounts
from accounts.models import User
from accounts.roles import OrgRole
from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.permissions import Actor

from ..models import Auction, AuctionBidder, BidApproval
from ..states import ApprovalState, AuctionState
from .common import lock

#: Auctions in which somebody still has something to do.
LIVE = (AuctionState.ANNOUNCED, AuctionState.OPEN, AuctionState.SUSPENDED)


def parts(organisation_id: int, user_id: int) -> list[AuctionBidder]:
    """The organisation's parts in live auctions that this person registered or leads with, with the auctions."""
    theirs = (AuctionBidder.user_id == user_id) | (
        (Auction.leader_id == AuctionBidder.id) & (Auction.leader_user_id == user_id)
    )
    query = (
        select(AuctionBidder)
        .join(AuctionBidder.auction)
        .options(contains_eager(AuctionBidder.auction))
        .where(AuctionBidder.organisation_id == organisation_id, Auction.state.in_(LIVE), theirs)
        .order_by(AuctionBidder.auction_id)
    )
    return list(db.session.scalars(query))


def _requests(organisation_id: int, user_id: int) -> list[BidApproval]:
    """Bids that this person asked for and nobody has approved yet, held."""
    query = (
        select(BidApproval)
        .join(AuctionBidder, AuctionBidder.id == BidApproval.bidder_id)
        .where(
            AuctionBidder.organisation_id == organisation_id,
            BidApproval.requested_by_id == user_id,
            BidApproval.state == ApprovalState.PENDING,
        )
        .order_by(BidApproval.id)
        .with_for_update(of=BidApproval)
    )
    return list(db.session.scalars(query))


def hand_over(actor: Actor, organisation_id: int, leaver: User, taker: User) -> int:
    """Give the leaver's parts in live auctions to the taker; returns how many moved.

    A bid that leads binds the organisation as before, and counts against the taker's authority from now on.
    """
    found = parts(organisation_id, leaver.id)
    for bidder in found:
        _hand_over(actor, lock(bidder.auction), bidder, leaver, taker)
    for asked in _requests(organisation_id, leaver.id):
        _pass_on(actor, organisation_id, asked, leaver, taker)
    return len(found)


def _hand_over(actor: Actor, auction: Auction, bidder: AuctionBidder, leaver: User, taker: User) -> None:
    db.session.refresh(bidder)
    before = {"user": bidder.user_id}
    if bidder.user_id == leaver.id:
        bidder.user_id = taker.id
    if auction.leader_id == bidder.id and auction.leader_user_id == leaver.id:
        auction.leader_user_id = taker.id
    after = {"user": bidder.user_id, "reason": f"{leaver.name} → {taker.name}"}
    audit.record(actor, "bidder.hand_over", bidder, before, after, label=f"{auction.number}/{bidder.number}")


def _pass_on(actor: Actor, organisation_id: int, asked: BidApproval, leaver: User, taker: User) -> None:
    """The taker asks in the leaver's place, if they may bid; else nobody could approve it, and it is put away."""
    member = accounts.membership(taker.id, organisation_id)
    label = asked.auction.number
    if member is not None and OrgRole.BUYER_EDITOR in member.roles:
        asked.requested_by_id = taker.id
        after = {"user": taker.id, "reason": f"{leaver.name} → {taker.name}"}
        audit.record(actor, "bid_approval.hand_over", asked, {"user": leaver.id}, after, label=label)
        return
    asked.state, asked.decided_at = ApprovalState.REJECTED, db_now()
    asked.reason = f"{leaver.name} → {taker.name}"
    audit.record(actor, "bid_approval.reject", asked, after={"reason": asked.reason}, label=label)
