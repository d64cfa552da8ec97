"""What people are told about auctions. One function a message; what decides about money or rights is told by law."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts.models import User
from accounts.queries import members_with, staff_with
from marketplace import links, notices
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.permissions import Permission

from .models import Auction, AuctionBidder
from .states import BidderState

#: In a hot auction a bidder is outbid every few seconds; one mail in this time is enough.
OUTBID_PAUSE_S = 600

EVENTS = {
    "requested": (_l("An auction is asked for"), False),
    "returned": (_l("Our request for an auction was returned"), False),
    "announced": (_l("Our auction is announced"), False),
    "registered": (_l("An organisation registered for an auction"), False),
    "qualified": (_l("We are admitted to an auction"), True),
    "refused": (_l("We are not admitted to an auction"), True),
    "outbid": (_l("We were outbid"), False),
    "ending_soon": (_l("An auction we take part in ends soon"), False),
    "suspended": (_l("An auction was suspended"), True),
    "resumed": (_l("An auction goes on"), True),
    "cancelled": (_l("An auction was cancelled"), True),
    "won": (_l("We won an auction"), True),
    "lost": (_l("We did not win an auction"), True),
    "closed": (_l("Our auction has ended"), True),
}


def register() -> None:
    """Declare the events for people's preferences."""
    for name, (label, legal) in EVENTS.items():
        notices.register_event(f"auctions.{name}", label, legal)


def requested(auction: Auction, title: str) -> int:
    """Auctioneers: a request waits."""
    url = links.path("auctions.manage", number=auction.number)
    return _send("requested", auction, staff_with(Permission.AUCTION_RUN), url=url, title=title)


def returned(auction: Auction) -> int:
    """The seller: what has to change."""
    url = links.path("auctions.edit", number=auction.number)
    key = f"{auction.number}:{auction.rules_version}"
    return _send("returned", auction, _sellers(auction), url=url, key=key, reason=auction.reason)


def announced(auction: Auction) -> int:
    """The seller: the terms stand, registration is open."""
    return _send("announced", auction, _sellers(auction))


def registered(auction: Auction, bidder: AuctionBidder) -> int:
    """Auctioneers: a registration to decide."""
    url = links.path("auctions.manage", number=auction.number)
    key = f"{auction.number}/{bidder.number}"
    return _send("registered", auction, staff_with(Permission.AUCTION_RUN), url=url, key=key, bidder=bidder.number)


def qualified(auction: Auction, bidder: AuctionBidder) -> int:
    """The bidder: approved, and the deposit stands."""
    return _send("qualified", auction, _people(bidder.organisation_id), bidder=bidder.number)


def refused(auction: Auction, bidder: AuctionBidder) -> int:
    """The bidder: not admitted, and why."""
    return _send("refused", auction, _people(bidder.organisation_id), reason=bidder.reason)


def outbid(auction: Auction, organisation_id: int, price: Any) -> int:
    """Who led until a moment ago, at most every ten minutes."""
    slot = int(db_now().timestamp()) // OUTBID_PAUSE_S
    key = f"{auction.number}:{slot}"
    return _send("outbid", auction, members_with(organisation_id, Permission.BID_PLACE), key=key, price=price)


def ending_soon(auction: Auction) -> int:
    """Admitted bidders, once: the timed period is about to begin, or the end is near."""
    return _send("ending_soon", auction, _bidders(auction, BidderState.QUALIFIED))


def suspended(auction: Auction) -> int:
    """Everybody who takes part and the seller: no bids for now."""
    key = f"{auction.number}:{auction.sequence}"
    return _send("suspended", auction, _everybody(auction), key=key, reason=auction.reason)


def resumed(auction: Auction) -> int:
    """Everybody who takes part and the seller: the new end."""
    key = f"{auction.number}:{auction.sequence}"
    return _send("resumed", auction, _everybody(auction), key=key, reason=auction.reason)


def cancelled(auction: Auction) -> int:
    """Everybody who takes part and the seller: no sale, deposits go back."""
    return _send("cancelled", auction, _everybody(auction), reason=auction.reason)


def won(auction: Auction, organisation_id: int) -> int:
    """The winner: the price, and what comes next."""
    return _send("won", auction, _people(organisation_id), price=auction.price)


def lost(auction: Auction, organisation_id: int) -> int:
    """Every other bidder: how it ended, and that the deposit goes back."""
    return _send("lost", auction, _people(organisation_id), outcome=auction.outcome)


def closed(auction: Auction) -> int:
    """The seller: how it ended."""
    return _send("closed", auction, _sellers(auction), outcome=auction.outcome, price=auction.price)


def _send(name: str, auction: Auction, people: Iterable[User], *, url: str = "", key: str = "", **told: Any) -> int:
    return notices.send(
        f"auctions.{name}",
        [person.id for person in people],
        {"auction": auction, **told},
        url=url or links.path("auctions.show", number=auction.number),
        key=key or auction.number,
    )


def _sellers(auction: Auction) -> list[User]:
    return members_with(auction.organisation_id, Permission.AUCTION_REQUEST)


def _people(organisation_id: int) -> list[User]:
    """Bidders and their finance: whoever may see the deposit."""
    return members_with(organisation_id, Permission.DEPOSIT_READ)


def _bidders(auction: Auction, *states: BidderState) -> list[User]:
    query = select(AuctionBidder.organisation_id).where(
        AuctionBidder.auction_id == auction.id, AuctionBidder.state.in_(states)
    )
    found = [person for organisation_id in db.session.scalars(query) for person in _people(organisation_id)]
    return list({person.id: person for person in found}.values())


def _everybody(auction: Auction) -> list[User]:
    return _bidders(auction, BidderState.REGISTERED, BidderState.QUALIFIED) + _sellers(auction)
