"""What watchers see, and the one reader a process has: rooms that somebody watches, read anew by their sequence.

Only the engine's public view and visible bids ever leave from here. `live.py` speaks HTTP; the room's page and its
polling use the same `message`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import structlog

from marketplace.db import connect_options
from marketplace.settings import Settings

from . import storage
from .engine import PublicView, public_view, view_to_json
from .engine.codec import iso
from .states import AuctionState

log = structlog.get_logger(__name__)

#: Pause between two looks at the watched auctions; an indexed read, so that no commit has to tell anybody.
POLL_SECONDS = 0.15
#: Bids that a new watcher is shown, and those kept to fill a gap.
SHOWN = 20
KEPT = 200

Json = dict[str, Any]

_READ = f"""
    SELECT {storage.COLUMNS}, a.restricted, clock_timestamp() FROM auctions a
    LEFT JOIN unnest(%b::bigint[], %b::bigint[]) AS w (id, sequence) ON w.id = a.id
    WHERE a.sequence > w.sequence OR a.number = ANY(%s)"""  # noqa: S608 - constants of ours
#: The newest visible bids of each auction after the sequence that its watchers have, up to the one just read.
_BIDS = """
    SELECT w.id, b.sequence, b.number, b.amount, b.kind, b.at
    FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[]) AS w (id, since, upto)
    CROSS JOIN LATERAL (
        SELECT b.sequence, x.number, b.amount, b.kind, b.at FROM bids b JOIN auction_bidders x ON x.id = b.bidder_id
        WHERE b.auction_id = w.id AND b.sequence > w.since AND b.sequence <= w.upto AND b.accepted AND b.kind <> 'limit'
        ORDER BY b.sequence DESC LIMIT %s) AS b
    ORDER BY w.id, b.sequence"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An auction as it was just read."""

    id: int
    number: str
    restricted: bool
    sequence: int
    view: Json
    bids: list[Json]
    #: The database's clock when it was read.
    now: datetime


def bid_json(sequence: int, number: int, amount: Any, kind: str, at: datetime) -> Json:
    """A visible bid as the room shows it."""
    return {"sequence": sequence, "bidder": number, "amount": str(amount), "auto": kind == "auto", "at": iso(at)}


def message(view: PublicView, bids: Iterable[Json], now: datetime, *, whole: bool = True) -> Json:
    """What the room's page is told: the public state, the server's time, and bids (all shown, or those since)."""
    return {"now": iso(now), "auction": view_to_json(view), "bids": list(bids), "whole": whole}


def read(connection: storage.Connection, watched: Mapping[int, int], wanted: Sequence[str]) -> list[Seen]:
    """Auctions that moved past the sequence watched, and those asked for by number."""
    ids, sequences = list(watched), list(watched.values())
    rows = connection.execute(_READ, (ids, sequences, list(wanted))).fetchall()
    books = storage.books(connection, [row[:-2] for row in rows])
    bids = _bids_of(connection, [(book.id, watched.get(book.id, 0), book.state.sequence) for book in books])
    connection.rollback()
    return [
        Seen(
            id=book.id,
            number=book.number,
            restricted=restricted,
            sequence=book.state.sequence,
            view=view_to_json(public_view(book.state)),
            bids=bids.get(book.id, []),
            now=now,
        )
        for book, (*_, restricted, now) in zip(books, rows, strict=True)
        if book.stored is not AuctionState.DRAFT
    ]


def _bids_of(connection: storage.Connection, places: list[tuple[int, int, int]]) -> dict[int, list[Json]]:
    if not places:
        return {}
    columns = [list(column) for column in zip(*places, strict=True)]
    found: dict[int, list[Json]] = {}
    for auction_id, *bid in connection.execute(_BIDS, (*columns, KEPT)):
        found.setdefault(auction_id, []).append(bid_json(*bid))
    return found


class Reader(threading.Thread):
    """Looks at the watched auctions every 150 ms and hands on what moved; survives a lost database."""

    def __init__(self, settings: Settings, hand_on: Callable[[list[Seen], set[str]], object]) -> None:
        super().__init__(name="live-reader", daemon=True)
        self._settings = settings
        self._hand_on = hand_on
        self._wake = threading.Event()
        self._stopped = False
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        #: Sequence handed on by auction id; written by the loop, read here.
        self.watched: dict[int, int] = {}

    def want(self, number: str) -> None:
        """Ask for an auction that nobody watched so far."""
        with self._lock:
            self._wanted.add(number)
        self._wake.set()

    def run(self) -> None:
        connection: storage.Connection | None = None
        while not self._stopped:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            with self._lock:
                wanted, self._wanted = self._wanted, set()
            if not wanted and not self.watched:
                continue
            try:
                if connection is None or connection.closed:
                    options = {**connect_options(self._settings), "application_name": "exchange live"}
                    connection = psycopg.connect(self._settings.database_url, **options)
                self._hand_on(read(connection, dict(self.watched), sorted(wanted)), wanted)
            except psycopg.Error as error:
                log.warning("live_lost_database", error=str(error).strip())
                _put_away(connection)
                connection = None
                with self._lock:
                    self._wanted |= wanted
                self._wake.wait(1)
        _put_away(connection)

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()


def _put_away(connection: storage.Connection | None) -> None:
    if connection is not None:
        connection.close()
