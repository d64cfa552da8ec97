"""One transaction of the desk: lock, read the clock, read who may bid, decide all, write all, commit once.

Running it again with the same requests is safe: a bid that a lost commit did store is found by its key and answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from marketplace.facts import BidderOutbid, Fact
from marketplace.fault import declare, fault

from . import closing, eligibility, outages, settlement, storage
from .eligibility import BidRequest, Commitments, Known, Standing
from .engine import Bid, Decision, PlaceBid, PublicView, Refused, SetLimit, advance, decide, public_view, record_refusal
from .engine.amounts import in_range, to_fen
from .engine.lifecycle import RUNNING
from .errors import NO_BIDS, DeskCode, NoSuchAuction
from .evidence import Proof
from .states import AuctionState
from .storage import Book, Connection, Who

BEFORE_COMMIT = declare("desk.before_commit", "bids are written and not committed")
AFTER_COMMIT = declare("desk.after_commit", "bids are committed and nobody has been answered")


@dataclass(frozen=True, slots=True)
class BidAnswer:
    """What is true of one request after the commit."""

    accepted: bool
    #: A code of `errors.MESSAGES`; empty where the bid was accepted.
    refusal: str
    at: datetime
    #: How the auction stands after the whole batch.
    view: PublicView
    #: The bidder's number here, where there is one.
    bidder: int | None = None
    minimum: Decimal | None = None
    step: Decimal | None = None
    #: None where the request left no trace in the evidence.
    proof: Proof | None = None
    #: True where the key had been decided before.
    repeated: bool = False

    @property
    def sequence(self) -> int | None:
        return None if self.proof is None else self.proof.sequence

    @property
    def leads(self) -> bool:
        """True if this bidder leads now."""
        return self.bidder is not None and self.bidder == self.view.leader


@dataclass(slots=True)
class _Draft:
    """An answer that still lacks the view of the whole batch."""

    accepted: bool
    refusal: str
    at: datetime
    bidder: int | None = None
    minimum: Decimal | None = None
    step: Decimal | None = None
    proof: Proof | None = None
    repeated: bool = False

    def answer(self, view: PublicView) -> BidAnswer:
        return BidAnswer(
            self.accepted, self.refusal, self.at, view, self.bidder, self.minimum, self.step, self.proof, self.repeated
        )


#: The bids of one auction that a transaction takes.
Part = tuple[Known, Sequence[BidRequest]]
#: Their answers; or why there are none: it is no auction yet, or (None) others hold it and it was left out.
Answers = list[BidAnswer] | NoSuchAuction | None


def known(connection: Connection, numbers: Sequence[str]) -> dict[str, Known]:
    """Look auctions up by their public numbers."""
    found = connection.execute("SELECT id, number, organisation_id FROM auctions WHERE number = ANY(%s)", (numbers,))
    return {row[1]: Known(*row) for row in found}


def run(connection: Connection, parts: Sequence[Part]) -> list[Answers]:
    """Decide these bids in one transaction and commit it. One auction is waited for, of many those that are free."""
    ids = [auction.id for auction, _ in parts]
    pairs = [(auction, request) for auction, requests in parts for request in requests]
    with connection.pipeline():
        locked = connection.execute(*((storage.LOCK_ONE, ids) if len(ids) == 1 else (storage.LOCK_FREE, (ids,))))
        clock = connection.execute(storage.CLOCK)
        read = connection.execute(eligibility.READ, eligibility.parameters(pairs))
        rows, moment = locked.fetchall(), clock.fetchall()[0][0]
        standings = iter([Standing.of(row) for row in read])
    waiting = [list(islice(standings, len(requests))) for _, requests in parts]
    books = {book.id: book for book in storage.books(connection, rows)}
    held = [part for (auction, _), part in zip(parts, waiting, strict=True) if auction.id in books]
    spent = Commitments(connection, (one for part in held for one in part))
    done: list[_Batch] = []
    answers = [
        _answer(connection, books.get(auction.id), moment, spent, requests, read_for, done)
        for (auction, requests), read_for in zip(parts, waiting, strict=True)
    ]
    _commit(connection, done)
    return [[draft.answer(one.view) for draft in one.drafts] if isinstance(one, _Batch) else one for one in answers]


def _answer(
    connection: Connection,
    book: Book | None,
    moment: datetime,
    spent: Commitments,
    requests: Sequence[BidRequest],
    standings: Sequence[Standing],
    done: list[_Batch],
) -> _Batch | NoSuchAuction | None:
    """Fold one auction's requests; what is to be written joins `done`."""
    if book is None:
        return None
    if book.stored is AuctionState.DRAFT:
        return NoSuchAuction()
    batch = _Batch(connection, book, moment, spent)
    for request, standing in zip(requests, standings, strict=True):
        batch.drafts.append(batch.take(request, standing))
    batch.view = public_view(book.state)
    done.append(batch)
    return batch


def _commit(connection: Connection, done: Sequence[_Batch]) -> None:
    """Send everything; nothing is waited for before the commit."""
    changed = [one.book for one in done if one.book.made]
    facts = _outbid(connection, done)
    with connection.pipeline():
        if changed:
            settlement.write(connection, changed, facts)
        for statement, rows in (
            (_INSERT_ATTEMPTS, [row for one in done for row in one.attempts]),
            (_INSERT_REQUESTS, [row for one in done for row in one.requested]),
            (_APPROVE, [row for one in done for row in one.approved]),
        ):
            if rows:
                connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        fault(BEFORE_COMMIT)
        connection.commit()
    fault(AFTER_COMMIT)
    storage.remember(changed)


class _Batch:
    """Folds one auction's requests through the engine and collects what is to be written."""

    view: PublicView

    def __init__(self, connection: Connection, book: Book, moment: datetime, spent: Commitments) -> None:
        last = book.state.last_at
        self.connection, self.book, self.spent = connection, book, spent
        self.drafts: list[_Draft] = []
        self.now = moment if last is None or moment > last else last
        self.led_by = book.leader_id
        self.attempts: list[tuple[Any, ...]] = []
        self.requested: list[tuple[Any, ...]] = []
        self.approved: list[tuple[datetime, int, int]] = []
        self.decided: dict[tuple[int, str], tuple[BidRequest, _Draft]] = {}
        due = advance(book.state, self.now)
        book.add(due.state, due.events)
        if book.state.phase in RUNNING and self.now >= book.state.ends_at:
            closing.end(book, self.now, outages.last_beat(connection))

    def take(self, request: BidRequest, standing: Standing) -> _Draft:
        """Answer one request: by what its key already got, by the rules of who may bid, or by the engine."""
        before = self._before(request, standing)
        if before is not None:
            return before
        code = eligibility.judge(request, standing, self.spent.elsewhere(standing, self.book.id))
        if code is not None:
            return self._attempt(request, standing, code)
        assert standing.bidder_id is not None and standing.number is not None  # noqa: S101, PT018 - judged above
        draft = self._decide(request, standing, standing.bidder_id, standing.number)
        if draft.proof is not None:
            self.decided[standing.bidder_id, request.key] = (request, draft)
        return draft

    def _before(self, request: BidRequest, standing: Standing) -> _Draft | None:
        """The answer that this key already has, from an earlier transaction or earlier in this batch."""
        if standing.bidder_id is None or not standing.alive:
            return None
        here = self.decided.get((standing.bidder_id, request.key))
        if here is not None:
            first, draft = here
            same = (first.kind, first.amount) == (request.kind, request.amount)
            return replace(draft, repeated=True) if same else self._attempt(request, standing, DeskCode.DUPLICATE_KEY)
        proof = _stored(request, standing)
        if proof is None:
            return None
        if (proof.kind, proof.amount) != (request.kind, request.amount):
            return self._attempt(request, standing, DeskCode.DUPLICATE_KEY)
        return _Draft(proof.accepted, proof.refusal, proof.at, proof.bidder, proof=proof, repeated=True)

    def _attempt(self, request: BidRequest, standing: Standing, code: str) -> _Draft:
        row = (
            self.book.id, request.org, request.uid, request.key, request.kind, str(request.amount)[:40],
            str(code), self.now,
        )  # fmt: skip
        self.attempts.append(row)
        if code == DeskCode.NEEDS_SECOND_APPROVAL:
            asked = (self.book.id, standing.bidder_id, request.uid, request.key, request.kind, request.amount)
            self.requested.append(asked)
        return _Draft(False, str(code), self.now, standing.number)

    def _decide(self, request: BidRequest, standing: Standing, bidder_id: int, number: int) -> _Draft:
        book = self.book
        amount = (to_fen(request.amount) if in_range(request.amount) else None) or request.amount
        command: Bid = (SetLimit if request.kind == "limit" else PlaceBid)(number, amount, request.key)
        decision = decide(book.state, command, self.now)
        refusal = decision.refusal
        if refusal is not None and refusal.code in NO_BIDS:
            return self._attempt(request, standing, refusal.code.value)
        recorded = decision if refusal is None else record_refusal(book.state, command, refusal.code, self.now)
        book.bidders[number] = bidder_id
        approver = request.uid if request.approval_id is not None else None
        place = self._record(recorded, Who(bidder_id, standing.user_id, approver), request.kind)
        if request.approval_id is not None:
            self.approved.append((self.now, request.approval_id, request.uid))
        proof = _proof(request, number, place)
        if refusal is None and book.leader_id == bidder_id and book.state.limit is not None:
            self.spent.leads(standing, book.id, book.state.limit)
        if refusal is None:
            return _Draft(True, "", self.now, number, proof=proof)
        return _Draft(False, refusal.code.value, self.now, number, refusal.minimum, refusal.step, proof)

    def _record(self, decision: Decision, who: Who, kind: str) -> tuple[Any, ...]:
        """Enter the events; returns the row that stands for the command itself (the others are automatic)."""
        book, first = self.book, len(self.book.bid_rows)
        book.add(decision.state, decision.events, who, kind)
        if book.leader_id == who.bidder_id and not isinstance(decision.events[0], Refused):
            book.leader_user_id = who.user_id
        own = (row for row in book.bid_rows[first:] if row[2] == who.bidder_id and row[6] != "auto")
        return next(own)

    @property
    def outbid(self) -> int | None:
        """Whoever led before the batch and leads no more; who led within it for a moment has his answer."""
        return None if self.led_by == self.book.leader_id else self.led_by


def _outbid(connection: Connection, done: Sequence[_Batch]) -> list[Fact]:
    """What those are told who lead no more."""
    lost = [(one.book, one.outbid, one.book.state.price) for one in done if one.outbid is not None]
    organisations = storage.organisations_of(connection, [bidder_id for _, bidder_id, _ in lost])
    return [
        BidderOutbid(
            auction_id=book.id,
            number=book.number,
            listing_id=book.listing_id,
            organisation_id=organisations[bidder_id],
            price=price,
        )
        for book, bidder_id, price in lost
        if price is not None
    ]


def _stored(request: BidRequest, standing: Standing) -> Proof | None:
    """The bid that this key already placed."""
    if standing.stored is None or standing.number is None:
        return None
    return Proof(request.auction_number, standing.number, *standing.stored)


def _proof(request: BidRequest, number: int, row: tuple[Any, ...]) -> Proof:
    _, sequence, _, _, _, key, kind, amount, accepted, refusal, *rest = row
    return Proof(request.auction_number, number, kind, amount, key, accepted, refusal, sequence, *rest)


_INSERT_ATTEMPTS = """
    INSERT INTO auction_attempts (auction_id, organisation_id, user_id, key, kind, amount, code, at)
    SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[],
        %b::timestamptz[])"""
_INSERT_REQUESTS = """
    INSERT INTO bid_approvals (auction_id, bidder_id, requested_by_id, key, kind, amount, state)
    SELECT *, 'pending' FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::numeric[])
    ON CONFLICT (auction_id, bidder_id, key) DO NOTHING"""
_APPROVE = """
    UPDATE bid_approvals p SET state = 'approved', decided_at = u.at, decided_by_id = u.approver
    FROM unnest(%b::timestamptz[], %b::bigint[], %b::bigint[]) AS u (at, id, approver) WHERE p.id = u.id"""
