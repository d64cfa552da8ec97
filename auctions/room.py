"""What the room shows one visitor: the public state, their own part in it, the log and its chart.

Only the engine's public view and visible bids come in here, and of the visitor's own what is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from accounts import queries as accounts
from accounts.rules import BidAuthority
from listings.models import Listing
from marketplace.charts import Figure, step_chart
from marketplace.clock import beijing, db_now
from marketplace.db import db
from marketplace.i18n import current_language
from marketplace.money import WAN, format_unit, format_yuan
from marketplace.permissions import Actor, Decision, Permission
from payments import queries as deposits
from payments.models import Deposit

from . import live_feed, policies, queries
from .engine import Phase, PublicView
from .models import Auction, AuctionBidder, Bid
from .queries import OwnPart
from .states import AuctionState, BidderState, BidKind

#: Rows of the log that the page shows; the evidence has all of them.
SHOWN = 20
#: Points of the chart; longer logs are thinned out evenly.
POINTS = 400
QUICK = 3


@dataclass(frozen=True, slots=True)
class VisibleBid:
    """One bid as everybody sees it."""

    sequence: int
    number: int
    amount: Decimal
    auto: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """Everything the room's template reads."""

    auction: Auction
    listing: Listing
    view: PublicView
    now: datetime
    bids: list[VisibleBid]
    chart: Figure | None
    may_register: Decision
    own: AuctionBidder | None = None
    deposit: Deposit | None = None
    part: OwnPart | None = None
    #: The visitor has the bidder's role.
    bids_here: bool = False
    #: What the visitor may promise for the organisation.
    authority: BidAuthority | None = None

    @property
    def over(self) -> bool:
        return self.auction.state in policies.OVER

    @property
    def leads(self) -> bool:
        return self.own is not None and self.own.number == self.view.leader

    @property
    def admitted(self) -> bool:
        return self.own is not None and self.own.state is BidderState.QUALIFIED

    @property
    def may_bid(self) -> bool:
        """Whether the bidding form is drawn. Whether a bid counts, the desk alone decides."""
        return self.admitted and self.bids_here and self.auction.state is AuctionState.OPEN

    @property
    def limit(self) -> Decimal | None:
        return None if self.part is None else self.part.limit

    @property
    def latest(self) -> Bid | None:
        return None if self.part is None else self.part.latest

    @property
    def standing(self) -> str:
        """`none`, `leads` or `outbid`: the word in large letters."""
        if self.leads:
            return "leads"
        return "outbid" if self.part is not None and self.part.taken else "none"

    @property
    def quick(self) -> tuple[Decimal, ...]:
        return self.view.next_amounts[:QUICK]

    @property
    def timed(self) -> bool:
        return self.view.phase is Phase.TIMED


def enter(actor: Actor, auction: Auction) -> Room:
    """Put together what this visitor sees."""
    own = queries.bidder_of(auction, actor.organisation_id)
    view, now = queries.view_of(auction), db_now()
    return Room(
        auction=auction,
        listing=queries.listing_of(auction),
        view=view,
        now=now,
        bids=visible_bids(auction),
        chart=chart(auction),
        may_register=policies.can_register(actor, auction, queries.candidate(actor, auction), now),
        own=own,
        deposit=None if own is None else deposits.standing(own.organisation_id, auction.deposit_reference),
        part=None if own is None else queries.own_part(own),
        bids_here=actor.can(Permission.BID_PLACE),
        authority=_authority(actor) if own is not None else None,
    )


def _authority(actor: Actor) -> BidAuthority | None:
    if actor.user_id is None or actor.organisation_id is None:
        return None
    return accounts.bid_authority(actor.user_id, actor.organisation_id)


def _visible() -> Any:
    return (
        select(Bid.sequence, AuctionBidder.number, Bid.amount, Bid.kind, Bid.at)
        .join(AuctionBidder, AuctionBidder.id == Bid.bidder_id)
        .where(Bid.accepted, Bid.kind != BidKind.LIMIT)
    )


def visible_bids(auction: Auction, since: int = 0, limit: int = SHOWN) -> list[VisibleBid]:
    """The newest visible bids after a sequence, the newest first."""
    query = _visible().where(Bid.auction_id == auction.id, Bid.sequence > since).order_by(Bid.sequence.desc())
    rows = db.session.execute(query.limit(limit))
    return [VisibleBid(row[0], row[1], row[2], row[3] is BidKind.AUTO, row[4]) for row in rows]


def message(auction: Auction, since: int) -> live_feed.Json:
    """The same as the live stream tells, for pages that poll."""
    found = visible_bids(auction, since, live_feed.KEPT)
    whole = since <= 0 or len(found) == live_feed.KEPT
    shown = found[:SHOWN] if whole else found
    bids = [
        live_feed.bid_json(one.sequence, one.number, one.amount, "auto" if one.auto else "", one.at) for one in shown
    ]
    return live_feed.message(queries.view_of(auction), reversed(bids), db_now(), whole=whole)


def chart(auction: Auction) -> Figure | None:
    """The price over time; nothing before the first bid."""
    if not auction.bid_count:
        return None
    return _chart(auction.id, bytes(auction.head), current_language())


@lru_cache(maxsize=256)
def _chart(auction_id: int, _head: bytes, _language: str) -> Figure:
    """Drawn once for each head and language: everybody in the room asks for the same drawing."""
    auction = db.session.get_one(Auction, auction_id)
    points = _points(auction)
    factor, unit = (WAN, _("10k yuan")) if auction.opening_price >= WAN else (Decimal(1), _("yuan"))
    first, last = points[0], points[-1]
    timed = beijing(auction.free_ends_at).strftime("%m-%d %H:%M")
    return step_chart(
        [(moment, amount / factor) for moment, amount in points],
        title=_("Price of %(number)s", number=auction.number),
        unit=unit,
        sentence=_(
            "From %(first)s to %(last)s yuan in %(count)s bids.",
            first=format_yuan(first[1]),
            last=format_yuan(last[1]),
            count=auction.bid_count,
        ),
        mark=(auction.free_ends_at, _("%(time)s timed period", time=timed)),
    )


def _points(auction: Auction) -> list[tuple[datetime, Decimal]]:
    place = func.row_number().over(order_by=Bid.sequence).label("place")
    bids = select(Bid.at, Bid.amount, Bid.sequence, place).where(
        Bid.auction_id == auction.id, Bid.accepted, Bid.kind != BidKind.LIMIT
    ).subquery()  # fmt: skip
    every = max(auction.bid_count // POINTS, 1)
    kept = (bids.c.place % every == 0) | (bids.c.place == 1) | (bids.c.place == auction.bid_count)
    query = select(bids.c.at, bids.c.amount).where(kept).order_by(bids.c.sequence)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def in_wan(amount: Decimal) -> str:
    """The figure that stands in a field whose unit is 万元, exact and without idle noughts."""
    return format_unit(amount, WAN, 2 if amount % 100 == 0 else 6).replace(",", "")
