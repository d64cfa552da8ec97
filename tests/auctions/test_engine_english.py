"""Ascending auctions in figures that a business person can check by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from auctions.engine import (
    BidPlaced,
    LimitSet,
    PlaceBid,
    RefusalCode,
    SetLimit,
    decide,
    minimum_bid,
    next_amounts,
    public_view,
)
from tests.auctions.engine_terms import SMALL_BANDS, at, bid, limit, opened, terms

SMALL = {"opening": Decimal("0.99"), "increments": SMALL_BANDS}


@pytest.mark.parametrize(
    ("limits", "leader", "price"),
    [
        ([(1, "5.00")], 1, "0.99"),  # one bidder pays the opening price
        ([(1, "5.00"), (2, "1.04")], 1, "1.29"),  # second limit 1.04 + the step there, 0.25
        ([(1, "5.00"), (2, "4.90")], 1, "5.00"),  # never above the leader's own limit
        ([(1, "5.00"), (2, "5.00")], 1, "5.00"),  # of two equal limits the earlier leads
        ([(1, "5.00"), (2, "5.10")], 2, "5.10"),  # 5.00 + 0.50 would be above 5.10
        ([(1, "5.00"), (2, "9.00")], 2, "5.50"),
        ([(1, "5.00"), (1, "9.00")], 1, "0.99"),  # raising one's own limit moves no price
        ([(1, "5.00"), (2, "3.00"), (3, "8.00")], 3, "5.50"),
    ],
)
def test_the_price_is_the_second_limit_and_a_step(limits, leader, price):
    state = opened(**SMALL)

    for bidder, amount in limits:
        state = limit(state, bidder, amount)

    assert (state.leader, state.price) == (leader, Decimal(price))


def test_a_reserve_that_the_limit_reaches_lifts_the_price_to_it():
    state = limit(opened(reserve=Decimal(3_000_000)), 1, "3500000")

    assert state.price == Decimal(3_000_000)
    assert state.reserve_met


def test_a_limit_that_is_the_reserve_reaches_it():
    assert limit(opened(reserve=Decimal(3_000_000)), 1, "3000000").price == Decimal(3_000_000)


def test_a_reserve_out_of_reach_leaves_the_price_at_the_opening():
    state = limit(opened(reserve=Decimal(3_000_000)), 1, "2900000")

    assert state.price == Decimal(2_800_000)
    assert not state.reserve_met


def test_raising_the_own_limit_moves_the_price_up_to_the_reserve():
    state = limit(opened(reserve=Decimal(3_000_000)), 1, "2900000")

    state = limit(state, 1, "3100000", 20)

    assert state.price == Decimal(3_000_000)


def events_of(state, command):
    """The events of one more command, as (kind, bidder, amount)."""
    decision = decide(state, command, at(20))
    assert decision.accepted
    return [
        (type(event).__name__, event.bidder, event.limit if isinstance(event, LimitSet) else event.amount)
        for event in decision.events
    ]


def test_raising_the_own_limit_shows_no_bid():
    state = limit(opened(), 1, "2900000")

    assert events_of(state, SetLimit(1, Decimal(3_500_000))) == [("LimitSet", 1, Decimal(3_500_000))]


def test_a_beaten_limit_is_shown_going_as_far_as_it_could():
    state = limit(opened(), 1, "2900000")

    assert events_of(state, SetLimit(2, Decimal(3_500_000))) == [
        ("LimitSet", 2, Decimal(3_500_000)),
        ("BidPlaced", 1, Decimal(2_900_000)),
        ("BidPlaced", 2, Decimal(2_925_000)),
    ]


def test_a_limit_that_is_not_enough_is_shown_and_answered():
    state = limit(opened(), 1, "3500000")

    assert events_of(state, SetLimit(2, Decimal(2_900_000))) == [
        ("LimitSet", 2, Decimal(2_900_000)),
        ("BidPlaced", 2, Decimal(2_900_000)),
        ("BidPlaced", 1, Decimal(2_925_000)),
    ]


def test_a_limit_cannot_be_left_twice_or_lowered():
    state = limit(opened(), 1, "3500000")

    refusals = [decide(state, SetLimit(1, Decimal(amount)), at(20)).refusal for amount in (3_500_000, 3_000_000)]

    assert [refusal.code for refusal in refusals] == [RefusalCode.LIMIT_NOT_RAISED] * 2
    assert refusals[0].minimum == Decimal("3500000.01")


def test_a_leader_whose_price_was_cut_short_by_his_limit_pays_the_full_step_once_he_raises_it():
    state = limit(limit(opened(), 1, "3000000"), 2, "3010000")

    assert state.price == Decimal(3_010_000)
    assert limit(state, 2, "3500000").price == Decimal(3_025_000)


def test_without_proxy_bidding_no_limit_is_taken():
    refused = decide(opened(proxy=False), SetLimit(1, Decimal(3_000_000)), at(20)).refusal

    assert refused is not None
    assert refused.code is RefusalCode.PROXY_OFF


def test_the_quick_amounts_stop_at_the_largest_amount_there_is():
    state = bid(opened(), 1, "99999999950000")

    assert next_amounts(state) == (Decimal(99_999_999_975_000),)


def test_an_explicit_bid_is_the_price():
    assert bid(opened(), 1, "2950000").price == Decimal(2_950_000)


def test_an_explicit_bid_below_a_standing_limit_is_outbid_at_once():
    state = limit(opened(), 1, "4000000")

    decision = decide(state, PlaceBid(2, Decimal(3_000_000), "k"), at(20))

    rows = [(event.bidder, event.amount, event.automatic) for event in decision.events]
    assert rows == [(2, Decimal(3_000_000), False), (1, Decimal(3_025_000), True)]
    assert decision.state.leader == 1


def test_a_rivals_automatic_bid_never_carries_the_key_of_who_caused_it():
    state = limit(opened(), 1, "4000000")

    decision = decide(state, PlaceBid(2, Decimal(3_000_000), "mine"), at(20))

    keys = {event.bidder: event.key for event in decision.events if isinstance(event, BidPlaced)}
    assert keys == {2: "mine", 1: ""}


@pytest.mark.parametrize(
    ("command", "seconds", "code"),
    [
        (PlaceBid(2, Decimal(3_024_999), "k"), 20, RefusalCode.BELOW_MINIMUM),
        (PlaceBid(2, Decimal("3025000.001"), "k"), 20, RefusalCode.NOT_WHOLE_FEN),
        (PlaceBid(2, Decimal(100_000_000_000_000), "k"), 20, RefusalCode.AMOUNT_OUT_OF_RANGE),
        (PlaceBid(2, Decimal("NaN"), "k"), 20, RefusalCode.AMOUNT_OUT_OF_RANGE),
        (SetLimit(1, Decimal(3_000_000), "k"), 20, RefusalCode.BELOW_MINIMUM),
        (PlaceBid(2, Decimal(3_025_000), "k"), 3840, RefusalCode.ENDED),  # exactly at the end is too late
    ],
)
def test_what_cannot_count_is_refused_and_changes_nothing(command, seconds, code):
    state = bid(opened(), 1, "3000000")

    decision = decide(state, command, at(seconds))

    assert decision.refusal is not None
    assert decision.refusal.code is code
    assert decision.state is state
    assert decision.events == ()


def test_a_refusal_names_the_minimum_and_both_times():
    refusal = decide(bid(opened(), 1, "3000000"), PlaceBid(2, Decimal(1), "k"), at(20)).refusal

    assert refusal is not None
    assert (refusal.minimum, refusal.now, refusal.ends_at) == (Decimal(3_025_000), at(20), at(3840))


def test_where_announced_a_raise_is_a_multiple_of_the_step():
    state = bid(opened(multiples_only=True), 1, "2800000")

    refused = decide(state, PlaceBid(2, Decimal(2_830_000), "k"), at(20)).refusal

    assert refused is not None
    assert refused.code is RefusalCode.NOT_MULTIPLE
    assert bid(state, 2, "2850000", 20).price == Decimal(2_850_000)


def test_where_announced_the_leader_may_not_bid_against_himself():
    state = bid(opened(leader_may_raise=False), 1, "2800000")

    refused = decide(state, PlaceBid(1, Decimal(2_850_000), "k"), at(20)).refusal

    assert refused is not None
    assert refused.code is RefusalCode.ALREADY_LEADING


def test_the_quick_amounts_are_all_acceptable():
    state = bid(opened(multiples_only=True), 1, "2800000")

    outcomes = [decide(state, PlaceBid(2, amount, "k"), at(20)).accepted for amount in next_amounts(state)]

    assert outcomes == [True] * 8
    assert next_amounts(state)[0] == minimum_bid(state)


@pytest.mark.parametrize(
    ("seconds", "ends"),
    [
        (10, 3840),  # in the free period the announced end stands: 3600 + one cycle
        (3599, 3840),  # … because a cycle after the bid does not reach beyond it
        (3700, 3940),  # in the timed period each bid restarts the cycle
        (3839, 4079),
    ],
)
def test_a_valid_bid_leaves_at_least_one_cycle(seconds, ends):
    state = bid(opened(), 1, "2800000", seconds)

    assert state.ends_at == at(ends)


def test_a_fixed_end_does_not_move():
    state = opened(extension_s=0)

    assert bid(state, 1, "2800000", 3599).ends_at == at(3600)


def test_the_public_view_shows_the_reserve_status_only_where_announced():
    silent = public_view(opened(reserve=Decimal(3_000_000)))
    spoken = public_view(opened(reserve=Decimal(3_000_000), announce_reserve_status=True))

    assert (silent.reserve_met, spoken.reserve_met) == (None, False)


def test_the_step_follows_the_band_of_the_price():
    rules = terms(**SMALL)

    steps = [rules.step_at(Decimal(price)) for price in ("0.99", "1.00", "4.99", "5.00")]

    assert steps == [Decimal("0.05"), Decimal("0.25"), Decimal("0.25"), Decimal("0.50")]
