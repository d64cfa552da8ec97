"""Recompute an auction from its log: every recorded command is decided again and must give the same events."""

from collections.abc import Sequence
from dataclasses import replace

from . import events as e
from .commands import Cancel, Close, Command, PlaceBid, Resume, SetLimit, Suspend
from .events import Event
from .lifecycle import advance, decide, record_refusal
from .rules import Rules
from .state import Decision, RefusalCode, State, initial_state


class HistoryDiffers(Exception):
    """The rules do not lead to the event that the log has at this place."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"event {sequence} does not follow from those before it")
        self.sequence = sequence


def rules_of(events: Sequence[Event]) -> Rules:
    """Take the announced rules out of a log, the sealed reserve put back in its place."""
    rules = next((event.rules for event in events if isinstance(event, e.Opened)), None)
    if rules is None:
        raise HistoryDiffers(1)
    reserve = next((event.reserve for event in events if isinstance(event, e.ReserveSealed)), None)
    return replace(rules, reserve=reserve)


def recompute(rules: Rules, events: Sequence[Event]) -> State:
    """Give the state after these events. Raises HistoryDiffers at the first that the rules do not give."""
    state, position = initial_state(rules), 0
    while position < len(events):
        decision = _again(state, events, position)
        made = decision.events
        if not made or tuple(events[position : position + len(made)]) != made:
            raise HistoryDiffers(events[position].sequence)
        state, position = decision.state, position + len(made)
    return state


def _again(state: State, events: Sequence[Event], position: int) -> Decision:
    """Decide once more what produced the event at this position."""
    event = events[position]
    if isinstance(event, e.Refused):
        command = PlaceBid(event.bidder, event.amount, event.key)
        return record_refusal(state, command, RefusalCode(event.code), event.at)
    if isinstance(event, e.Opened | e.TimedStarted):
        return advance(state, event.at)
    command_again = _command(event)
    return Decision(state) if command_again is None else decide(state, command_again, event.at)


def _command(event: Event) -> Command | None:
    """The command that an event stands for; None for one that only ever follows another."""
    match event:
        case e.LimitSet():
            return SetLimit(event.bidder, event.limit, event.key)
        case e.BidPlaced(automatic=False):
            return PlaceBid(event.bidder, event.amount, event.key)
        case e.Suspended():
            return Suspend(event.reason, event.since)
        case e.Resumed():
            return Resume(event.reason)
        case e.Cancelled():
            return Cancel(event.reason)
        case e.Closed():
            return Close()
        case _:
            return None
