"""The life of an auction, whatever its format: open, free and timed period, pause, cancel, close.

Time decides, not the sweep that notices it: a bid that arrives before the sweep finds the auction
opened or timed all the same, because `decide` first does what is due.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from .commands import Bid, Cancel, Close, Command, Open, PlaceBid, Resume, SetLimit, Suspend
from .events import (
    Cancelled,
    Closed,
    Event,
    Opened,
    Refused,
    ReserveSealed,
    Resumed,
    Suspended,
    TimedStarted,
)
from .formats import format_of
from .rules import as_utc
from .state import Decision, Outcome, OutcomeKind, Phase, Refusal, RefusalCode, State

RUNNING = (Phase.FREE, Phase.TIMED)


def decide(state: State, command: Command, now: datetime) -> Decision:
    """Answer one command. The only way in which an auction ever changes, apart from `advance`."""
    moment = _clamp(state, now)
    return _HANDLERS[type(command)](state, command, moment)


def advance(state: State, now: datetime) -> Decision:
    """Do what is due by time alone: open, then go from the free to the timed period."""
    moment = _clamp(state, now)
    events: tuple[Event, ...] = ()
    if state.phase is Phase.SCHEDULED and moment >= state.rules.opens_at:
        state, events = _open(state, moment)
    if state.phase is Phase.FREE and state.free_ends_at <= moment and state.free_ends_at < state.ends_at:
        sequence = state.sequence + 1
        events += (TimedStarted(sequence, moment, state.ends_at),)
        state = replace(state, phase=Phase.TIMED, sequence=sequence, last_at=moment)
    return Decision(state, events)


def close(state: State, now: datetime) -> Outcome | None:
    """Say how the auction has ended, or None while it has not. Asking twice changes nothing."""
    if state.outcome is not None:
        return state.outcome
    moment = _clamp(state, now)
    if state.phase is Phase.CANCELLED:
        return Outcome(OutcomeKind.CANCELLED, state.last_at or moment)
    if state.phase is Phase.SUSPENDED or moment < state.ends_at:
        return None
    return format_of(state).outcome(state)


def record_refusal(state: State, command: Bid, code: RefusalCode, now: datetime) -> Decision:
    """Put a refused bid on record. It moves nothing but the number and time of the last event."""
    moment, sequence = _clamp(state, now), state.sequence + 1
    event = Refused(sequence, moment, command.bidder, command.key, command.amount, code.value)
    return Decision(replace(state, sequence=sequence, last_at=moment), (event,))


def _clamp(state: State, now: datetime) -> datetime:
    """Never let time run backwards: a clock that was set back cannot reopen or reorder anything."""
    moment = as_utc(now)
    return moment if state.last_at is None or moment >= state.last_at else state.last_at


def _refuse(state: State, code: RefusalCode, now: datetime) -> Decision:
    return Decision(state, (), Refusal(code, now, state.ends_at))


def _blocked(state: State, now: datetime) -> RefusalCode | None:
    """Why nobody can act on this auction now, or None while it runs."""
    if state.phase in RUNNING:
        return RefusalCode.ENDED if now >= state.ends_at else None
    return _BLOCKED[state.phase]


_BLOCKED = {
    Phase.SCHEDULED: RefusalCode.NOT_OPEN,
    Phase.SUSPENDED: RefusalCode.SUSPENDED,
    Phase.CANCELLED: RefusalCode.CANCELLED,
    Phase.CLOSED: RefusalCode.CLOSED,
}


def _bid(state: State, command: Bid, now: datetime) -> Decision:
    due = advance(state, now)
    code = _blocked(due.state, now)
    if code is not None:
        return _refuse(state, code, now)
    decision = format_of(state).bid(due.state, command, now)
    if decision.refusal is not None:
        return Decision(state, (), decision.refusal)
    return Decision(decision.state, due.events + decision.events) if due.events else decision


def _open(state: State, now: datetime) -> tuple[State, tuple[Event, ...]]:
    announced = replace(state.rules, reserve=None)
    events: list[Event] = [Opened(state.sequence + 1, now, announced)]
    if state.rules.reserve is not None:
        events.append(ReserveSealed(state.sequence + 2, now, state.rules.reserve))
    sequence = state.sequence + len(events)
    return replace(state, phase=Phase.FREE, sequence=sequence, last_at=now), tuple(events)


def _decide_open(state: State, _command: Open, now: datetime) -> Decision:
    if state.phase is not Phase.SCHEDULED:
        return _refuse(state, _blocked(state, now) or RefusalCode.ALREADY_OPEN, now)
    if now < state.rules.opens_at:
        return _refuse(state, RefusalCode.NOT_OPEN, now)
    return advance(state, now)


def _suspend(state: State, command: Suspend, now: datetime) -> Decision:
    # Dated back, an interruption counts from its beginning: an end that passed while nobody
    # could bid was no end. It cannot reach behind what has already been decided.
    since = now if command.since is None else min(now, _clamp(state, command.since))
    due = advance(state, since)
    code = _blocked(due.state, since)
    if code is not None:
        return _refuse(state, code, now)
    running = due.state
    sequence = running.sequence + 1
    after = replace(
        running,
        phase=Phase.SUSPENDED,
        sequence=sequence,
        last_at=now,
        suspended_since=since,
        suspended_phase=running.phase,
    )
    return Decision(after, (*due.events, Suspended(sequence, now, since, command.reason)))


def _resume(state: State, command: Resume, now: datetime) -> Decision:
    since, phase = state.suspended_since, state.suspended_phase
    if since is None or phase is None or state.phase is not Phase.SUSPENDED:
        return _refuse(state, _blocked(state, now) or RefusalCode.NOT_SUSPENDED, now)
    lost = now - since
    free_ends_at = state.free_ends_at + lost if phase is Phase.FREE else state.free_ends_at
    ends_at = max(state.ends_at + lost, now + state.rules.extension)
    sequence = state.sequence + 1
    after = replace(
        state,
        phase=phase,
        free_ends_at=free_ends_at,
        ends_at=ends_at,
        sequence=sequence,
        last_at=now,
        suspended_since=None,
        suspended_phase=None,
    )
    return Decision(after, (Resumed(sequence, now, free_ends_at, ends_at, command.reason),))


def _cancel(state: State, command: Cancel, now: datetime) -> Decision:
    """Before the opening and during a pause too, but not once the end has passed: then it is decided."""
    code = _blocked(state, now)
    if code not in (None, RefusalCode.NOT_OPEN, RefusalCode.SUSPENDED):
        return _refuse(state, code, now)
    sequence = state.sequence + 1
    after = replace(state, phase=Phase.CANCELLED, sequence=sequence, last_at=now)
    return Decision(after, (Cancelled(sequence, now, command.reason),))


def _close(state: State, _command: Close, now: datetime) -> Decision:
    if state.phase is Phase.CLOSED:
        return _refuse(state, RefusalCode.CLOSED, now)
    result = close(state, now)
    if result is None:
        suspended = state.phase is Phase.SUSPENDED
        return _refuse(state, RefusalCode.SUSPENDED if suspended else RefusalCode.NOT_ENDED, now)
    due = Decision(state) if state.phase is Phase.CANCELLED else advance(state, now)
    sequence = due.state.sequence + 1
    event = Closed(sequence, now, result.kind.value, result.winner, result.price, result.ended_at)
    after = replace(due.state, phase=Phase.CLOSED, sequence=sequence, last_at=now, outcome=result)
    return Decision(after, (*due.events, event))


_Handler = Callable[[State, Any, datetime], Decision]
_HANDLERS: dict[type, _Handler] = {
    PlaceBid: _bid,
    SetLimit: _bid,
    Open: _decide_open,
    Suspend: _suspend,
    Resume: _resume,
    Cancel: _cancel,
    Close: _close,
}
