"""What holds for every history of bids, limits, pauses and late arrivals."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from auctions.engine import (
    Close,
    Event,
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
    view_to_json,
)
from tests.auctions.engine_terms import START, at, terms

amounts = st.integers(270_000_000, 360_000_000).map(lambda fen: Decimal(fen) / 100)
commands = st.tuples(
    st.sampled_from([PlaceBid, SetLimit]), st.integers(1, 5), amounts, st.floats(0, 700, allow_nan=False)
)
histories = st.lists(commands, max_size=30)
reserves = st.none() | st.integers(2_800, 3_500).map(lambda n: Decimal(n * 1000) + Decimal("0.13"))


def run(history, reserve) -> tuple[State, list[Event], list[State]]:
    rules = terms(reserve=reserve, free_ends_at=at(3600))
    decision = decide(initial_state(rules), Open(), START)
    state, events, states, clock = decision.state, list(decision.events), [decision.state], 0.0
    for index, (kind, bidder, amount, pause) in enumerate(history):
        clock += pause
        decision = decide(state, kind(bidder, amount, f"k{index}"), at(clock))
        state = decision.state
        events += decision.events
        states.append(state)
    decision = decide(state, Close(), state.ends_at)
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


@given(histories, reserves)
@settings(max_examples=150, deadline=None)
def test_what_is_public_before_the_close_holds_no_unused_limit_and_no_unmet_reserve(history, reserve):
    last, events, states = run([(SetLimit, *rest) for _, *rest in history], reserve)

    shown = json.dumps([view_to_json(public_view(state)) for state in states[:-1]])
    shown += json.dumps([public_event(event) for event in events[:-1]])

    # A limit that was beaten is shown as the bid it became; the leader's, above the price, is nobody's business.
    # Amounts offered as next bids lie whole steps above a price, so a secret with other fen is no such amount.
    fen = {state.price % 1 for state in states if state.price is not None} | {Decimal(0)}
    secrets = [last.limit] if last.limit != last.price else []
    secrets += [reserve] if not last.reserve_met else []
    assert [secret for secret in secrets if secret is not None and secret % 1 not in fen and str(secret) in shown] == []


@given(histories, reserves)
@settings(max_examples=100, deadline=None)
def test_who_wins_leads_and_has_met_the_reserve(history, reserve):
    state, _, _ = run(history, reserve)

    outcome = close(state, state.ends_at)

    assert outcome is not None
    sold = outcome.kind is OutcomeKind.SOLD
    assert (outcome.winner, outcome.price) == ((state.leader, state.price) if sold else (None, None))
    assert not sold or reserve is None or state.price >= reserve
