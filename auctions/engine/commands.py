"""What somebody asks of an auction. Whether he may ask it at all is for the caller to know."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PlaceBid:
    """Bid exactly this amount now. `bidder` is the number in this auction (竞买号), `key` the client's own."""

    bidder: int
    amount: Decimal
    key: str = ""


@dataclass(frozen=True, slots=True)
class SetLimit:
    """Let the engine bid the least that leads, never above this amount."""

    bidder: int
    amount: Decimal
    key: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """Open the auction; its announced time must have come."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Stop taking bids (中止). `since` dates an interruption back to when it began, as after an outage."""

    reason: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on: the time lost is given back, and at least one full cycle is left to bid in."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End without a sale (终结)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Write the outcome down once the end has passed."""


Bid = PlaceBid | SetLimit
Command = Bid | Open | Suspend | Resume | Cancel | Close
