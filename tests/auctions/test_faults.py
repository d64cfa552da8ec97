"""Killed with −9 at every named place and started again: one bid a key, one outcome, every deposit in one place."""

from __future__ import annotations

import http.client
import importlib
import json
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from auctions.states import AuctionState
from marketplace import audit, fault
from marketplace.app import FEATURES
from tests.factories import auctions as make

for name in FEATURES:
    importlib.import_module(name)

TESTS = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.process

#: The process that passes each kind of place in an auction's life.
PROCESS = {"desk": "web", "close": "closer", "outbox": "worker", "mail": "worker"}
HERE = sorted(point for point in fault.POINTS if point.split(".")[0] in PROCESS)


def wait_until(true: Callable[[], bool], what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def send(installation, auction, party, amount, key):
    """One bid over HTTP; None if the process died under it."""
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=20)
    headers = {**party.headers(), "Content-Type": "application/json"}
    try:
        connection.request(
            "POST", f"/auctions/{auction.number}/bid", json.dumps({"amount": amount, "key": key}), headers
        )
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Deal:
    """An auction's way from its bids to the end of everything that follows, with one process killed on the way."""

    def __init__(self, installation, point, rows, fresh):
        self.installation, self.point, self.rows, self.fresh = installation, point, rows, fresh
        self.process = PROCESS[point.split(".")[0]]
        self.auction, self.parties = None, []

    def start(self, name):
        """Start a process, armed if the place is one of its own."""
        armed = {"FAULT_AT": self.point} if name == self.process else {}
        if name in self.installation.processes:
            self.installation.kill(name)
        self.installation.start(name, **armed)

    def die(self, name):
        """Wait until the armed process has killed itself, then start it again, unarmed."""
        if name == self.process:
            running = self.installation.processes[name]
            wait_until(lambda: running.poll() is not None, f"{self.point} was never reached")
            self.installation.restart(name)

    def bid(self):
        self.start("web")
        # Long enough for the web process to die and come back where that is what is tried.
        free = 120 if self.process == "web" else 104
        self.auction, self.parties = make.room(2, begins=-100, free=free, extension_s=0)
        answers = [self.place(0), self.place(1)]
        if None in answers:
            self.die("web")
            answers = [self.place(0), self.place(1)]
        return answers

    def place(self, n):
        return send(self.installation, self.auction, self.parties[n], str(1000 + 10 * n), f"fault-key-{n}")

    def close(self):
        self.start("closer")
        self.die("closer")
        wait_until(lambda: self.fresh(self.auction).state is AuctionState.CLOSED, "the auction was not closed")

    def follow(self):
        self.start("worker")
        self.die("worker")
        waiting = "SELECT fact_id, handler, attempts, last_error FROM fact_deliveries WHERE state = 'pending'"
        failed = "SELECT handler, last_error FROM fact_deliveries WHERE attempts > 0"
        wait_until(lambda: self.rows(waiting) == [] or self.rows(failed) != [], "facts wait for their handlers")
        assert self.rows(failed) == []


@pytest.mark.parametrize("point", sorted(set(fault.POINTS) - set(HERE)))
def test_a_place_outside_an_auctions_life_is_killed_by_another_test(point):
    others = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]

    naming = [path.name for path in others if point in (text := path.read_text()) and "FAULT_AT" in text]

    assert naming, f"no test kills a process at {point}"


@pytest.mark.parametrize("point", HERE)
def test_killed_there_and_started_again_everything_happened_once(app, server, fresh, rows, findings, point):
    deal = Deal(server(1), point, rows, fresh)

    answers = deal.bid()
    deal.close()
    deal.follow()

    first, second = deal.parties
    auction = fresh(deal.auction)
    bids = rows("SELECT key, accepted, sequence, amount FROM bids WHERE kind = 'bid' ORDER BY sequence")
    deposits = rows("SELECT organisation_id, state FROM deposits ORDER BY id")
    moved = rows("SELECT deposit_id, to_state FROM deposit_movements WHERE kind IN ('hold', 'release')")
    closed = rows("SELECT payload FROM facts WHERE name = 'AuctionClosed'")
    doubled = rows("SELECT fact_id, handler FROM fact_deliveries WHERE state <> 'done' OR attempts > 0")
    contracts = rows("SELECT source, amount FROM contracts")

    assert [(bid["key"], bid["accepted"]) for bid in bids] == [("fault-key-0", True), ("fault-key-1", True)]
    assert [(answer["accepted"], answer["sequence"]) for answer in answers] == [(True, bid["sequence"]) for bid in bids]
    assert (auction.outcome, auction.price, auction.winner.organisation_id) == (
        "sold", Decimal("1010.00"), second.organisation.id,
    )  # fmt: skip
    assert [fact["payload"]["winner_organisation_id"] for fact in closed] == [second.organisation.id]
    assert [(row["organisation_id"], row["state"]) for row in deposits] == [
        (first.organisation.id, "released"), (second.organisation.id, "held"),
    ]  # fmt: skip
    assert len(moved) == 2
    assert doubled == []
    assert [(row["source"], row["amount"]) for row in contracts] == [(f"auction:{auction.number}", Decimal("1010.00"))]
    assert audit.verify()[1] == []
    assert findings(auction) == []
