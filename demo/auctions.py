"""Forty auctions in every state: requested and announced by the services, the earlier ones played through the engine.

What lies in the past is played by `play`, the only place where a bid may carry an earlier moment: the same engine
decides each bid, and the same writing puts it into log and evidence, in the order of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from accounts.roles import OrganisationKind
from auctions import control, services, settlement, storage
from auctions.engine import Close, PlaceBid, advance, decide, minimum_bid
from auctions.models import Auction, AuctionBidder
from auctions.states import BidderState
from auctions.storage import Book, Who
from auctions.terms import DEPOSIT_PROPOSED, STEP_PROPOSED, Terms, round_up
from listings.models import Listing
from marketplace.db import db
from marketplace.permissions import SYSTEM
from payments import services as payments

from .organisations import Party
from .people import TRIED, staff
from .results import plans
from .words import SEED

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
#: How many auctions stand where.
FATES = {
    "sold": 12, "no_bid": 3, "reserve_not_met": 3, "cancelled": 2, "suspended": 1, "timed": 1, "ending": 4, "free": 5,
    "announced": 6, "draft": 3,
}  # fmt: skip
SMALL_FATES = {"sold": 1, "no_bid": 1, "reserve_not_met": 1, "cancelled": 1, "ending": 1, "announced": 1}
#: When the free period of auctions that end soon is over, after the load.
ENDING = (4 * MINUTE, 7 * MINUTE, 11 * MINUTE, 16 * MINUTE)
PLAYED = frozenset({"sold", "no_bid", "reserve_not_met", "suspended", "timed", "ending", "free"})
OVER = frozenset({"sold", "no_bid", "reserve_not_met"})
RUNNING = frozenset({"timed", "ending", "free"})


@dataclass(frozen=True, slots=True)
class Plan:
    """One auction to make."""

    serial: int
    fate: str
    listing_key: str


def missing(small: bool) -> list[Plan]:
    """The auctions that are not there yet: each has its own result."""
    fates = [fate for fate, count in (SMALL_FATES if small else FATES).items() for _ in range(count)]
    keys = [one.key for one in plans(small) if one.fate == "auction"]
    wanted = [Plan(serial, fate, key) for serial, (fate, key) in enumerate(zip(fates, keys, strict=False))]
    query = select(Listing.import_hash).join(Auction, Auction.listing_id == Listing.id).where(Auction.sample)
    known = set(db.session.scalars(query))
    return [one for one in wanted if one.listing_key not in known]


def make(plan: Plan, parties: dict[str, Party], now: datetime) -> Auction:
    """Request, announce, admit, and play what has happened by now."""
    random = Random(f"{SEED}:auction:{plan.serial}")
    listing = db.session.scalars(select(Listing).where(Listing.import_hash == plan.listing_key)).one()
    seller = next(one for one in parties.values() if one.organisation.id == listing.organisation_id)
    past = plan.fate in PLAYED
    terms = _terms(random, plan, listing.price or Decimal(500_000), now)
    auction = services.schedule(SYSTEM if past else seller.team["editor"], listing.id, terms)
    auction.sample = True
    if plan.fate == "draft":
        return auction
    services.announce(SYSTEM if past else staff("auctioneer"), auction)
    bidders = list(_bidders(random, auction, parties, listing, plan.fate))
    if past:
        auction.announced_at = terms.registration_ends_at - 8 * DAY
        play(auction, list(_bids(random, plan, terms, bidders, now)), over=plan.fate in OVER)
    if plan.fate == "cancelled":
        services.cancel(staff("auctioneer"), auction, "权利人提出权属核实申请，经审核终结本次竞价。")
    if plan.fate == "suspended":
        services.suspend(staff("auctioneer"), auction, "收到利害关系人异议，核实期间中止报价。")
    return auction


def _terms(random: Random, plan: Plan, price: Decimal, now: datetime) -> Terms:
    starts, ends = _times(random, plan, now)
    opening = price.quantize(Decimal(1000)) or Decimal(50_000)
    reserve = {"reserve_not_met": opening * 3, "sold": opening}.get(plan.fate)
    return Terms(
        opening=opening,
        bands=((Decimal(0), round_up(opening * STEP_PROPOSED)),),
        deposit=round_up(opening * DEPOSIT_PROPOSED),
        registration_ends_at=starts - timedelta(hours=16),
        starts_at=starts,
        free_ends_at=ends,
        cycle_s=300 if plan.fate == "timed" else 180,
        reserve=reserve,
        announce_reserve_status=plan.serial % 2 == 0,
        conditions="竞买人应具备承接该成果产业化的能力；成交后十个工作日内签订技术合同。",
    )


def _times(random: Random, plan: Plan, now: datetime) -> tuple[datetime, datetime]:
    """Opening and end of the free period; whole hours, but for those that end while somebody watches."""
    hour = (now + 8 * HOUR).replace(minute=0, second=0, microsecond=0) - 8 * HOUR
    morning = hour.replace(hour=1)
    if plan.fate in OVER:
        starts = morning - random.randrange(4, 240) * DAY
        return starts, starts + timedelta(hours=30)
    if plan.fate == "ending":
        return hour - 26 * HOUR, now + ENDING[plan.serial % len(ENDING)]
    if plan.fate == "timed":
        return hour - 26 * HOUR, now - MINUTE
    if plan.fate in ("free", "suspended"):
        return hour - random.randrange(4, 30) * HOUR, morning + random.randrange(1, 4) * DAY + 5 * HOUR
    starts = morning + random.randrange(8, 20) * DAY
    return starts, starts + timedelta(hours=30)


def _bidders(
    random: Random, auction: Auction, parties: dict[str, Party], listing: Listing, fate: str
) -> Iterator[AuctionBidder]:
    """Two to four companies, registered, paid and admitted; of an announced auction one still waits.

    Those that people try out are in every running room besides, so that whoever signs in may bid.
    """
    others = {
        slug: one
        for slug, one in parties.items()
        if one.organisation.kind is OrganisationKind.COMPANY and one.organisation.id != listing.organisation_id
    }
    guests = [others.pop(slug) for slug in TRIED if slug in others and fate in RUNNING]
    past = fate in PLAYED
    for place, party in enumerate([*guests, *random.sample(list(others.values()), random.randrange(2, 5))], 1):
        bidder = _enter(auction, party, place) if past else _register(auction, party)
        if past or place > 1:
            _pay(random, auction, party)
            services.approve_bidder(staff("auctioneer"), bidder)
        yield bidder


def _register(auction: Auction, party: Party) -> AuctionBidder:
    return services.register_bidder(party.team["editor"], auction, {"rules", "conditions", "unrelated"})


def _enter(auction: Auction, party: Party, number: int) -> AuctionBidder:
    """As registered when registration was open, which it no longer is."""
    editor, organisation = party.team["editor"], party.organisation
    bidder = AuctionBidder(
        auction=auction,
        organisation_id=organisation.id,
        number=number,
        state=BidderState.REGISTERED,
        user_id=editor.user_id,
    )
    db.session.add(bidder)
    payments.require(
        editor, organisation.id, auction.deposit_reference, auction.deposit_amount, auction.registration_ends_at
    )
    return bidder


def _pay(random: Random, auction: Auction, party: Party) -> None:
    """Recorded by one officer, confirmed by another."""
    due_at = auction.registration_ends_at
    deposit = payments.require(SYSTEM, party.organisation.id, auction.deposit_reference, auction.deposit_amount, due_at)
    paid_at = min(auction.starts_at - timedelta(hours=random.randrange(20, 60)), auction.created_at)
    reference = f"样例{auction.number[2:]}-{party.organisation.id:04d}"
    payments.record_receipt(staff("finance"), deposit, deposit.amount, reference, paid_at, party.organisation.name)
    payments.confirm_receipt(staff("finance2"), deposit)


@dataclass(frozen=True, slots=True)
class PastBid:
    """A bid of an earlier moment: the least that is valid then, and so many steps more."""

    at: datetime
    bidder: AuctionBidder
    steps: int


def _bids(random: Random, plan: Plan, terms: Terms, bidders: list[AuctionBidder], now: datetime) -> Iterator[PastBid]:
    """Now and then through the free period, quickly towards its end; nobody bids twice in a row."""
    if plan.fate == "no_bid":
        return
    until = min(terms.free_ends_at, now - timedelta(seconds=20)) if plan.fate != "timed" else now
    span = until - terms.starts_at
    moments = sorted(
        terms.starts_at + span * (1 - random.random() ** 2 * 0.999) for _ in range(random.randrange(5, 26))
    )
    if plan.fate == "sold":
        moments += [
            until + timedelta(seconds=150 * turn + random.randrange(5, 20)) for turn in range(random.randrange(1, 5))
        ]
    if plan.fate == "timed":
        moments.append(now - timedelta(seconds=5))
    before: AuctionBidder | None = None
    for at in moments:
        before = random.choice([one for one in bidders if one is not before])
        yield PastBid(at, before, random.choice((0, 0, 1, 1, 2, 4)))


def play(auction: Auction, bids: list[PastBid], *, over: bool) -> None:
    """Let the engine decide these bids at their own moments, close it if it is over, and write everything down."""
    connection = control.raw_connection()
    book, now = storage.lock_one(connection, auction.id)
    for number, bid in enumerate(bids, 1):
        _place(book, bid, f"sample-{number}")
    _advance(book, book.state.ends_at + timedelta(seconds=1) if over else now)
    if over:
        decision = decide(book.state, Close(), book.state.ends_at + timedelta(seconds=1))
        book.add(decision.state, decision.events)
    settlement.write(connection, [book])
    db.session.refresh(auction)


def _place(book: Book, bid: PastBid, key: str) -> None:
    _advance(book, bid.at)
    step = book.state.rules.step_at(book.state.price or book.state.rules.opening)
    command = PlaceBid(bid.bidder.number, minimum_bid(book.state) + step * bid.steps, key)
    decision = decide(book.state, command, bid.at)
    if decision.refusal is not None:
        return
    book.bidders[bid.bidder.number] = bid.bidder.id
    book.add(decision.state, decision.events, Who(bid.bidder.id, bid.bidder.user_id or 0))
    book.leader_user_id = bid.bidder.user_id


def _advance(book: Book, at: datetime) -> None:
    due = advance(book.state, at)
    book.add(due.state, due.events)
