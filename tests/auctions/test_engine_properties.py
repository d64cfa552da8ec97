"""What holds for every history of bids, limits, pauses and late arrivals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from auctions.engine import (
    BidPlaced,
    Close,
    Event,
    LimitSet,
    Open,
    OutcomeKind,
    PlaceBid,
    SetLimit,
    State,
    close,
    decide,
    event_from_json,
    event_to_json,
    initial_state,
    public_event,
    public_view,
    recompute,
    rules_from_json,
    rules_to_json,
    state_from_json,
    state_to_json,
)
from tests.auctions.engine_terms import START, at, terms

amounts = st.integers(270_000_000, 360_000_000).map(lambda fen: Decimal(fen) / 100)
commands = st.tuples(
    st.sampled_from([PlaceBid, SetLimit]), st.integers(1, 5), amounts, st.floats(0, 700, allow_nan=False)
)
histories = st.lists(commands, max_size=30)
reserves = st.none() | st.integers(2_800, 3_500).map(lambda n: Decimal(n * 1000) + Decimal("0.13"))


def run(history, reserve, between=lambda state: state, **rules) -> tuple[State, list[Event], list[State]]:
    """Play a history to its close; `between` is done to the state after every step."""
    decision = decide(initial_state(terms(reserve=reserve, **rules)), Open(), START)
    state, events, states, clock = decision.state, list(decision.events), [decision.state], 0.0
    for index, (kind, bidder, amount, pause) in enumerate(history):
        clock += pause
        decision = decide(between(state), kind(bidder, amount, f"k{index}"), at(clock))
        state = decision.state
        events += decision.events
        states.append(state)
    decision = decide(between(state), Close(), state.ends_at)
    return decision.state, events + list(decision.events), [*states, decision.state]


@given(histories, reserves)
@settings(max_examples=150, deadline=None)
def test_the_price_never_falls_and_never_passes_the_leaders_limit(history, reserve):
    _, _, states = run(history, reserve)

    prices = [state.price for state in states if state.price is not None]
    assert prices == sorted(prices)
    assert all(state.price <= state.limit for state in states if state.price is not None and state.limit is not None)


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_the_end_never_comes_nearer(history, reserve):
    _, _, states = run(history, reserve)

    ends = [state.ends_at for state in states]
    assert ends == sorted(ends)


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_events_are_numbered_without_gaps_and_in_time(history, reserve):
    _, events, _ = run(history, reserve)

    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [event.at for event in events] == sorted(event.at for event in events)


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_the_log_alone_gives_the_same_state(history, reserve):
    state, events, _ = run(history, reserve)

    read_back = [event_from_json(json.loads(json.dumps(event_to_json(event)))) for event in events]

    assert recompute(state.rules, read_back) == state


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_state_and_rules_survive_storage(history, reserve):
    state, _, _ = run(history, reserve)

    assert state_from_json(json.loads(json.dumps(state_to_json(state)))) == state
    assert rules_from_json(json.loads(json.dumps(rules_to_json(state.rules)))) == state.rules


def with_other_secrets(state: State, more: Decimal) -> State:
    """The same auction as far as anybody can see, with another limit behind the price and another reserve."""
    limit = None if state.price is None else state.price + more
    second = None if state.second is None else state.second + more
    if state.rules.reserve is None:
        return replace(state, limit=limit, second=second)
    reached = state.price if state.reserve_met else (state.limit or state.rules.reserve) + more
    return replace(state, limit=limit, second=second, rules=replace(state.rules, reserve=reached))


@given(histories, reserves, st.booleans(), st.integers(1, 10**9).map(lambda fen: Decimal(fen) / 100))
@settings(max_examples=150, deadline=None)
def test_what_is_public_would_be_the_same_with_another_limit_and_another_reserve(history, reserve, announced, more):
    _, _, states = run(history, reserve, announce_reserve_status=announced)

    for state in states:
        assert public_view(with_other_secrets(state, more)) == public_view(state)


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_the_room_is_told_of_no_limit_reserve_refusal_or_key(history, reserve):
    _, events, _ = run(history, reserve)

    shown = [told for event in events if (told := public_event(event)) is not None]

    names = {name for told in shown for name in [*told, *told.get("rules", {})]}
    assert names.isdisjoint({"limit", "reserve", "key"})
    assert {told["event"] for told in shown}.isdisjoint({"limit_set", "reserve_sealed", "refused"})


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_bid_by_bid_through_storage_gives_what_one_batch_gives(history, reserve):
    def stored(state: State) -> State:
        return state_from_json(json.loads(json.dumps(state_to_json(state))))

    assert run(history, reserve, between=stored)[:2] == run(history, reserve)[:2]


@given(histories)
@settings(max_examples=150, deadline=None)
def test_limits_alone_give_the_price_that_the_announced_formula_gives(history):
    rules = terms()
    last, events, _ = run([(SetLimit, *rest) for _, *rest in history], None)

    best: dict[int, Decimal] = {}
    for event in events:
        if isinstance(event, LimitSet):
            best.pop(event.bidder, None)  # the moment of the latest limit counts
            best[event.bidder] = event.limit
    ranking = sorted(best.values(), reverse=True)
    second = ranking[1] if len(ranking) > 1 else None
    price = rules.opening if second is None else min(ranking[0], second + rules.step_at(second))

    assert last.price == (price if best else None)
    assert last.leader == max(best, key=lambda bidder: best[bidder], default=None)  # the first of equal ones


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_the_last_visible_bid_is_the_leaders_and_the_price(history, reserve):
    state, events, _ = run(history, reserve)

    bids = [event for event in events if isinstance(event, BidPlaced)]

    assert (state.bids, state.price) == (len(bids), bids[-1].amount if bids else None)
    assert state.leader == (bids[-1].bidder if bids else None)


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_no_bid_is_both_accepted_and_late(history, reserve):
    _, events, states = run(history, reserve)

    moves = [event for event in events if isinstance(event, BidPlaced | LimitSet)]
    ends_before = [states[0].ends_at, *(event.ends_at for event in moves)]

    assert all(event.at < end for event, end in zip(moves, ends_before, strict=False))


@given(histories, reserves, st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_closing_again_gives_the_same_outcome(history, reserve, later):
    state, _, _ = run(history, reserve)

    assert close(state, state.ends_at + timedelta(seconds=later)) == state.outcome
    assert decide(state, Close(), state.ends_at + timedelta(seconds=later)).state is state


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_who_wins_leads_and_has_met_the_reserve(history, reserve):
    state, _, _ = run(history, reserve)

    outcome = close(state, state.ends_at)

    assert outcome is not None
    sold = outcome.kind is OutcomeKind.SOLD
    assert (outcome.winner, outcome.price) == ((state.leader, state.price) if sold else (None, None))
    assert not sold or reserve is None or state.price >= reserve
