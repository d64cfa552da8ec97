"""Simulated bidders: for a while after the first start they keep the rooms of sample auctions alive.

They sign in and bid at the desk as anybody else, only in development, and stop by themselves when the sample's
auctions are over.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts import services as accounts
from accounts.models import Organisation, User, UserSession
from auctions import desk, queries
from auctions.desk import BidRequest
from auctions.models import Auction, AuctionBidder
from auctions.states import AuctionState, BidderState
from marketplace.clock import db_now
from marketplace.db import db, unit_of_work

from .people import TRIED, address

EVERY_SECONDS = 7
AGENT = "样例竞买人"
#: They leave an auction alone this long after its free period, and above this multiple of its opening price.
LET_GO, MOST = timedelta(minutes=6), 3
#: Auctions that end within this time are lively; the others get a bid now and then.
LIVELY, LIVELY_ODDS, QUIET_ODDS = timedelta(minutes=30), 3, 40


def bid() -> int:
    """Let some of the simulated bidders bid once; returns how many bids were accepted."""
    with unit_of_work():
        requests = [one for auction in _running() if (one := _request(auction, db_now())) is not None]
    return sum(desk.place(one).accepted for one in requests)


def _running() -> list[Auction]:
    query = select(Auction).where(Auction.sample, Auction.state == AuctionState.OPEN)
    return list(db.session.scalars(query.order_by(Auction.id)))


def _request(auction: Auction, now: datetime) -> BidRequest | None:
    """The next bid of this room, or None where nobody bids just now."""
    view = queries.view_of(auction)
    odds = LIVELY_ODDS if auction.free_ends_at - now < LIVELY else QUIET_ODDS
    too_late = now > auction.free_ends_at + LET_GO
    if too_late or view.minimum > view.opening * MOST or secrets.randbelow(odds):
        return None
    others = [one for one in _bidders(auction) if one.number != view.leader]
    if not others:
        return None
    bidder = secrets.choice(others)
    row = _session(bidder)
    amount = secrets.choice(view.next_amounts or (view.minimum,))
    return BidRequest(
        auction.number, row.id, row.user_id, bidder.organisation_id, row.epoch, secrets.token_hex(8), "bid", amount
    )


def _bidders(auction: Auction) -> list[AuctionBidder]:
    """Admitted sample organisations whose people may bid alone, but for those that are there to be tried out."""
    query = (
        select(AuctionBidder)
        .join(Organisation, Organisation.id == AuctionBidder.organisation_id)
        .join(User, User.id == AuctionBidder.user_id)
        .where(User.email.not_in([address("editor", slug) for slug in TRIED]))
        .where(AuctionBidder.auction_id == auction.id, AuctionBidder.state == BidderState.QUALIFIED)
        .where(Organisation.sample, Organisation.second_approval_above.is_(None))
    )
    return list(db.session.scalars(query))


def _session(bidder: AuctionBidder) -> UserSession:
    """The bidder's own sign-in, begun with the first bid."""
    query = (
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.user_id == bidder.user_id,
            UserSession.user_agent == AGENT,
            UserSession.revoked_at.is_(None),
            UserSession.epoch == User.epoch,
        )
    )
    found = db.session.scalars(query).first()
    if found is not None:
        return found
    row = accounts.start_session(db.session.get_one(User, bidder.user_id), "127.0.0.1", AGENT)
    row.organisation_id = bidder.organisation_id
    db.session.flush()
    return row
