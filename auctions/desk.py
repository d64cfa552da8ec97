"""The bidding desk: bids in flight in this process share locks, one write and one commit.

Bids wait in a `line` while a transaction is under way; the next one takes whoever waits, of one hot auction or of
many. `batch` holds the transaction itself.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import structlog
from flask import Flask, current_app
from psycopg_pool import ConnectionPool, PoolTimeout

from marketplace.db import connect_options
from marketplace.settings import Settings

from . import batch, storage
from .batch import BidAnswer
from .eligibility import BidRequest, Known
from .errors import BadBid, DeskBusy, NoSuchAuction
from .line import Line, Room, Ticket

log = structlog.get_logger(__name__)

__all__ = ["BidAnswer", "BidRequest", "Desk", "init_app", "place"]

#: Bids one transaction takes; more would make the first of them wait for the last.
BATCH = 200
#: Seconds until a waiting bid is answered 503, and those the transaction itself may wait for a lock.
WAIT_SECONDS = 8.0
_LIMITS = " -c lock_timeout=4s -c statement_timeout=6s"
#: Every statement of the desk finds its rows by key, and planning ten joins anew would take longer than running them:
#: plan once, and for keys, whatever the tables' size was then.
_PLANS = " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
_KEY = re.compile(r"[0-9A-Za-z_.:-]{8,64}")

#: What makes everybody in a batch wait or fail alike: trying them one by one would only take longer.
_COMMON = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled, PoolTimeout)

Taken = Sequence[tuple[Room, list[Ticket]]]


class Desk:
    """The desk of one process, on a small pool of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._line = Line(leaders=settings.desk_pool_size, batch=BATCH)
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}
        self._pool: ConnectionPool | None = None

    def place(self, request: BidRequest) -> BidAnswer:
        """Decide one bid.

        Raises:
            NoSuchAuction, BadBid: it could never be decided.
            DeskBusy: no answer in time; asked again with the same key, the truth comes out.
        """
        if not _KEY.fullmatch(request.key) or request.kind not in ("bid", "limit"):
            raise BadBid
        ticket, deadline = Ticket(request), time.monotonic() + WAIT_SECONDS
        leads = self._line.join(ticket) or self._line.wait(ticket, deadline)
        while leads:
            self._lead()
            leads = not ticket.done and self._line.wait(ticket, deadline)
        if ticket.error is not None:
            raise ticket.error
        if ticket.answer is None:
            raise DeskBusy(key=request.key)
        return ticket.answer

    def _lead(self) -> None:
        """Take whoever waits through one transaction; the lead goes on whatever happens."""
        taken = self._line.take()
        try:
            if taken:
                self._decide(taken)
        finally:
            self._line.hand_on(taken)

    def _decide(self, taken: Taken) -> None:
        try:
            self._transact(taken)
        except _COMMON as error:
            log.warning("desk_waited_in_vain", rooms=len(taken), error=type(error).__name__)
            for _, tickets in taken:
                for ticket in tickets:
                    _fail(ticket, DeskBusy(key=ticket.request.key))
        except Exception:
            # A lost connection (was it committed?) or one bid that no transaction survives: each on its own
            # now. What the first try did commit is found by its key.
            log.exception("desk_batch_failed", rooms=len(taken))
            for room, tickets in taken:
                for ticket in tickets:
                    self._decide_alone(room, ticket)

    def _decide_alone(self, room: Room, ticket: Ticket) -> None:
        try:
            self._transact([(room, [ticket])])
        except Exception:
            log.exception("desk_bid_failed", auction=room.number, key=ticket.request.key)
            _fail(ticket, DeskBusy(key=ticket.request.key))

    def _transact(self, taken: Taken) -> None:
        """One transaction; rooms that others hold stay unanswered and come again."""
        with self._connections().connection() as connection:
            auctions = self._auctions(connection, [room.number for room, _ in taken])
            rooms = [(room, tickets) for room, tickets in taken if room.number in auctions]
            parts = [(auctions[room.number], [one.request for one in tickets]) for room, tickets in rooms]
            answers = batch.run(connection, parts) if parts else []
        for (room, tickets), given in zip(rooms, answers, strict=True):
            _settle(room, tickets, given)
        for room, tickets in taken:
            if room.number not in auctions:
                _settle(room, tickets, NoSuchAuction())

    def _auctions(self, connection: storage.Connection, numbers: Sequence[str]) -> dict[str, Known]:
        """Ids and sellers; they never change, so the process keeps them."""
        missing = [number for number in numbers if number not in self._known]
        if missing:
            if len(self._known) >= storage.CACHE_SIZE:
                self._known = {}
                missing = list(numbers)
            self._known |= batch.known(connection, missing)
        return {number: self._known[number] for number in numbers if number in self._known}

    def _connections(self) -> ConnectionPool:
        with self._lock:
            if self._pool is None:
                self._pool = _open_pool(self._settings)
            return self._pool

    def close(self) -> None:
        """Let go of every connection; the next bid opens anew."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._known = {}
        storage.forget()
        if pool is not None:
            pool.close()


def _settle(room: Room, tickets: Sequence[Ticket], given: batch.Answers) -> None:
    """Hand each ticket its answer; a room that others held keeps its tickets."""
    room.passed_over = room.passed_over + 1 if given is None else 0
    if isinstance(given, NoSuchAuction):
        for ticket in tickets:
            _fail(ticket, given)
    elif given is not None:
        for ticket, answer in zip(tickets, given, strict=True):
            ticket.answer, ticket.done = answer, True


def _fail(ticket: Ticket, error: Exception) -> None:
    ticket.error, ticket.done = error, True


def _open_pool(settings: Settings) -> ConnectionPool:
    return ConnectionPool(
        settings.database_url,
        min_size=0,
        max_size=settings.desk_pool_size,
        timeout=settings.pool_timeout,
        kwargs=connection_options(settings),
        open=True,
        name="desk",
    )


def connection_options(settings: Settings) -> dict[str, Any]:
    """How the desk's transactions connect."""
    options = {**connect_options(settings), "application_name": "exchange desk", "prepare_threshold": 0}
    options["options"] += _LIMITS + _PLANS
    return options


def place(request: BidRequest) -> BidAnswer:
    """Decide one bid at the desk of the running application; see `Desk.place`."""
    desk: Desk = current_app.extensions["auctions.desk"]
    return desk.place(request)


def init_app(app: Flask, settings: Settings) -> None:
    """Open the application's desk; it connects with the first bid."""
    desk = app.extensions["auctions.desk"] = Desk(settings)
    close: Callable[[], None] = desk.close
    app.extensions.setdefault("exchange.disposers", []).append(close)
