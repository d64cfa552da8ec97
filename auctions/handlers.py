"""Reacts to facts: deposits admit bidders, results that leave the board take their auctions along, ends are told."""

from __future__ import annotations

from sqlalchemy import select

from accounts import queries as accounts
from marketplace.db import db
from marketplace.facts import AuctionClosed, BidderOutbid, DepositLocked, ListingWithdrawn, MembershipEnded
from marketplace.outbox import subscribe
from marketplace.permissions import SYSTEM

from . import notifications, queries, services
from .engine import OutcomeKind
from .models import Auction, AuctionBidder
from .states import AUCTION, AuctionAction, AuctionState, BidderState

_REFERENCE = "auction:"


def register() -> None:
    """Subscribe by names that stay."""
    subscribe(DepositLocked, "auctions.admit", admit)
    subscribe(ListingWithdrawn, "auctions.cancel", cancel_for_listing)
    subscribe(BidderOutbid, "auctions.tell_outbid", tell_outbid)
    subscribe(AuctionClosed, "auctions.tell_closed", tell_closed)
    subscribe(MembershipEnded, "auctions.hand_over", hand_over)


def admit(fact: DepositLocked) -> None:
    """An approved bidder whose deposit now stands is admitted."""
    if fact.reference.startswith(_REFERENCE):
        services.deposit_locked(fact.organisation_id, fact.reference.removeprefix(_REFERENCE))


def cancel_for_listing(fact: ListingWithdrawn) -> None:
    """What is no longer for sale is not auctioned."""
    for auction in queries.of_listing(fact.listing_id):
        if AUCTION.allows(auction.state, AuctionAction.CANCEL):
            services.cancel(SYSTEM, auction, fact.reason or fact.number)


def tell_outbid(fact: BidderOutbid) -> None:
    """Tell whoever led, unless they lead again or it is over by now."""
    auction = db.session.get_one(Auction, fact.auction_id)
    leader = db.session.get(AuctionBidder, auction.leader_id) if auction.leader_id else None
    leads_again = leader is not None and leader.organisation_id == fact.organisation_id
    if auction.state is AuctionState.OPEN and not leads_again:
        notifications.outbid(auction, fact.organisation_id, auction.price)


def tell_closed(fact: AuctionClosed) -> None:
    """Tell the winner, everybody else who took part, and the seller. A cancelled one was told when it was cancelled."""
    auction = db.session.get_one(Auction, fact.auction_id)
    if fact.outcome == OutcomeKind.CANCELLED:
        return
    notifications.closed(auction)
    query = select(AuctionBidder.organisation_id).where(
        AuctionBidder.auction_id == auction.id, AuctionBidder.state == BidderState.QUALIFIED
    )
    for organisation_id in db.session.scalars(query.order_by(AuctionBidder.number)):
        if organisation_id == fact.winner_organisation_id:
            notifications.won(auction, organisation_id)
        else:
            notifications.lost(auction, organisation_id)


def hand_over(fact: MembershipEnded) -> None:
    """Somebody left a bidding organisation: whoever takes over answers for what they registered and bid."""
    leaver, taker = accounts.get_user(fact.user_id), accounts.taker(fact.organisation_id, fact.heir_user_id)
    if leaver is not None and taker is not None and taker.id != leaver.id:
        services.hand_over(SYSTEM, fact.organisation_id, leaver, taker)
