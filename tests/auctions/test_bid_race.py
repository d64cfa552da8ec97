"""Four web processes, two hundred bids at one moment: every answer is what is stored, and one bidder leads."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from decimal import Decimal

import pytest

from auctions.states import AuctionState
from marketplace.clock import db_now
from tests.auctions.race import Shot, check_answers, check_log, fire
from tests.factories import auctions as make

pytestmark = pytest.mark.process


def volley(parties, seed, count=200, repeats=20):
    """Bids with valid, low and stale amounts, some of them limits; the last `repeats` use keys of earlier ones."""
    dice = random.Random(seed)
    shots = []
    for n in range(count - repeats):
        amount = dice.choice((1000 + 10 * n, 1000 + 10 * n, 990, 1000 + 10 * (n // 4)))
        kind = "limit" if dice.random() < 0.1 else "bid"
        shots.append(Shot(dice.choice(parties), Decimal(f"{amount}.00"), f"volley-{seed}-{n:04d}", kind))
    again = [Shot(one.party, one.amount, one.key, one.kind) for one in dice.sample(shots, repeats)]
    both = shots + again
    dice.shuffle(both)
    return both


def race(installation, seed, fresh, rows, findings):
    auction, parties = make.room(20)
    shots = volley(parties, seed)

    fire(installation, auction, shots)

    stored = rows("SELECT * FROM bids WHERE auction_id = :id ORDER BY sequence", id=auction.id)
    events = rows("SELECT * FROM auction_events WHERE auction_id = :id", id=auction.id)
    check_answers(shots, stored)
    check_log(fresh(auction), stored, events)
    assert findings(auction) == []


def test_two_hundred_bids_at_once(app, server, fresh, rows, findings):
    installation = server(4)

    for seed in range(2):
        race(installation, seed, fresh, rows, findings)


@pytest.mark.heavy
def test_two_hundred_bids_at_once_fifty_times_over(app, server, fresh, rows, findings):
    installation = server(4)

    for seed in range(50):
        race(installation, seed, fresh, rows, findings)


def test_bids_flooding_past_the_end_do_not_delay_the_close(app, server, fresh, rows, findings):
    auction, parties = make.room(20, begins=-100, free=107, extension_s=0)
    installation = server(4, closer=True)
    wave = 0
    while db_now() < fresh(auction).ends_at + timedelta(seconds=2):
        shots = [
            Shot(party, Decimal(1000 + 10 * (20 * wave + n)), f"flood-{wave:04d}-{n:02d}")
            for n, party in enumerate(parties)
        ]
        fire(installation, auction, shots)
        wave += 1
    deadline = time.monotonic() + 5
    while fresh(auction).state is not AuctionState.CLOSED and time.monotonic() < deadline:
        time.sleep(0.1)

    closed = fresh(auction)
    late = rows("SELECT count(*) AS n FROM bids WHERE at >= :end", end=closed.ends_at)
    assert closed.state is AuctionState.CLOSED
    assert closed.closed_at - closed.ends_at < timedelta(seconds=3)
    assert late == [{"n": 0}]
    assert findings(auction) == []
