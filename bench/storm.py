"""Ten thousand auctions ending in one second while a large import runs, beside closing them one transaction each."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg

from auctions import closing, settlement, storage
from auctions.engine import PlaceBid, advance, decide
from auctions.storage import Who

from . import crowd
from .crowd import Sale
from .figures import Figure, Scale, must_equal
from .ground import BIN, Ground, Site

SAMPLE_SECONDS = 0.02
STANDING = "SELECT count(*) FROM auctions WHERE id = ANY(%s) AND state <> 'closed'"
#: The partial index on what is due makes this cheap enough to ask fifty times a second.
DUE = "SELECT count(*) FROM auctions WHERE due_at IS NOT NULL"
CLOSED = """
    SELECT count(*) FROM auctions a WHERE a.id = ANY(%s) AND a.state = 'closed' AND a.outcome = 'sold'
        AND EXISTS (SELECT FROM facts f WHERE f.key = 'auction:' || a.id AND f.name = 'AuctionClosed')
        AND (SELECT count(*) FROM deposits d WHERE d.reference = 'auction:' || a.number AND d.state = 'held') = 1
        AND (SELECT count(*) FROM deposits d WHERE d.reference = 'auction:' || a.number AND d.state = 'released') = 1"""


def close_storm(ground: Ground, scale: Scale) -> list[Figure]:
    """Seconds from the common second until every auction is decided, its facts and deposits with it."""
    site = ground.site("storm")
    each, preparing = _one_by_one(site, scale)
    seconds, lags = _storm(site, scale, preparing)
    yardstick = each * scale.storm_auctions
    p99 = sorted(lags)[max(0, round(len(lags) * 0.99) - 1)]
    notes = {"lag_p99_s": round(p99, 2), "aim_s": 1, "one_by_one_ms": round(each * 1000, 2)}
    return [Figure("close-storm", seconds, yardstick, yardstick / seconds, "s", 10, 30, most=3.0, notes=notes)]


def _one_by_one(site: Site, scale: Scale) -> tuple[float, float]:
    """Seconds an auction takes in a transaction of its own, and to prepare."""
    with site.connect() as connection:
        began = time.monotonic()
        ends = crowd.now(connection) + timedelta(seconds=10 + scale.single_auctions / 50)
        sales = _bid_for(site, scale.single_auctions, ends, ends)
        preparing = (time.monotonic() - began) / len(sales)
        _wait(connection, ends)
    site.settle()
    with psycopg.connect(site.database_url, options="-c timezone=UTC") as connection, importing(site, scale):
        started = time.monotonic()
        while closing.sweep(connection, 1):
            pass
        taken = time.monotonic() - started
    _must_be_closed(site, sales)
    return taken / len(sales), preparing


def _storm(site: Site, scale: Scale, preparing: float) -> tuple[float, list[float]]:
    """Seconds from the last end until all are decided, and each auction's own lag as seen from outside."""
    with site.connect() as connection:
        first = crowd.now(connection) + timedelta(seconds=30 + 2 * preparing * scale.storm_auctions)
        last = first + timedelta(seconds=1)
        sales = _bid_for(site, scale.storm_auctions, first, last)
        site.settle()
        closer = [str(BIN / "flask"), "--app", "wsgi", "auctions", "closer"]
        with site.process(closer):
            _wait(connection, first - timedelta(seconds=1))
            with importing(site, scale):
                samples = _watch(connection, len(sales))
    _must_be_closed(site, sales)
    ends = [first + (last - first) * place / len(sales) for place in range(len(sales))]
    lags, place = [], 0
    for moment, closed in samples:
        while place < closed:
            lags.append((moment - ends[place]).total_seconds())
            place += 1
    return max((samples[-1][0] - first).total_seconds(), SAMPLE_SECONDS), lags


def _watch(connection: psycopg.Connection, count: int) -> list[tuple[datetime, int]]:
    """How many are decided, by the database's clock, until all are."""
    samples = []
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        row = connection.execute(DUE).fetchone()
        moment = crowd.now(connection)
        samples.append((moment, count - row[0] if row else 0))
        if samples[-1][1] >= count:
            return samples
        time.sleep(SAMPLE_SECONDS)
    raise RuntimeError("the storm did not end")


def _bid_for(site: Site, count: int, first: datetime, last: datetime) -> list[Sale]:
    """Auctions in which two bidders have bid, ending evenly between these moments; by the engine, set-based."""
    size = 500
    with psycopg.connect(site.database_url, options="-c timezone=UTC") as connection:
        one, two = crowd.seats(connection, 2)
        opens = storage.now(connection) - timedelta(seconds=60)
        made: list[Sale] = []
        for place in range(0, count, size):
            part: list[Sale] = []
            for offset in range(place, min(place + size, count), 10):
                ends = first + (last - first) * offset / count
                terms = crowd.rules(opens, (ends - opens).total_seconds(), extension_s=0)
                part += crowd.sales(connection, min(10, count - offset), terms)
            crowd.admit(connection, [(s, seat, n) for s in part for n, seat in ((1, one), (2, two))])
            _place_bids(connection, part, opens + timedelta(seconds=1))
            made += part
        connection.commit()
        storage.forget()
        return made


def _place_bids(connection: psycopg.Connection, sales: list[Sale], moment: datetime) -> None:
    ids = [sale.id for sale in sales]
    rows = connection.execute(closing.BY_ID, (ids,)).fetchall()
    found = connection.execute("SELECT auction_id, number, id FROM auction_bidders WHERE auction_id = ANY(%s)", (ids,))
    bidders: dict[int, dict[int, int]] = {}
    for auction_id, number, bidder_id in found:
        bidders.setdefault(auction_id, {})[number] = bidder_id
    books = storage.books(connection, rows)
    for book in books:
        book.bidders.update(bidders[book.id])
        opened = advance(book.state, moment)
        book.add(opened.state, opened.events)
        for number, amount in ((1, crowd.OPENING), (2, crowd.OPENING + crowd.STEP)):
            decision = decide(book.state, PlaceBid(number, amount, f"bench-{number}"), moment)
            book.add(decision.state, decision.events, Who(book.bidders[number], 0))
    settlement.write(connection, books)


def _wait(connection: psycopg.Connection, until: datetime) -> None:
    left = (until - crowd.now(connection)).total_seconds()
    if left < 0:
        raise RuntimeError(f"the auctions were ready {-left:.0f} seconds late")
    time.sleep(left)


def _must_be_closed(site: Site, sales: list[Sale]) -> None:
    """Decided, sold, the facts written, the winner's deposit held and the other's released."""
    ids = [sale.id for sale in sales]
    must_equal("still standing", 0, site.value(STANDING, ids))
    must_equal("closed with all that follows", len(sales), site.value(CLOSED, ids))


@contextmanager
def importing(site: Site, scale: Scale) -> Iterator[None]:
    """A large import beside: another process copies blocks of rows into a table of its own, over and over."""
    with site.connect_owner() as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS bench_import (id bigint, name text, amount numeric, at timestamptz)"
        )
    command = [sys.executable, "-m", "bench.importing", site.owner_url, str(scale.imported_rows)]
    with site.process(command):
        deadline = time.monotonic() + 60
        while not _has_rows(site):
            if time.monotonic() > deadline:
                raise RuntimeError("the import does not run")
            time.sleep(0.02)
        yield


def _has_rows(site: Site) -> bool:
    """True once the import has begun to write."""
    with site.connect_owner() as connection:
        row = connection.execute("SELECT pg_relation_size('bench_import') > 0").fetchone()
    return bool(row and row[0])
