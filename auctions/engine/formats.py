"""The auction formats: what each must answer, and which there are."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from . import english
from .commands import Bid
from .state import Decision, Outcome, State


class Format(Protocol):
    """A module that knows one way to bid. Opening, pausing and closing are the same for all."""

    def minimum_bid(self, state: State) -> Decimal: ...

    def next_amounts(self, state: State) -> tuple[Decimal, ...]: ...

    def bid(self, state: State, command: Bid, now: datetime) -> Decision: ...

    def outcome(self, state: State) -> Outcome: ...


FORMATS: dict[str, Format] = {"english": english}


def format_of(state: State) -> Format:
    return FORMATS[state.rules.format]


def minimum_bid(state: State) -> Decimal:
    """The least amount that could be accepted next."""
    return format_of(state).minimum_bid(state)


def next_amounts(state: State) -> tuple[Decimal, ...]:
    """Eight valid amounts to offer as buttons (fewer only at the largest amount there is)."""
    return format_of(state).next_amounts(state)
