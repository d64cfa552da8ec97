"""What happened in an auction: one numbered record each, in the order in which it counts.

A limit is a record of its own (`LimitSet`), apart from the visible bids that follow from it
(`BidPlaced`), so that the bids can be shown while the limit stays a commitment.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .rules import Rules


@dataclass(frozen=True, slots=True)
class Opened:
    """Bidding began under these rules (written without the reserve, which has its own record)."""

    sequence: int
    at: datetime
    rules: Rules


@dataclass(frozen=True, slots=True)
class ReserveSealed:
    """The hidden reserve is fixed from here on; nobody can choose it after seeing the bids."""

    sequence: int
    at: datetime
    reserve: Decimal


@dataclass(frozen=True, slots=True)
class TimedStarted:
    """The free period is over, the timed cycles run."""

    sequence: int
    at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LimitSet:
    """A bidder left or raised a limit. Never public while it can still decide anything."""

    sequence: int
    at: datetime
    bidder: int
    key: str
    limit: Decimal
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class BidPlaced:
    """A visible bid; the latest one is the price and its bidder leads."""

    sequence: int
    at: datetime
    bidder: int
    key: str
    amount: Decimal
    #: True where the engine bid for a standing limit.
    automatic: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Suspended:
    sequence: int
    at: datetime
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    sequence: int
    at: datetime
    free_ends_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    sequence: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A bid that was understood and not accepted, kept so that the refusal can be contested."""

    sequence: int
    at: datetime
    bidder: int
    key: str
    amount: Decimal
    code: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The last record of every auction."""

    sequence: int
    at: datetime
    outcome: str
    winner: int | None
    price: Decimal | None
    ended_at: datetime


Event = (
    Opened | ReserveSealed | TimedStarted | LimitSet | BidPlaced | Suspended | Resumed | Cancelled | Refused | Closed
)
