"""Every command in every phase, and how an auction ends."""

from __future__ import annotations

from decimal import Decimal

import pytest

from auctions.engine import (
    Cancel,
    Close,
    Open,
    OutcomeKind,
    Phase,
    PlaceBid,
    RefusalCode,
    Resume,
    SetLimit,
    State,
    Suspend,
    advance,
    close,
    decide,
    initial_state,
)
from tests.auctions.engine_terms import START, at, bid, limit, opened, terms


def scheduled() -> State:
    return initial_state(terms())


def timed() -> State:
    return advance(bid(opened(), 1, "2800000", 3599), at(3600)).state


def suspended() -> State:
    return decide(opened(), Suspend("court order"), at(100)).state


def cancelled() -> State:
    return decide(opened(), Cancel("withdrawn"), at(100)).state


def closed() -> State:
    return decide(bid(opened(), 1, "2800000"), Close(), at(3840)).state


PHASES = {"scheduled": scheduled, "free": opened, "timed": timed, "suspended": suspended,
          "cancelled": cancelled, "closed": closed}  # fmt: skip
COMMANDS = {"bid": PlaceBid(2, Decimal(5_000_000), "k"), "limit": SetLimit(2, Decimal(5_000_000), "k"),
            "open": Open(), "suspend": Suspend("x"), "resume": Resume(), "cancel": Cancel("x"), "close": Close()}  # fmt: skip
ACCEPTED = {
    ("free", "bid"), ("timed", "bid"), ("free", "limit"), ("timed", "limit"),
    ("free", "suspend"), ("timed", "suspend"), ("suspended", "resume"),
    ("scheduled", "cancel"), ("free", "cancel"), ("timed", "cancel"), ("suspended", "cancel"),
    ("cancelled", "close"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("phase", PHASES)
def test_each_command_is_possible_in_its_phases_only(phase, command):
    state = PHASES[phase]()
    moment = at(-10) if phase == "scheduled" else at(3610)

    decision = decide(state, COMMANDS[command], moment)

    assert decision.accepted == ((phase, command) in ACCEPTED)
    assert decision.accepted or decision.state is state


def test_a_bid_that_comes_before_the_sweep_finds_the_auction_open():
    decision = decide(scheduled(), PlaceBid(1, Decimal(2_800_000), "k"), at(1))

    assert decision.accepted
    assert decision.state.phase is Phase.FREE


def test_the_free_period_gives_way_to_the_timed_one():
    assert timed().phase is Phase.TIMED


@pytest.mark.parametrize(
    ("state", "kind", "winner", "price"),
    [
        (opened(), OutcomeKind.NO_BID, None, None),
        (bid(opened(), 3, "2900000"), OutcomeKind.SOLD, 3, Decimal(2_900_000)),
        (bid(opened(reserve=Decimal(3_000_000)), 3, "2900000"), OutcomeKind.RESERVE_NOT_MET, None, None),
        (limit(opened(reserve=Decimal(3_000_000)), 3, "3900000"), OutcomeKind.SOLD, 3, Decimal(3_000_000)),
        (bid(opened(min_bidders=2), 3, "2900000"), OutcomeKind.TOO_FEW_BIDDERS, None, None),
    ],
)
def test_how_an_auction_ends(state, kind, winner, price):
    outcome = close(state, at(3840))

    assert outcome is not None
    assert (outcome.kind, outcome.winner, outcome.price) == (kind, winner, price)


def test_closing_is_impossible_before_the_end():
    refusal = decide(opened(), Close(), at(3839)).refusal

    assert close(opened(), at(3839)) is None
    assert refusal is not None
    assert refusal.code is RefusalCode.NOT_ENDED


def test_closing_twice_changes_nothing():
    state = closed()

    assert close(state, at(9999)) == state.outcome
    assert decide(state, Close(), at(9999)).state is state


def test_a_pause_gives_the_lost_time_back_and_at_least_a_cycle():
    state = decide(suspended(), Resume(), at(700)).state

    assert state.ends_at == at(3840 + 600)
    assert state.free_ends_at == at(3600 + 600)


def test_a_pause_dated_back_undoes_an_end_that_passed_during_an_outage():
    state = bid(opened(), 1, "2800000", 3800)

    stopped = decide(state, Suspend("outage", since=at(3900)), at(5000)).state
    resumed = decide(stopped, Resume(), at(5010)).state

    assert resumed.ends_at == at(5010 + 240)


def test_a_clock_set_back_reorders_nothing():
    state = bid(opened(), 1, "2800000", 100)

    later = bid(state, 2, "2900000", 50)

    assert later.last_at == at(100)


def test_the_opening_keeps_its_moment():
    assert opened().last_at == START
