"""The auctioneer's hand on an announced or running auction; the engine decides whether it is possible."""

from __future__ import annotations

from marketplace.permissions import Actor

from .. import control, notifications, policies
from ..models import Auction
from ..states import AuctionAction, AuctionState
from .common import lock, needed


def suspend(actor: Actor, auction: Auction, reason: str) -> None:
    """Stop taking bids (中止); everybody who takes part is told.

    Raises:
        Invalid: no reason is given.
        NotPossibleNow: it does not run.
    """
    policies.can_step(actor, lock(auction), AuctionAction.SUSPEND).check()
    control.suspend(actor, auction, needed(reason))
    notifications.suspended(auction)


def resume(actor: Actor, auction: Auction, reason: str) -> None:
    """Go on: the time lost is given back; everybody who takes part is told.

    Raises:
        NotPossibleNow: it is not suspended.
    """
    policies.can_step(actor, lock(auction), AuctionAction.RESUME).check()
    control.resume(actor, auction, reason.strip())
    notifications.resumed(auction)


def cancel(actor: Actor, auction: Auction, reason: str) -> None:
    """End without a sale (终结): deposits go back, the result returns to the board, everybody is told.

    Raises:
        Invalid: no reason is given.
        NotPossibleNow: it is over.
    """
    policies.can_step(actor, lock(auction), AuctionAction.CANCEL).check()
    announced = auction.state is not AuctionState.DRAFT
    control.cancel(actor, auction, needed(reason))
    if announced:
        notifications.cancelled(auction)
