"""What anybody may see of an auction: never a limit, never the reserve."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from .codec import event_to_json, iso
from .events import Event, LimitSet, Refused, ReserveSealed
from .formats import minimum_bid, next_amounts
from .state import OutcomeKind, Phase, State


@dataclass(frozen=True, slots=True)
class PublicView:
    """The public state of an auction, built from public values only."""

    phase: Phase
    opening: Decimal
    price: Decimal | None
    leader: int | None
    minimum: Decimal
    next_amounts: tuple[Decimal, ...]
    bids: int
    bidders: int
    extensions: int
    opens_at: datetime
    free_ends_at: datetime
    ends_at: datetime
    has_reserve: bool
    #: None where no reserve was set or its status is not announced.
    reserve_met: bool | None
    sequence: int
    last_at: datetime | None
    outcome: OutcomeKind | None
    winner: int | None


def public_view(state: State) -> PublicView:
    rules, outcome = state.rules, state.outcome
    announced = rules.reserve is not None and rules.announce_reserve_status
    return PublicView(
        phase=state.phase,
        opening=rules.opening,
        price=state.price,
        leader=state.leader,
        minimum=minimum_bid(state),
        next_amounts=next_amounts(state),
        bids=state.bids,
        bidders=len(state.bidders),
        extensions=state.extensions,
        opens_at=rules.opens_at,
        free_ends_at=state.free_ends_at,
        ends_at=state.ends_at,
        has_reserve=rules.reserve is not None,
        reserve_met=state.reserve_met if announced else None,
        sequence=state.sequence,
        last_at=state.last_at,
        outcome=None if outcome is None else outcome.kind,
        winner=None if outcome is None else outcome.winner,
    )


def view_to_json(view: PublicView) -> dict[str, Any]:
    """Write the view for the live stream and the API."""
    data: dict[str, Any] = {}
    for name in PublicView.__slots__:
        value = getattr(view, name)
        if isinstance(value, datetime):
            value = iso(value)
        elif isinstance(value, Decimal):
            value = str(value)
        data[name] = value
    data["next_amounts"] = [str(amount) for amount in view.next_amounts]
    return data


def public_event(event: Event) -> dict[str, Any] | None:
    """Write an event for the room while the auction runs, or None where it is not for everybody.

    The client key is left out: it belongs to the bidder's own browser.
    """
    if isinstance(event, LimitSet | ReserveSealed | Refused):
        return None
    data = event_to_json(event)
    data.pop("key", None)
    return data
