"""An auction's engine state in the database: locked, parsed, changed by the engine, and written back set-based.

The desk, the closer and the auctioneer's commands all read and write through here, on the psycopg connection of
their own transaction. Nothing else writes what moves while an auction runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from .engine import (
    BidPlaced,
    Closed,
    Event,
    LimitSet,
    Phase,
    Refused,
    Rules,
    State,
    event_to_json,
    initial_state,
    rules_from_json,
    rules_to_json,
    state_from_json,
    state_to_json,
)
from .engine.evidence import SALT_BYTES, genesis, leaf_hash, next_head
from .states import AuctionState

Connection = psycopg.Connection[Any]

COLUMNS = """a.id, a.number, a.listing_id, a.organisation_id, a.state, a.rules_version, a.head, a.state_json,
    a.due_at, a.outage_tolerance_s, a.leader_id, a.leader_user_id"""
LOCK_ONE = f"SELECT {COLUMNS} FROM auctions a WHERE a.id = %s FOR UPDATE"  # noqa: S608 - a constant
#: What others hold is left out: a transaction of many auctions waits for none of them.
LOCK_FREE = f"SELECT {COLUMNS} FROM auctions a WHERE a.id = ANY(%s) ORDER BY a.id FOR UPDATE SKIP LOCKED"  # noqa: S608
CLOCK = "SELECT clock_timestamp()"

#: Parsed rules by (auction, version), and the last state seen of an auction with its head. Both are pure
#: functions of their key, so a process may keep them; they are dropped whole when they grow too many.
_rules: dict[tuple[int, int], Rules] = {}
_states: dict[int, tuple[bytes, State]] = {}
_organisations: dict[int, int] = {}
CACHE_SIZE = 16_384

STATE_OF_PHASE = {
    Phase.SCHEDULED: AuctionState.ANNOUNCED,
    Phase.FREE: AuctionState.OPEN,
    Phase.TIMED: AuctionState.OPEN,
    Phase.SUSPENDED: AuctionState.SUSPENDED,
    Phase.CANCELLED: AuctionState.CANCELLED,
    Phase.CLOSED: AuctionState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Who:
    """The person and bidder behind a command."""

    bidder_id: int
    user_id: int
    approved_by_id: int | None = None


@dataclass(slots=True)
class Book:
    """One locked auction: what it was, what it has become, and the rows that say how."""

    id: int
    number: str
    listing_id: int
    organisation_id: int
    stored: AuctionState
    due_at: datetime | None
    tolerance_s: int
    state: State
    head: bytes
    leader_id: int | None
    leader_user_id: int | None
    #: Bidder ids by their numbers here, as far as this transaction needs them.
    bidders: dict[int, int] = field(default_factory=dict)
    made: list[Event] = field(default_factory=list)
    bid_rows: list[tuple[Any, ...]] = field(default_factory=list)
    event_rows: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, state: State, events: Iterable[Event], who: Who | None = None, kind: str = "bid") -> None:
        """Take over what the engine decided: the state after it, and a leaf in the evidence for each event."""
        for event in events:
            entry, salt = event_to_json(event), os.urandom(SALT_BYTES)
            leaf = leaf_hash(salt, entry)
            self.head = next_head(self.head, leaf)
            proof = (salt, leaf, self.head)
            self.made.append(event)
            if isinstance(event, BidPlaced | LimitSet | Refused):
                self.bid_rows.append(self._bid_row(event, who, kind) + proof)
            else:
                dumped = json.dumps(entry, ensure_ascii=False)
                self.event_rows.append((self.id, event.sequence, entry["event"], event.at, dumped, *proof))
        self.state = state
        if state.leader is not None:
            self.leader_id = self.bidders[state.leader]

    def _bid_row(self, event: BidPlaced | LimitSet | Refused, who: Who | None, kind: str) -> tuple[Any, ...]:
        automatic = isinstance(event, BidPlaced) and event.automatic
        own = who is not None and self.bidders[event.bidder] == who.bidder_id
        user, approver = (who.user_id, who.approved_by_id) if who is not None and own else (None, None)
        refusal = event.code if isinstance(event, Refused) else ""
        return (
            self.id, event.sequence, self.bidders[event.bidder], user, approver, event.key,
            "auto" if automatic else kind, event.limit if isinstance(event, LimitSet) else event.amount,
            not refusal, refusal, event.at, None if isinstance(event, Refused) else event.ends_at,
        )  # fmt: skip

    @property
    def auction_state(self) -> AuctionState:
        """The product's state; a cancelled auction stays cancelled though its log is closed."""
        outcome = self.state.outcome
        if outcome is not None and outcome.kind.value == "cancelled":
            return AuctionState.CANCELLED
        if self.stored is AuctionState.DRAFT and self.state.phase is Phase.SCHEDULED:
            return AuctionState.DRAFT
        return STATE_OF_PHASE[self.state.phase]

    @property
    def closed(self) -> Closed | None:
        """The closing event, if it was written in this transaction."""
        last = self.made[-1] if self.made else None
        return last if isinstance(last, Closed) else None


def due_at(state: State) -> datetime | None:
    """The next moment at which time alone changes something."""
    if state.phase is Phase.SCHEDULED:
        return state.rules.opens_at
    if state.phase is Phase.FREE and state.free_ends_at < state.ends_at:
        return state.free_ends_at
    return state.ends_at if state.phase in (Phase.FREE, Phase.TIMED) else None


def lock_one(connection: Connection, auction_id: int) -> tuple[Book, datetime]:
    """Lock an auction and then read the clock: in one statement the time would be from before the wait."""
    row = connection.execute(LOCK_ONE, (auction_id,)).fetchone()
    if row is None:
        raise LookupError(auction_id)
    return books(connection, [row])[0], now(connection)


def now(connection: Connection) -> datetime:
    """The database's clock."""
    (moment,) = connection.execute(CLOCK).fetchone() or (None,)
    assert isinstance(moment, datetime)  # noqa: S101 - a clock always answers
    return moment.astimezone(UTC)


def books(connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Book]:
    """Parse locked rows; rules that this process does not know yet are read for all of them at once."""
    missing = [row[0] for row in rows if (row[0], row[5]) not in _rules]
    if missing:
        _load_rules(connection, missing)
    return [_book(row) for row in rows]


def _load_rules(connection: Connection, ids: list[int]) -> None:
    if len(_rules) + len(ids) > CACHE_SIZE:
        _rules.clear()
    found = connection.execute(
        "SELECT a.id, a.rules_version, a.rules, s.reserve FROM auctions a"
        " LEFT JOIN auction_secrets s ON s.auction_id = a.id WHERE a.id = ANY(%s)",
        (ids,),
    )
    for auction_id, version, rules, reserve in found:
        _rules[auction_id, version] = rules_from_json({**rules, "reserve": reserve})


def _book(row: Sequence[Any]) -> Book:
    auction_id, number, listing_id, seller, stored, version, head, data, due, tolerance, leader_id, leader_user = row
    state = _state(auction_id, version, head, data)
    bidders = {state.leader: leader_id} if state.leader is not None and leader_id is not None else {}
    return Book(
        auction_id, number, listing_id, seller, AuctionState(stored), due, tolerance, state, head,
        leader_id, leader_user, bidders,
    )  # fmt: skip


def _state(auction_id: int, version: int, head: bytes, data: dict[str, Any]) -> State:
    known = _states.get(auction_id)
    if known is not None and known[0] == head:
        return known[1]
    return state_from_json(data, _rules[auction_id, version])


def forget() -> None:
    """Drop what this process keeps: the database behind it may be another one from here on."""
    for kept in (_rules, _states, _organisations):
        kept.clear()


def remember(written: Iterable[Book]) -> None:
    """After the commit: spare this process the parsing when it locks the auction next."""
    for book in written:
        if len(_states) >= CACHE_SIZE:
            _states.clear()
        if book.made:
            _states[book.id] = (book.head, book.state)


def organisations_of(connection: Connection, bidder_ids: Iterable[int]) -> dict[int, int]:
    """The organisations behind bidders, in one query at most; they never change, so the process keeps them."""
    wanted = set(bidder_ids)
    missing = [one for one in wanted if one not in _organisations]
    if missing:
        if len(_organisations) + len(missing) > CACHE_SIZE:
            _organisations.clear()
            missing = list(wanted)
        found = connection.execute("SELECT id, organisation_id FROM auction_bidders WHERE id = ANY(%s)", (missing,))
        _organisations.update(found.fetchall())
    return {one: _organisations[one] for one in wanted}


_INSERT_BIDS = """
    INSERT INTO bids (auction_id, sequence, bidder_id, user_id, approved_by_id, key, kind, amount, accepted, refusal,
                      at, ends_at, salt, leaf, head)
    SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[],
        %b::numeric[], %b::boolean[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bytea[], %b::bytea[],
        %b::bytea[])"""
_INSERT_EVENTS = """
    INSERT INTO auction_events (auction_id, sequence, kind, at, entry, salt, leaf, head)
    SELECT i, n, k, t, e::jsonb, s, l, h
    FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::timestamptz[], %b::text[], %b::bytea[], %b::bytea[],
        %b::bytea[]) AS u (i, n, k, t, e, s, l, h)"""
_UPDATE = """
    UPDATE auctions a SET state = u.state, phase = u.phase, state_json = u.state_json::jsonb, sequence = u.sequence,
        head = u.head, price = u.price, bid_count = u.bids, bidder_count = u.bidders, leader_id = u.leader,
        leader_user_id = u.leader_user, free_ends_at = u.free_ends_at, ends_at = u.ends_at, due_at = u.due_at,
        outcome = u.outcome, winner_bidder_id = u.winner, closed_at = u.closed_at
    FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bytea[], %b::numeric[],
        %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[], %b::timestamptz[],
        %b::timestamptz[], %b::text[], %b::bigint[], %b::timestamptz[])
        AS u (id, state, phase, state_json, sequence, head, price, bids, bidders, leader, leader_user, free_ends_at,
              ends_at, due_at, outcome, winner, closed_at)
    WHERE a.id = u.id"""


def write(connection: Connection, changed: Sequence[Book]) -> None:
    """Write bids, evidence and state of all these auctions (at least one) in three statements."""
    bids = [row for book in changed for row in book.bid_rows]
    events = [row for book in changed for row in book.event_rows]
    if bids:
        connection.execute(_INSERT_BIDS, _columns(bids))
    if events:
        connection.execute(_INSERT_EVENTS, _columns(events))
    connection.execute(_UPDATE, _columns([_update_row(book) for book in changed]))


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _update_row(book: Book) -> tuple[Any, ...]:
    state, outcome = book.state, book.state.outcome
    sold = outcome is not None and outcome.winner is not None
    return (
        book.id, book.auction_state.value, state.phase.value, state_text(state), state.sequence, book.head,
        state.price, state.bids, len(state.bidders), book.leader_id, book.leader_user_id, state.free_ends_at,
        state.ends_at, _due(book), None if outcome is None else outcome.kind.value,
        book.leader_id if sold else None, None if outcome is None else state.last_at,
    )  # fmt: skip


def _due(book: Book) -> datetime | None:
    """The old bound for as long as it is one: bids that extend an auction then leave the index alone."""
    due = due_at(book.state)
    unchanged = due is not None and book.due_at is not None and book.due_at <= due and not book.event_rows
    return book.due_at if unchanged else due


def state_text(state: State) -> str:
    """The engine's state as stored: without the rules, which stand in their own column."""
    return json.dumps(state_to_json(state, with_rules=False))


def first_values(number: str, rules: Rules) -> dict[str, Any]:
    """Column values of an auction under these rules before anything has happened."""
    state = initial_state(rules)
    return {
        "rules": rules_to_json(rules, with_reserve=False),
        "opening_price": rules.opening,
        "has_reserve": rules.reserve is not None,
        "starts_at": rules.opens_at,
        "free_ends_at": rules.free_ends_at,
        "ends_at": rules.ends_at,
        "due_at": None,
        "state_json": json.loads(state_text(state)),
        "head": genesis(number),
    }
