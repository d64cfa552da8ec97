"""Ascending auction (动态报价): explicit bids, and limits for which the engine bids the least that leads."""

from datetime import datetime
from decimal import Decimal

from .amounts import FEN, MAXIMUM, in_range, to_fen
from .commands import Bid, PlaceBid
from .events import BidPlaced, Event, LimitSet
from .state import Decision, Outcome, OutcomeKind, Refusal, RefusalCode, State

QUICK_AMOUNTS = 8


def minimum_bid(state: State) -> Decimal:
    """The least that a bid or a limit must reach: the opening price, then one step above the price."""
    if state.price is None:
        return state.rules.opening
    return state.price + state.rules.step_at(state.price)


def next_amounts(state: State) -> tuple[Decimal, ...]:
    """Amounts that would be accepted now: the minimum and whole steps above it."""
    least = minimum_bid(state)
    step = state.rules.step_at(_base(state))
    amounts = (least + step * n for n in range(QUICK_AMOUNTS))
    return tuple(amount for amount in amounts if amount <= MAXIMUM)


def bid(state: State, command: Bid, now: datetime) -> Decision:
    """Decide one explicit bid or one limit in an auction that is open."""
    minimum = minimum_bid(state)
    checked = _check(state, command, minimum)
    if isinstance(checked, RefusalCode):
        least = _own_minimum(state, minimum) if checked is RefusalCode.LIMIT_NOT_RAISED else minimum
        step = state.rules.step_at(_base(state))
        return Decision(state, (), Refusal(checked, now, state.ends_at, least, step))
    explicit = type(command) is PlaceBid
    leader, limit, second, price = _standing(state, command.bidder, checked, explicit)
    rows = _rows(state, command.bidder, checked, explicit, leader, price)
    return _record(state, command, checked, rows, (leader, limit, second, price), now)


def outcome(state: State) -> Outcome:
    """Say how an auction ends that gets no further bid."""
    ended_at = state.ends_at
    if state.price is None:
        return Outcome(OutcomeKind.NO_BID, ended_at)
    if len(state.bidders) < state.rules.min_bidders:
        return Outcome(OutcomeKind.TOO_FEW_BIDDERS, ended_at)
    if not state.reserve_met:
        return Outcome(OutcomeKind.RESERVE_NOT_MET, ended_at)
    return Outcome(OutcomeKind.SOLD, ended_at, state.leader, state.price)


def _base(state: State) -> Decimal:
    return state.rules.opening if state.price is None else state.price


def _own_minimum(state: State, minimum: Decimal) -> Decimal:
    """What the leader must name to raise his limit; told to him alone."""
    return minimum if state.limit is None else max(minimum, state.limit + FEN)


def _check(state: State, command: Bid, minimum: Decimal) -> Decimal | RefusalCode:
    """Give the amount in whole fen, or the reason why it cannot count."""
    rules, amount = state.rules, command.amount
    explicit = type(command) is PlaceBid
    if not explicit and not rules.proxy:
        return RefusalCode.PROXY_OFF
    if not in_range(amount):
        return RefusalCode.AMOUNT_OUT_OF_RANGE
    exact = to_fen(amount)
    if exact is None:
        return RefusalCode.NOT_WHOLE_FEN
    leads = command.bidder == state.leader
    if leads and explicit and not rules.leader_may_raise:
        return RefusalCode.ALREADY_LEADING
    if exact < minimum:
        return RefusalCode.BELOW_MINIMUM
    if rules.multiples_only:
        base = _base(state)
        if (exact - base) % rules.step_at(base):
            return RefusalCode.NOT_MULTIPLE
    if leads and not explicit and state.limit is not None and exact <= state.limit:
        return RefusalCode.LIMIT_NOT_RAISED
    return exact


Standing = tuple[int, Decimal, Decimal | None, Decimal]
#: One visible bid: who, how much, and whether the engine bid it.
Row = tuple[int, Decimal, bool]


def _standing(state: State, bidder: int, amount: Decimal, explicit: bool) -> Standing:
    """Who leads after this amount, up to what limit, over what second limit, and at what price.

    Each limit counts as of the moment it was left, so the earlier of two equal ones leads.
    """
    leader, limit, second = state.leader, state.limit, state.second
    if leader is None or limit is None:
        leader, limit = bidder, amount
    elif bidder == leader:
        limit = max(limit, amount)
    elif amount <= limit:
        second = amount
    else:
        leader, limit, second = bidder, amount, limit
    price = state.rules.opening if state.price is None else state.price
    if second is not None:
        price = max(price, min(limit, second + state.rules.step_at(second)))
    if explicit and leader == bidder:
        price = max(price, amount)
    reserve = state.rules.reserve
    if reserve is not None and price < reserve <= limit:
        price = reserve
    return leader, limit, second, price


def _rows(state: State, bidder: int, amount: Decimal, explicit: bool, leader: int, price: Decimal) -> list[Row]:
    """The visible bids in order; the last one is the leader's, at the price."""
    if leader != bidder:
        return [(bidder, amount, not explicit), (leader, price, True)]
    rows: list[Row] = []
    before, beaten = state.leader, state.limit
    if before is not None and beaten is not None and state.price is not None:
        if before == bidder and price == state.price:
            return rows
        if before != bidder and not explicit and beaten > state.price:
            rows.append((before, beaten, True))
    rows.append((bidder, price, not explicit))
    return rows


def _record(
    state: State, command: Bid, amount: Decimal, rows: list[Row], standing: Standing, now: datetime
) -> Decision:
    """Number the events of one accepted command, restart the cycle, and give the state after it."""
    ends_at = max(state.ends_at, now + state.rules.extension)
    sequence, key, bidders = state.sequence, command.key, state.bidders
    events: list[Event] = []
    if type(command) is not PlaceBid:
        sequence += 1
        events.append(LimitSet(sequence, now, command.bidder, key, amount, ends_at))
    for bidder, shown, automatic in rows:
        sequence += 1
        # A client key belongs to the bidder who sent it: a rival's automatic bid never carries it.
        own_key = key if bidder == command.bidder else ""
        events.append(BidPlaced(sequence, now, bidder, own_key, shown, automatic, ends_at))
    if command.bidder not in bidders:
        bidders = bidders | {command.bidder}
    leader, limit, second, price = standing
    after = State(
        rules=state.rules,
        phase=state.phase,
        free_ends_at=state.free_ends_at,
        ends_at=ends_at,
        sequence=sequence,
        last_at=now,
        price=price,
        leader=leader,
        limit=limit,
        second=second,
        bids=state.bids + len(rows),
        bidders=bidders,
        extensions=state.extensions + (ends_at > state.ends_at),
    )
    return Decision(after, tuple(events))
