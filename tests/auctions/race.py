"""Bids over real HTTP, released together, and the promises that must hold after them."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from auctions.models import Auction
from tests.factories.auctions import Party
from tests.support.processes import Installation


@dataclass(slots=True)
class Shot:
    """One bid over HTTP and what came back."""

    party: Party
    amount: Decimal
    key: str
    kind: str = "bid"
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


def fire(installation: Installation, auction: Auction, shots: Sequence[Shot]) -> None:
    """Send all bids at the same moment, each on a connection of its own."""
    path = f"/auctions/{auction.number}/bid"
    barrier = threading.Barrier(len(shots))
    for shot in shots:
        shot.headers = {**shot.party.headers(), "Content-Type": "application/json"}

    def send(shot: Shot) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=30)
        connection.connect()
        body = json.dumps({"amount": str(shot.amount), "key": shot.key, "kind": shot.kind})
        barrier.wait()
        connection.request("POST", path, body, shot.headers)
        response = connection.getresponse()
        shot.status, text = response.status, response.read()
        shot.answer = json.loads(text) if text else {}
        connection.close()

    with ThreadPoolExecutor(len(shots)) as pool:
        list(pool.map(send, shots))


def check_answers(shots: Sequence[Shot], rows: list[dict[str, Any]]) -> None:
    """Every answer equals the stored row of its key; a repeated key was answered alike."""
    stored = {row["key"]: row for row in rows if row["kind"] != "auto"}
    for shot in shots:
        assert shot.status in (200, 409), (shot.status, shot.answer)
        row, answer = stored[shot.key], shot.answer
        assert (row["accepted"], row["refusal"] or None, row["sequence"], row["amount"]) == (
            answer["accepted"], answer["refusal"], answer["sequence"], shot.amount,
        )  # fmt: skip
        assert row["at"].isoformat(timespec="microseconds") == answer["at"]
        assert answer["receipt"]["leaf"] == row["leaf"].hex()


def check_log(auction: Auction, rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """No gap, times in order, amounts of visible bids rising, and one leader: the last visible bid's bidder."""
    entries = sorted([*rows, *events], key=lambda row: row["sequence"])
    assert [row["sequence"] for row in entries] == list(range(1, auction.sequence + 1))
    times = [row["at"] for row in entries]
    assert times == sorted(times)
    visible = [row for row in entries if row.get("accepted") and row["kind"] != "limit"]
    amounts = [row["amount"] for row in visible]
    assert amounts == sorted(amounts)
    assert visible[-1]["bidder_id"] == auction.leader_id
    assert visible[-1]["amount"] == auction.price
    assert len(visible) == auction.bid_count
