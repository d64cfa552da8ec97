"""Bids over HTTP: many on one auction beside two yardsticks, and spread over a thousand."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import psycopg

from auctions import closing
from marketplace.postgres.binaries import bundled

from . import crowd, load
from .crowd import Sale, Seat
from .figures import Figure, Scale, must_equal
from .ground import Ground, Site, wait_for
from .load import Load, Tally

CLIENTS = 32
BIDS_OF_ONE = "SELECT count(*) FROM bids WHERE auction_id = %s AND kind = 'bid'"
ACCEPTED_OF_ONE = BIDS_OF_ONE + " AND accepted"
#: Every bidder of an auction of the spread; each connection bids where its seat is admitted.
SEATS_EACH = 4


def hot(ground: Ground, scale: Scale) -> list[Figure]:
    """Bids decided per second on one auction, beside one SQL function per bid."""
    site, sales, seats = _room(ground, scale, 2)
    in_database = _pgbench(site, sales[1], seats, scale)
    tally = _bid(site, "wsgi:app", [(seat, [sales[0]]) for seat in seats], scale)
    _recount(site, sales[0], tally)
    return [
        Figure("hot-bids", tally.rate, in_database, tally.rate / in_database, "bids/s", 1.3, 2.5, notes=_told(tally))
    ]


def hot_naive(ground: Ground, scale: Scale) -> list[Figure]:
    """The same bids, beside a handler with one transaction a request."""
    site, sales, seats = _room(ground, scale, 2)
    tally = _bid(site, "wsgi:app", [(seat, [sales[0]]) for seat in seats], scale)
    plain = _bid(site, "bench.naive:app", [(seat, [sales[1]]) for seat in seats], scale)
    _recount(site, sales[0], tally)
    _recount(site, sales[1], plain)
    ratio = tally.rate / plain.rate
    return [Figure("hot-bids-naive", tally.rate, plain.rate, ratio, "bids/s", 4, 8, notes=_told(tally))]


def spread(ground: Ground, scale: Scale) -> list[Figure]:
    """Bids per second over many auctions, beside a bare Flask application on the same server."""
    site = ground.site("spread")
    with site.connect() as connection:
        terms = crowd.rules(crowd.now(connection), 86_400)
        seats, sales = crowd.seats(connection, scale.bidders), crowd.sales(connection, scale.spread_auctions, terms)
        chosen: dict[Seat, list[Sale]] = {seat: [] for seat in seats}
        entries = []
        for place, sale in enumerate(sales):
            for number in range(SEATS_EACH):
                seat = seats[(place * SEATS_EACH + number) % len(seats)]
                chosen[seat].append(sale)
                entries.append((sale, seat, number + 1))
        crowd.admit(connection, entries)
    # As the closer does when their time comes: what is measured are bids, not openings.
    with psycopg.connect(site.database_url, options="-c timezone=UTC") as connection:
        must_equal("opened", len(sales), closing.sweep(connection))
    site.settle()
    bare = hello(site, scale)
    tally = _bid(site, "wsgi:app", list(chosen.items()), scale)
    must_equal("bids", _decided(tally), site.value("SELECT count(*) FROM bids WHERE kind = 'bid'"))
    must_equal("accepted", tally.accepted, site.value("SELECT count(*) FROM bids WHERE kind = 'bid' AND accepted"))
    return [Figure("spread-bids", tally.rate, bare, tally.rate / bare, "bids/s", 0.15, 0.35, notes=_told(tally))]


def hello(site: Site, scale: Scale) -> float:
    """Requests per second that a bare Flask application answers here."""
    with site.web("bench.hello:app") as port:
        visitors = [crowd.visitor(["/"]) for _ in range(scale.bidders)]
        tally = load.run(Load(port, visitors, scale.seconds / 2, scale.warm))
    must_equal("greetings", tally.answered, tally.statuses.get("200", 0))
    return tally.rate


def _room(ground: Ground, scale: Scale, count: int) -> tuple[Site, list[Sale], list[Seat]]:
    """Open auctions in which every seat is admitted."""
    site = ground.site("hot")
    with site.connect() as connection:
        seats = crowd.seats(connection, scale.bidders)
        sales = crowd.sales(connection, count, crowd.rules(crowd.now(connection), 86_400))
        crowd.admit(connection, [(sale, seat, n) for sale in sales for n, seat in enumerate(seats, 1)])
    site.settle()
    return site, sales, seats


def _bid(site: Site, target: str, places: list[tuple[Seat, list[Sale]]], scale: Scale) -> Tally:
    app = site.app()
    clients = [crowd.client(app, seat, [sale.path for sale in sales]) for seat, sales in places]
    with site.web(target) as port:
        wait_for(f"http://127.0.0.1:{port}/health/live")
        return load.run(Load(port, clients, scale.seconds, scale.warm, bids=True))


def _decided(tally: Tally) -> int:
    """Answers that say a bid was decided: it counts, or it was too low."""
    return tally.statuses.get("200", 0) + tally.statuses.get("409", 0)


def _recount(site: Site, sale: Sale, tally: Tally) -> None:
    """Every answer was a decision, and every decision is in the database."""
    must_equal("answers", tally.answered, _decided(tally))
    must_equal("bids", _decided(tally), site.value(BIDS_OF_ONE, sale.id))
    must_equal("accepted", tally.accepted, site.value(ACCEPTED_OF_ONE, sale.id))


def _told(tally: Tally) -> dict[str, object]:
    return {"accepted_share": round(tally.accepted / max(tally.answered, 1), 3), "decided": _decided(tally)}


def _pgbench(site: Site, sale: Sale, seats: list[Seat], scale: Scale) -> float:
    """Bids per second of the SQL function, called by pgbench's clients."""
    with site.connect() as connection, connection.cursor() as cursor:
        # The first bid opens the auction; here the yardstick is spared that.
        cursor.execute("UPDATE auctions SET state = 'open', phase = 'free' WHERE id = %s", (sale.id,))
    with site.connect_owner() as connection:
        connection.execute((Path(__file__).parent / "pg_bid.sql").read_bytes())
        for place, seat in enumerate(seats, 1):
            connection.execute("INSERT INTO bench_seats VALUES (%s, %s, %s, %s)", (place, seat.sid, seat.uid, seat.org))
    site.settle()
    script = site.instance / "bid.pgbench"
    site.instance.mkdir(parents=True, exist_ok=True)
    script.write_text(f"\\set seat random(1, {len(seats)})\nSELECT bench_bid({sale.id}, :seat);\n")
    tps, done = 0.0, 0
    for seconds in (max(2, round(scale.warm)), max(2, round(scale.seconds))):
        said = subprocess.run(
            [str(bundled() / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds),
             "-f", str(script), "-d", site.owner_url],
            check=True, capture_output=True, text=True, env={**os.environ, "PGOPTIONS": "-c timezone=UTC"},
        ).stdout  # fmt: skip
        tps = float(_said(r"tps = ([0-9.]+)", said))
        done += int(_said(r"number of transactions actually processed: (\d+)", said))
        must_equal("failed calls", 0, int(_said(r"number of failed transactions: (\d+)", said)))
    must_equal("bids in the database alone", done, site.value(BIDS_OF_ONE, sale.id))
    return tps


def _said(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"pgbench said: {text}")
    return found[1]
