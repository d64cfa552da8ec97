"""Reads about auctions: single ones, the public calendar, and what stands on whose desk. The room is in `room`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, undefer

from accounts.models import Membership, Organisation
from listings import queries as listings
from listings.models import Listing
from marketplace.db import db
from marketplace.fields import FIELDS
from marketplace.permissions import Actor
from marketplace.regions import REGIONS
from marketplace.tables import Column, Filter, Table

from . import control, policies
from .engine import PublicView, Rules, State, public_view, rules_from_json, state_from_json
from .models import Auction, AuctionBidder, Bid, CloseAlarm
from .policies import OVER, RUNNING, Candidate
from .states import AuctionState, BidderState, BidKind

#: What the calendar shows unless auctions that are over are asked for.
CURRENT = (AuctionState.ANNOUNCED, *RUNNING)
CLOSING_SOON = timedelta(minutes=30)

_PHASES = {
    "upcoming": (_l("Registration and preview"), [AuctionState.ANNOUNCED]),
    "live": (_l("Bidding now"), list(RUNNING)),
    "over": (_l("Over"), list(OVER)),
}

CALENDAR = Table(
    "auctions",
    [
        Column(_l("Number"), "number", sort=Auction.number),
        Column(_l("Result"), "title", value=lambda one: one.listing_title, sort=Listing.title),
        Column(_l("Sold by"), "seller", value=lambda one: one.organisation.name),
        Column(_l("Starts"), "starts_at", sort=Auction.starts_at),
        Column(_l("Ends at"), "ends_at", sort=Auction.ends_at),
        Column(_l("Price"), "price", sort=func.coalesce(Auction.price, Auction.opening_price), num=True),
    ],
    tie=Auction.id,
    search=(Listing.title, Auction.number, Organisation.name),
    filters=[
        Filter(
            "phase",
            _l("Phase"),
            [(key, label) for key, (label, _states) in _PHASES.items()],
            lambda value: Auction.state.in_(_PHASES[value][1]),
        ),
        Filter("field", _l("Field"), list(FIELDS.items()), lambda value: Listing.field == value),
        Filter("region", _l("Region"), list(REGIONS.items()), lambda value: Listing.region == value),
    ],
    default_sort="ends_at",
)


def rules_of(auction: Auction) -> Rules:
    """The engine's rules, reserve included: for deciding and for services, never for a page."""
    return rules_from_json({**auction.rules, "reserve": control.reserve_of(auction)})


def state_of(auction: Auction) -> State:
    """The engine's state, hidden amounts included: never for a page."""
    return state_from_json(auction.state_json, rules_of(auction))


def view_of(auction: Auction) -> PublicView:
    """What anybody may see of it."""
    return public_view(state_of(auction))


def by_number(number: str) -> Auction | None:
    """An auction with its seller, whatever its state."""
    query = select(Auction).where(Auction.number == number.upper())
    return db.session.scalars(
        query.options(joinedload(Auction.organisation), undefer(Auction.state_json))
    ).one_or_none()


def visible(actor: Actor, number: str) -> Auction | None:
    """An auction that this actor may see; any other is as if it were not."""
    auction = by_number(number)
    if auction is None:
        return None
    return auction if policies.can_view(actor, auction, bidder_of(auction, actor.organisation_id)) else None


def bidder_of(auction: Auction, organisation_id: int | None) -> AuctionBidder | None:
    """An organisation's part in an auction."""
    if organisation_id is None:
        return None
    query = select(AuctionBidder).where(
        AuctionBidder.auction_id == auction.id, AuctionBidder.organisation_id == organisation_id
    )
    return db.session.scalars(query).one_or_none()


def bidder(auction: Auction, bidder_id: int) -> AuctionBidder | None:
    """A bidder of this auction by id."""
    query = select(AuctionBidder).where(AuctionBidder.auction_id == auction.id, AuctionBidder.id == bidder_id)
    return db.session.scalars(query).one_or_none()


def bidders(auction: Auction) -> list[AuctionBidder]:
    """Everybody who registered, with their organisations: for the auctioneer."""
    query = select(AuctionBidder).where(AuctionBidder.auction_id == auction.id).order_by(AuctionBidder.number)
    return list(db.session.scalars(query.options(joinedload(AuctionBidder.organisation))))


def candidate(actor: Actor, auction: Auction) -> Candidate:
    """What stands for or against this actor's taking part."""
    member = select(Membership.id).where(
        Membership.user_id == actor.user_id,
        Membership.organisation_id == auction.organisation_id,
        Membership.ended_at.is_(None),
    )
    organisation = db.session.get(Organisation, actor.organisation_id) if actor.organisation_id else None
    return Candidate(
        of_seller=actor.user_id is not None and db.session.scalars(member).first() is not None,
        banned_until=organisation.banned_until if organisation else None,
        bidder=bidder_of(auction, actor.organisation_id),
    )


def winner_of(auction: Auction) -> AuctionBidder | None:
    """Who won, with the organisation."""
    query = select(AuctionBidder).where(AuctionBidder.id == auction.winner_bidder_id)
    return db.session.scalars(query.options(joinedload(AuctionBidder.organisation))).one_or_none()


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What a bidder has done here so far."""

    latest: Bid | None
    #: Whether any bid or limit of theirs was ever taken, and the highest limit that was.
    taken: bool
    limit: Decimal | None


def own_part(own: AuctionBidder) -> OwnPart:
    """A bidder's latest bid and standing limit, whatever the length of the log."""
    mine = (Bid.auction_id == own.auction_id, Bid.bidder_id == own.id, Bid.kind != BidKind.AUTO)
    latest = db.session.scalars(select(Bid).where(*mine).order_by(Bid.sequence.desc()).limit(1)).first()
    limits = func.max(Bid.amount).filter(Bid.kind == BidKind.LIMIT)
    taken, limit = db.session.execute(select(func.count(), limits).where(*mine, Bid.accepted)).one()
    return OwnPart(latest, taken > 0, limit)


def own_bids(own: AuctionBidder) -> list[Bid]:
    """Everything a bidder sent that the evidence holds, the newest first."""
    query = select(Bid).where(Bid.auction_id == own.auction_id, Bid.bidder_id == own.id, Bid.kind != BidKind.AUTO)
    return list(db.session.scalars(query.order_by(Bid.sequence.desc())))


def calendar(*, over: bool) -> Select[Any]:
    """Announced auctions that are open to everybody, with their sellers."""
    query = (
        select(Auction)
        .join(Listing, Listing.id == Auction.listing_id)
        .join(Auction.organisation)
        .options(contains_eager(Auction.organisation))
        .where(Auction.announced_at.is_not(None), Auction.restricted.is_(False))
    )
    return query if over else query.where(Auction.state.in_(CURRENT))


def live(limit: int = 6) -> list[Auction]:
    """What is being auctioned, the next end first; then what comes next."""
    running = Auction.state.in_(RUNNING)
    query = calendar(over=False).order_by(running.desc(), Auction.ends_at, Auction.id).limit(limit)
    return list(db.session.scalars(query))


def titles(auctions: Iterable[Auction]) -> dict[int, Listing]:
    """The results of these auctions, by the auction's id, in one query."""
    known = list(auctions)
    wanted = {auction.listing_id for auction in known}
    found = {one.id: one for one in db.session.scalars(select(Listing).where(Listing.id.in_(wanted)))}
    return {auction.id: found[auction.listing_id] for auction in known}


def listing_of(auction: Auction) -> Listing:
    """The result that it sells."""
    return db.session.get_one(Listing, auction.listing_id)


def for_listing(listing_id: int) -> Auction | None:
    """The newest announced auction of a result, for the result's page."""
    query = select(Auction).where(Auction.listing_id == listing_id, Auction.announced_at.is_not(None))
    return db.session.scalars(query.order_by(Auction.id.desc()).limit(1)).first()


def taking_part(organisation_id: int) -> list[AuctionBidder]:
    """An organisation's registrations with their auctions: those that run first, then by end."""
    query = (
        select(AuctionBidder)
        .join(AuctionBidder.auction)
        .options(contains_eager(AuctionBidder.auction))
        .where(AuctionBidder.organisation_id == organisation_id)
        .order_by(Auction.state.in_(OVER), Auction.ends_at, Auction.id)
    )
    return list(db.session.scalars(query))


def committed(organisation_id: int) -> Decimal:
    """The most that an organisation has promised in live auctions that it leads: its own limits, its own page."""
    query = (
        select(func.coalesce(func.sum(Auction.state_json["limit"].astext.cast(Auction.opening_price.type)), 0))
        .join(AuctionBidder, AuctionBidder.id == Auction.leader_id)
        .where(AuctionBidder.organisation_id == organisation_id, Auction.state.in_(RUNNING))
    )
    return Decimal(db.session.scalar(query) or 0)


def committed_by_person(organisation_id: int) -> dict[int, Decimal]:
    """The same by the person who placed what leads."""
    query = (
        select(Auction.leader_user_id, func.sum(Auction.state_json["limit"].astext.cast(Auction.opening_price.type)))
        .join(AuctionBidder, AuctionBidder.id == Auction.leader_id)
        .where(AuctionBidder.organisation_id == organisation_id, Auction.state.in_(RUNNING))
        .group_by(Auction.leader_user_id)
    )
    return {person: Decimal(amount or 0) for person, amount in db.session.execute(query) if person is not None}


def selling(organisation_id: int) -> list[Auction]:
    """A seller's auctions, the newest first."""
    query = select(Auction).where(Auction.organisation_id == organisation_id)
    return list(db.session.scalars(query.order_by(Auction.id.desc())))


def requests() -> list[Auction]:
    """Requests that wait for an auctioneer, the oldest first; returned ones wait for their seller."""
    query = select(Auction).where(Auction.state == AuctionState.DRAFT, Auction.reason == "")
    return list(db.session.scalars(query.options(joinedload(Auction.organisation)).order_by(Auction.id)))


def in_states(states: Sequence[AuctionState], limit: int = 200) -> list[Auction]:
    """Auctions in these states, the next end first."""
    query = select(Auction).where(Auction.state.in_(states)).options(joinedload(Auction.organisation))
    return list(db.session.scalars(query.order_by(Auction.ends_at, Auction.id).limit(limit)))


def undecided() -> list[AuctionBidder]:
    """Registrations that nobody has looked at, with auction and organisation."""
    query = (
        select(AuctionBidder)
        .join(AuctionBidder.auction)
        .options(contains_eager(AuctionBidder.auction), joinedload(AuctionBidder.organisation))
        .where(
            AuctionBidder.state == BidderState.REGISTERED,
            AuctionBidder.decided_at.is_(None),
            Auction.state.in_(CURRENT),
        )
        .order_by(Auction.starts_at, AuctionBidder.id)
    )
    return list(db.session.scalars(query))


def alarms() -> list[tuple[CloseAlarm, Auction]]:
    """Auctions that the closer could not move on."""
    query = select(CloseAlarm, Auction).join(Auction, Auction.id == CloseAlarm.auction_id)
    found = db.session.execute(query.where(CloseAlarm.cleared_at.is_(None)).order_by(CloseAlarm.id))
    return [(row[0], row[1]) for row in found]


def ending_soon(within: timedelta) -> list[Auction]:
    """Auctions whose timed period begins, or whose end comes, within this time."""
    soon = func.clock_timestamp() + within
    query = select(Auction).where(
        Auction.state == AuctionState.OPEN,
        or_(Auction.free_ends_at.between(func.clock_timestamp(), soon), Auction.ends_at <= soon),
    )
    return list(db.session.scalars(query.order_by(Auction.ends_at)))


def free_for_auction(actor: Actor) -> list[Listing]:
    """The actor's own results that may go to auction and of which no auction is asked for."""
    taken = {auction.listing_id for auction in selling(actor.organisation_id or 0) if auction.state not in OVER}
    return [one for one in listings.for_auction(actor) if one.id not in taken]


def of_listing(listing_id: int) -> list[Auction]:
    """Auctions of a result that are not over."""
    query = select(Auction).where(Auction.listing_id == listing_id, Auction.state.not_in(OVER))
    return list(db.session.scalars(query))
