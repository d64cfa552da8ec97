"""The figures in the documentation are what the engine gives."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from auctions.engine import OutcomeKind, PlaceBid, RefusalCode, Resume, Suspend, decide
from auctions.engine.codec import _EVENTS
from auctions.engine.replay import replay
from tests.auctions.engine_terms import SMALL_BANDS, at, bid, limit, opened

PAGE = (Path(__file__).parents[2] / "docs" / "auctions.md").read_text(encoding="utf-8")
FIGURES = re.findall(r"^\| (\d: [\d.:, ]+) \| (–|[\d.]+) \| (\d) \| ([\d.]+) \|", PAGE, re.MULTILINE)


def test_the_table_of_figures_is_found():
    assert len(FIGURES) == 12


@pytest.mark.parametrize(("limits", "reserve", "leader", "price"), FIGURES)
def test_the_worked_figures_hold(limits, reserve, leader, price):
    hidden = None if reserve == "–" else Decimal(reserve)
    state = opened(opening=Decimal("0.99"), increments=SMALL_BANDS, reserve=hidden)

    for part in limits.split(", "):
        bidder, amount = part.split(": ")
        state = limit(state, int(bidder), amount)

    assert (state.leader, state.price) == (int(leader), Decimal(price))


def test_the_worked_times_hold():
    state = bid(bid(opened(), 1, "2800000", 3599), 2, "2900000", 3700)
    assert state.ends_at == at(3940)

    state = bid(state, 1, "3000000", 3939.999999)
    assert state.ends_at == at(4179.999999)

    assert not decide(state, PlaceBid(2, Decimal(3_100_000)), at(4179.999999)).accepted
    paused = decide(state, Suspend("x"), at(3960)).state
    assert decide(paused, Resume(), at(7200)).state.ends_at == at(7440)


def test_the_replayed_line_gives_the_documented_answer():
    given, answer = (json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL))

    assert replay(given) == answer


def test_every_event_outcome_and_refusal_is_documented():
    names = [*_EVENTS, *OutcomeKind, *RefusalCode]

    assert [name for name in names if f"`{name}`" not in PAGE] == []
