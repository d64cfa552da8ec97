"""The bidding desk: bids in flight in this process share one lock, one write and one commit.

Bids of one auction that arrive while a transaction of theirs runs wait together; the next transaction takes them
all. Nobody polls: whoever finishes hands the lead to one of those who wait. `batch` holds the transaction itself.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
import structlog
from flask import Flask, current_app
from psycopg_pool import ConnectionPool, PoolTimeout

from marketplace.db import connect_options
from marketplace.errors import DomainError
from marketplace.settings import Settings

from . import batch, storage
from .batch import BidAnswer, Known
from .eligibility import BidRequest
from .errors import BadBid, DeskBusy, NoSuchAuction

log = structlog.get_logger(__name__)

__all__ = ["BidAnswer", "BidRequest", "Desk", "init_app", "place"]

#: Bids one transaction takes; more would make the first of them wait for the last.
BATCH = 200
#: Seconds until a waiting bid is answered 503, and those the transaction itself may wait for a lock.
WAIT_SECONDS = 8.0
_LIMITS = " -c lock_timeout=4s -c statement_timeout=6s"
_KEY = re.compile(r"[0-9A-Za-z_.:-]{8,64}")

#: What makes everybody in a batch wait or fail alike: trying them one by one would only take longer.
_COMMON = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled, PoolTimeout)


@dataclass(slots=True)
class _Ticket:
    """One waiting bid. `wake` is set with its answer, or when the lead passes to it."""

    request: BidRequest
    wake: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answer: BidAnswer | None = None
    error: Exception | None = None


@dataclass(slots=True)
class _Room:
    """Those who wait for one auction; somebody leads as long as the room exists."""

    waiting: list[_Ticket] = field(default_factory=list)


class Desk:
    """The desk of one process, on a small pool of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._rooms: dict[str, _Room] = {}
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
        ticket = _Ticket(request)
        if self._join(ticket) or self._wait(ticket):
            self._lead(request.auction_number)
        if ticket.error is not None:
            raise ticket.error
        if ticket.answer is None:
            raise DeskBusy(key=request.key)
        return ticket.answer

    def _join(self, ticket: _Ticket) -> bool:
        """Stand in line; True for the first, who leads."""
        number = ticket.request.auction_number
        with self._lock:
            room = self._rooms.get(number)
            if room is None:
                room = self._rooms[number] = _Room()
                ticket.leads = True
            room.waiting.append(ticket)
        return ticket.leads

    def _wait(self, ticket: _Ticket) -> bool:
        """Wait for an answer or for the lead; True for the lead. After too long, leave the line."""
        if not ticket.wake.wait(WAIT_SECONDS):
            with self._lock:
                room = self._rooms.get(ticket.request.auction_number)
                if room is not None and not ticket.leads and ticket in room.waiting:
                    room.waiting.remove(ticket)
        return ticket.leads

    def _lead(self, number: str) -> None:
        """Take everybody who waits through one transaction; the lead goes on whatever happens."""
        with self._lock:
            room = self._rooms[number]
            taken, room.waiting = room.waiting[:BATCH], room.waiting[BATCH:]
        try:
            self._decide(number, taken)
        finally:
            with self._lock:
                if room.waiting:
                    room.waiting[0].leads = True
                    room.waiting[0].wake.set()
                else:
                    del self._rooms[number]
            for ticket in taken:
                ticket.wake.set()

    def _decide(self, number: str, taken: Sequence[_Ticket]) -> None:
        try:
            self._transact(number, taken)
        except _COMMON as error:
            log.warning("desk_waited_in_vain", auction=number, bids=len(taken), error=type(error).__name__)
        except DomainError as error:
            for ticket in taken:
                ticket.error = error
        except Exception:
            # A lost connection (was it committed?) or one bid that no transaction survives: each on its own
            # now. What the first try did commit is found by its key.
            log.exception("desk_batch_failed", auction=number, bids=len(taken))
            for ticket in taken:
                self._decide_alone(number, ticket)

    def _decide_alone(self, number: str, ticket: _Ticket) -> None:
        try:
            self._transact(number, [ticket])
        except DomainError as error:
            ticket.error = error
        except Exception:
            log.exception("desk_bid_failed", auction=number, key=ticket.request.key)

    def _transact(self, number: str, taken: Sequence[_Ticket]) -> None:
        with self._connections().connection() as connection:
            auction = self._auction(connection, number)
            answers = batch.run(connection, auction, [ticket.request for ticket in taken])
        for ticket, answer in zip(taken, answers, strict=True):
            ticket.answer = answer

    def _auction(self, connection: storage.Connection, number: str) -> Known:
        known = self._known.get(number)
        if known is None:
            known = batch.known(connection, number)
            if known is None:
                raise NoSuchAuction
            if len(self._known) >= storage.CACHE_SIZE:
                self._known.clear()
            self._known[number] = known
        return known

    def _connections(self) -> ConnectionPool:
        with self._lock:
            if self._pool is None:
                self._pool = _open_pool(self._settings)
            return self._pool

    def close(self) -> None:
        """Let go of every connection; the next bid opens anew."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._known.clear()
        storage.forget()
        if pool is not None:
            pool.close()


def _open_pool(settings: Settings) -> ConnectionPool:
    options = {**connect_options(settings), "application_name": "exchange desk"}
    options["options"] += _LIMITS
    return ConnectionPool(
        settings.database_url,
        min_size=0,
        max_size=settings.desk_pool_size,
        timeout=settings.pool_timeout,
        kwargs={**options, "prepare_threshold": 0},
        open=True,
        name="desk",
    )


def place(request: BidRequest) -> BidAnswer:
    """Decide one bid at the desk of the running application; see `Desk.place`."""
    desk: Desk = current_app.extensions["auctions.desk"]
    return desk.place(request)


def init_app(app: Flask, settings: Settings) -> None:
    """Open the application's desk; it connects with the first bid."""
    desk = app.extensions["auctions.desk"] = Desk(settings)
    close: Callable[[], None] = desk.close
    app.extensions.setdefault("exchange.disposers", []).append(close)
