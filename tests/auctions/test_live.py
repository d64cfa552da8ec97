"""The stream as a watcher gets it: what it says, when, and what it never says."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from auctions import closing, desk, keys
from marketplace.db import db
from marketplace.kernel import settings
from tests.factories import auctions as make
from tests.support.processes import Installation

pytestmark = pytest.mark.process


class Watcher:
    """One open stream."""

    def __init__(self, installation, number, query="", headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", installation.live_port, timeout=10)
        self.connection.request("GET", f"/live/auctions/{number}{query}", headers=headers or {})
        self.response = self.connection.getresponse()

    def event(self):
        """The next event: its id and data. Comments are passed over."""
        found = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if not line and "data" in found:
                return int(found["id"]), json.loads(found["data"])
            name, _, value = line.partition(": ")
            if name:
                found[name] = value

    def close(self):
        self.connection.close()


@pytest.fixture
def stream(app, database, tmp_path):
    """The live process alone, and a way to watch that is closed at the end."""
    installation = Installation(database, tmp_path / "instance")
    installation.start("live")
    opened = []

    def watch(number, query="", **headers):
        opened.append(Watcher(installation, number, query, headers))
        return opened[-1]

    watch.installation = installation
    yield watch
    for watcher in opened:
        watcher.close()
    installation.stop()


def test_a_new_watcher_gets_the_whole_room(stream):
    auction, (company, _) = make.room()
    desk.place(company.request(auction, 1000))

    sequence, data = stream(auction.number).event()

    assert data["whole"]
    assert (sequence, data["auction"]["price"], data["auction"]["leader"]) == (2, "1000.00", 1)
    assert [(bid["bidder"], bid["amount"], bid["auto"]) for bid in data["bids"]] == [(1, "1000.00", False)]


def test_a_bid_reaches_the_watcher_within_a_second(stream):
    auction, (company, other) = make.room()
    desk.place(company.request(auction, 1000))
    watcher = stream(auction.number, "?since=2")
    watcher.event()
    began = time.monotonic()

    desk.place(other.request(auction, 1010))
    sequence, data = watcher.event()

    assert time.monotonic() - began < 1
    assert (sequence, data["auction"]["price"], data["whole"]) == (3, "1010.00", False)
    assert [bid["sequence"] for bid in data["bids"]] == [3]


def test_a_watcher_who_comes_back_gets_only_what_was_missed(stream):
    auction, (company, other) = make.room()
    for n in range(4):
        desk.place((company, other)[n % 2].request(auction, 1000 + 10 * n))

    watcher = stream(auction.number, "?since=1", **{"Last-Event-ID": "3"})
    _, data = watcher.event()

    assert [bid["sequence"] for bid in data["bids"]] == [4, 5]


def test_a_hot_room_is_told_at_most_twice_a_second_and_misses_nothing(stream):
    auction, (company, other) = make.room()
    watcher = stream(auction.number)
    watcher.event()
    began = time.monotonic()
    for n in range(40):
        desk.place((company, other)[n % 2].request(auction, 1000 + 10 * n))
        time.sleep(0.03)
    bids, updates = [], 0
    while len(bids) < 40:
        _, data = watcher.event()
        bids += data["bids"]
        updates += 1

    assert [bid["amount"] for bid in bids] == [f"{1000 + 10 * n}.00" for n in range(40)]
    assert updates <= (time.monotonic() - began) / 0.5 + 1


def test_the_close_is_told(stream):
    auction, (company, _) = make.room(begins=-100, free=102, extension_s=0)
    desk.place(company.request(auction, 1000))
    watcher = stream(auction.number, "?since=2")
    watcher.event()
    time.sleep(2.1)

    closing.close_due()
    _, data = watcher.event()

    assert (data["auction"]["phase"], data["auction"]["outcome"], data["auction"]["winner"]) == ("closed", "sold", 1)


def test_no_byte_holds_the_limit_or_the_reserve(stream):
    auction, (company, other) = make.room(reserve=Decimal("98765.43"))
    desk.place(company.request(auction, "77315.37", kind="limit"))
    watcher = stream(auction.number)
    first = json.dumps(watcher.event())

    desk.place(other.request(auction, 1200))
    second = json.dumps(watcher.event())

    assert "77315" not in first + second
    assert "98765" not in first + second
    assert json.loads(second)[1]["auction"]["reserve_met"] is None


def test_a_restricted_room_needs_its_token(stream):
    auction, _ = make.room()
    other, _ = make.room()
    db.session.execute(text("UPDATE auctions SET restricted = true"))
    db.session.commit()
    own, foreign = (keys.room_token(settings(), room.number) for room in (auction, other))

    statuses = [
        stream(auction.number, query).response.status
        for query in ("", "?token=x", f"?token={foreign}", f"?token={own}")
    ]

    assert statuses == [404, 404, 404, 200]


def test_a_token_signed_by_somebody_else_opens_nothing(app):
    stranger = replace(settings(), secret_key="another secret that nobody here knows")

    assert not keys.opens(settings(), keys.room_token(stranger, "PM2026-000001"), "PM2026-000001")


def test_a_draft_and_an_unknown_number_are_not_there(stream):
    auction, _ = make.room()
    db.session.execute(text("UPDATE auctions SET state = 'draft', due_at = NULL"))
    db.session.commit()

    assert [stream(number).response.status for number in (auction.number, "PM1999-000001")] == [404, 404]


def test_only_the_site_itself_may_read_from_a_page(stream):
    auction, _ = make.room()
    site = stream.installation.url

    own = stream(auction.number, Origin=site).response.getheader("Access-Control-Allow-Origin")
    foreign = stream(auction.number, Origin="https://elsewhere.example").response.getheader(
        "Access-Control-Allow-Origin"
    )

    assert (own, foreign) == (site, None)


def test_a_watcher_who_leaves_is_forgotten(stream):
    auction, _ = make.room()
    watcher = stream(auction.number)
    watcher.event()
    watcher.response.close()
    watcher.close()

    def watching():
        connection = http.client.HTTPConnection("127.0.0.1", stream.installation.live_port, timeout=5)
        connection.request("GET", "/health")
        try:
            return json.loads(connection.getresponse().read())["watchers"]
        finally:
            connection.close()

    deadline = time.monotonic() + 5
    while watching() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert watching() == 0
