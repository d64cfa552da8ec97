"""Auctions for people's own calendar programs (iCalendar, RFC 5545). UIDs stay, so that changes replace entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event
from sqlalchemy import func, or_

from marketplace import links
from marketplace.db import db

from . import queries
from .models import Auction
from .policies import OVER
from .states import AuctionState

#: How long an auction that is over stays in the feed.
KEPT = timedelta(days=90)
_UID_DOMAIN = "auctions.exchange"


def public_auctions() -> list[Auction]:
    """Announced auctions open to everybody, and those that ended not long ago."""
    recent = or_(Auction.state.not_in(OVER), Auction.ends_at > func.clock_timestamp() - KEPT)
    query = queries.calendar(over=True).where(recent).order_by(Auction.starts_at, Auction.id)
    return list(db.session.scalars(query))


def calendar(auctions: Iterable[Auction]) -> bytes:
    """These auctions as a calendar file."""
    known = list(auctions)
    listings = queries.titles(known)
    made = Calendar()
    made.add("prodid", "-//exchange//auctions//ZH")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", _("Auctions"))
    for auction in known:
        made.add_component(_entry(auction, listings[auction.id].title))
    return bytes(made.to_ical())


def _entry(auction: Auction, title: str) -> Event:
    entry = Event()
    entry.add("uid", f"{auction.number}@{_UID_DOMAIN}")
    entry.add("dtstamp", auction.announced_at or auction.created_at)
    # What happened since raises it, so that programs take a later end or a cancellation over.
    entry.add("sequence", auction.sequence)
    entry.add("dtstart", auction.starts_at)
    entry.add("dtend", max(auction.ends_at, auction.starts_at))
    entry.add("summary", f"{title} {auction.number}")
    entry.add("url", links.absolute("auctions.show", number=auction.number))
    entry.add("status", "CANCELLED" if auction.state is AuctionState.CANCELLED else "CONFIRMED")
    entry.add(
        "description",
        _("Opening price %(amount)s yuan. The end moves while bids come in.", amount=auction.opening_price),
    )
    return entry
