"""Terms and helpers that the engine's tests share: figures in yuan, times in seconds from the opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from auctions.engine import Open, PlaceBid, Rules, SetLimit, State, decide, initial_state

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
#: Steps of a well-known public auction site: 0.05 below 1.00, 0.25 from 1.00, 0.50 from 5.00.
SMALL_BANDS = ((Decimal(0), Decimal("0.05")), (Decimal(1), Decimal("0.25")), (Decimal(5), Decimal("0.50")))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def terms(**changes: Any) -> Rules:
    """Opening 280 万元, step 2.5 万元, an hour free, then cycles of 240 s."""
    values: dict[str, Any] = {
        "opening": Decimal(2_800_000),
        "increments": ((Decimal(0), Decimal(25_000)),),
        "opens_at": START,
        "free_ends_at": at(3600),
        "extension_s": 240,
    }
    return Rules(**(values | changes))


def opened(**changes: Any) -> State:
    return decide(initial_state(terms(**changes)), Open(), START).state


def limit(state: State, bidder: int, amount: str, seconds: float = 10) -> State:
    decision = decide(state, SetLimit(bidder, Decimal(amount), f"k{state.sequence}"), at(seconds))
    assert decision.refusal is None, decision.refusal
    return decision.state


def bid(state: State, bidder: int, amount: str, seconds: float = 10) -> State:
    decision = decide(state, PlaceBid(bidder, Decimal(amount), f"k{state.sequence}"), at(seconds))
    assert decision.refusal is None, decision.refusal
    return decision.state
