"""Where an auction stands: small, immutable, without the list of its bids."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .events import Event
from .rules import Rules


class Phase(StrEnum):
    SCHEDULED = "scheduled"
    FREE = "free"
    TIMED = "timed"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class RefusalCode(StrEnum):
    """Why a command was not accepted. The second group is found out by the caller, not by the engine."""

    NOT_OPEN = "not_open"
    ALREADY_OPEN = "already_open"
    SUSPENDED = "suspended"
    NOT_SUSPENDED = "not_suspended"
    NOT_ENDED = "not_ended"
    ENDED = "ended"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    BELOW_MINIMUM = "below_minimum"
    NOT_MULTIPLE = "not_multiple"
    NOT_WHOLE_FEN = "not_whole_fen"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    ALREADY_LEADING = "already_leading"
    LIMIT_NOT_RAISED = "limit_not_raised"
    PROXY_OFF = "proxy_off"

    INELIGIBLE = "ineligible"
    DEPOSIT_MISSING = "deposit_missing"
    BANNED = "banned"
    SELLER_SIDE = "seller_side"
    OVER_AUTHORITY = "over_authority"
    DUPLICATE_KEY = "duplicate_key"


class OutcomeKind(StrEnum):
    SOLD = "sold"
    NO_BID = "no_bid"
    TOO_FEW_BIDDERS = "too_few_bidders"
    RESERVE_NOT_MET = "reserve_not_met"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command was not accepted, with the facts that its message needs."""

    code: RefusalCode
    #: The time that decided, and the end it was measured against.
    now: datetime
    ends_at: datetime
    minimum: Decimal | None = None
    step: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. Without a sale there is neither winner nor price."""

    kind: OutcomeKind
    ended_at: datetime
    winner: int | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class State:
    rules: Rules
    phase: Phase
    free_ends_at: datetime
    ends_at: datetime
    #: Number of the last event, and when it happened.
    sequence: int = 0
    last_at: datetime | None = None
    price: Decimal | None = None
    leader: int | None = None
    #: The most the leader will pay: his limit, or his explicit bid. Never public.
    limit: Decimal | None = None
    #: The best that anybody else was willing to pay. Never public.
    second: Decimal | None = None
    #: Visible bids, bidders who were ever accepted, and how often the end has moved.
    bids: int = 0
    bidders: frozenset[int] = frozenset()
    extensions: int = 0
    suspended_since: datetime | None = None
    suspended_phase: Phase | None = None
    outcome: Outcome | None = None

    @property
    def reserve_met(self) -> bool:
        """True as well where no reserve was set. The price is lifted as soon as the limit reaches it."""
        reserve = self.rules.reserve
        return reserve is None or (self.price is not None and self.price >= reserve)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a command: a refusal changes nothing and leaves no event."""

    state: State
    events: tuple[Event, ...] = ()
    refusal: Refusal | None = None

    @property
    def accepted(self) -> bool:
        return self.refusal is None


def initial_state(rules: Rules) -> State:
    """An auction that has been announced and not opened yet."""
    return State(rules, Phase.SCHEDULED, rules.free_ends_at, rules.ends_at)
