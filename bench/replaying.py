"""A log read back through the engine and its chain, beside a loop that knows no rules."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from nacl.signing import SigningKey

from auctions.engine import BidPlaced, Close, PlaceBid, advance, decide, event_to_json, initial_state
from auctions.engine.evidence import Entry, audit_export, canonical, genesis, leaf_hash, next_head, verify

from . import crowd
from .figures import Figure, Scale, must_equal
from .ground import Ground

NUMBER = "PM2026-000001"
ROUNDS = 3


def replay(_ground: Ground, scale: Scale) -> list[Figure]:
    """Bids per second that the verifier takes from text to verdict."""
    key = SigningKey(bytes(32))
    text = json.dumps(audit_export(NUMBER, _log(scale.replayed_bids), key))

    def checked() -> int:
        export = json.loads(text)
        findings = verify(export, [], key.verify_key.encode())
        must_equal("findings", 0, len(findings))
        return sum(item["entry"]["event"] == "bid_placed" for item in export["entries"])

    # In turn, so that what else the machine does meets both; by the processor's time, which both live on alone.
    rounds = [(_rate(checked, scale), _rate(lambda: _plain_loop(text), scale)) for _ in range(ROUNDS)]
    ours, plain = max(one for one, _ in rounds), max(one for _, one in rounds)
    return [Figure("replay", ours, plain, ours / plain, "bids/s", 0.3, 0.6)]


def _rate(work: Callable[[], int], scale: Scale) -> float:
    """Bids per second of processor time."""
    started = time.process_time()
    must_equal("bids read", scale.replayed_bids, work())
    return scale.replayed_bids / (time.process_time() - started)


def _plain_loop(text: str) -> int:
    """Parse, hash leaf and chain, one object a bid; no rule is applied and nothing is compared."""
    export = json.loads(text)
    head, bids = genesis(NUMBER), 0
    for item in export["entries"]:
        leaf = hashlib.sha256(bytes.fromhex(item["salt"]) + canonical(item["entry"])).digest()
        head = hashlib.sha256(head + leaf).digest()
        entry = item["entry"]
        if entry["event"] == "bid_placed":
            BidPlaced(
                entry["sequence"], datetime.fromisoformat(entry["at"]), entry["bidder"], entry["key"],
                Decimal(entry["amount"]), entry["automatic"], datetime.fromisoformat(entry["ends_at"]),
            )  # fmt: skip
            bids += 1
    return bids


def _log(bids: int) -> list[Entry]:
    """A closed auction with so many bids of 128 bidders."""
    opens = datetime(2026, 1, 5, 1, tzinfo=UTC)
    state = initial_state(crowd.rules(opens, 86_400))
    opened = advance(state, opens)
    state, events = opened.state, list(opened.events)
    for place in range(bids):
        moment = opens + timedelta(milliseconds=place)
        command = PlaceBid(place % 128 + 1, crowd.OPENING + crowd.STEP * place, f"bench-{place:08d}")
        decision = decide(state, command, moment)
        state = decision.state
        events += decision.events
    due = advance(state, state.free_ends_at)
    state, events = due.state, [*events, *due.events]
    ended = decide(state, Close(), state.ends_at)
    events += ended.events
    head, made = genesis(NUMBER), []
    for event in events:
        entry, salt = event_to_json(event), os.urandom(32)
        leaf = leaf_hash(salt, entry)
        head = next_head(head, leaf)
        made.append(Entry(event.sequence, entry, salt, leaf, head))
    return made
