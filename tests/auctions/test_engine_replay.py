"""Auctions of others, recomputed from a line of JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auctions.engine.replay import replay, replay_lines


def line(*bids: tuple[str, str, float], **rules: Any) -> dict[str, Any]:
    terms = {
        "format": "english", "opening": "0.99", "reserve": None, "proxy": True,
        "increments": [["0.00", "0.05"], ["1.00", "0.25"], ["5.00", "0.50"]], "duration_s": 604800, "extension_s": 0,
    }  # fmt: skip
    offers = [{"bidder": bidder, "amount": amount, "at": at} for bidder, amount, at in bids]
    return {"auction": "A1", "rules": terms | rules, "bids": offers}


@pytest.mark.parametrize(
    ("bids", "winner", "price", "refused"),
    [
        ([("u1", "5.00", 12.5)], "u1", "0.99", []),
        ([("u1", "5.00", 1), ("u2", "1.04", 2)], "u1", "1.29", []),
        ([("u1", "5.00", 1), ("u2", "1.00", 2)], "u1", "0.99", [{"n": 2, "reason": "below_minimum"}]),
        ([("u1", "5.00", 1), ("u2", "9.00", 2), ("u3", "9.00", 3)], "u2", "9.00", []),
        ([("u1", "5.00", 604800)], None, None, [{"n": 1, "reason": "ended"}]),
        ([], None, None, []),
    ],
)
def test_an_auction_with_limits_is_recomputed(bids, winner, price, refused):
    out = replay(line(*bids))

    assert (out["winner"], out["price"], out["refused"]) == (winner, price, refused)
    assert out["sold"] is (winner is not None)


def test_a_hidden_reserve_that_is_reached_is_the_price():
    assert replay(line(("u1", "5.00", 1), reserve="3.00"))["price"] == "3.00"


def test_a_reserve_that_is_not_reached_sells_nothing():
    assert replay(line(("u1", "2.00", 1), reserve="3.00"))["sold"] is False


def test_a_reserve_below_the_opening_price_is_met_by_any_bid():
    assert replay(line(("u1", "2.00", 1), reserve="0.50"))["price"] == "0.99"


def test_late_bids_extend_the_end():
    out = replay(line(("u1", "5.00", 604790), extension_s=300))

    assert out["ends_at"] == 604790 + 300


def test_the_same_line_gives_the_same_head_and_another_line_another():
    first, again, other = (replay(line(("u1", amount, 1)))["head"] for amount in ("5.00", "5.00", "6.00"))

    assert first == again != other


def test_bids_by_hand_are_taken_at_their_amount():
    out = replay(line(("u1", "2.00", 1), ("u2", "2.10", 2), ("u2", "4.00", 3), ("u2", "4.25", 4), proxy=False))

    assert (out["winner"], out["price"], out["accepted"]) == ("u2", "4.25", 3)
    assert out["refused"] == [{"n": 2, "reason": "below_minimum"}]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [("-5.00", "below_minimum"), ("1.005", "not_whole_fen"), ("100000000000000", "amount_out_of_range")],
)
def test_an_amount_that_cannot_be_bid_is_a_refusal_and_no_malformed_line(amount, reason):
    assert replay(line(("u1", amount, 1)))["refused"] == [{"n": 1, "reason": reason}]


def test_the_answer_has_exactly_the_announced_parts():
    out = replay(line(("u1", "5.00", 12.5), ("u2", "1.04", 13)))

    assert list(out) == ["auction", "winner", "price", "sold", "accepted", "refused", "ends_at", "head"]
    assert (out["accepted"], out["ends_at"], len(out["head"])) == (2, 604800.0, 64)


@pytest.mark.parametrize(
    "bad",
    [
        "[]", "{", "[" * 100_000, json.dumps(line() | {"auction": "\ud800"}), json.dumps(line(("u1", "1e9", 1))), '"x"', json.dumps(line() | {"bids": 3}), json.dumps(line() | {"auction": ""}),
        json.dumps(line(format="barter")), json.dumps(line(opening=0.99)), json.dumps(line(opening="abc")),
        json.dumps(line(increments=[["0.00"]])), json.dumps(line(increments=[])), json.dumps(line(duration_s=-1)),
        json.dumps(line(("u1", "NaN", 1))), json.dumps(line(duration_s=1e300)), json.dumps(line(extension_s=0.5)),
    ],
)  # fmt: skip
def test_a_malformed_line_is_named_and_the_rest_goes_on(bad):
    outputs = [json.loads(text) for text in replay_lines([json.dumps(line()), bad, "", json.dumps(line())])]

    assert [output.get("line") for output in outputs] == [None, 2, None]
    assert isinstance(outputs[1]["error"], str)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(json_values, st.sampled_from(["auction", "rules", "bids", "opening", "increments", "duration_s", "extension_s"]))
@settings(max_examples=200, deadline=None)
def test_no_input_ends_in_a_crash(value, place):
    data = line(("u1", "5.00", 1))
    target = data if place in data else data["rules"]
    target[place] = value

    assert "error" in replay(data) or "head" in replay(data)
