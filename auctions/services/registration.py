"""Who takes part: organisations register, lay down a deposit, and are admitted when both have been looked at."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.permissions import SYSTEM, Actor
from marketplace.states import move
from payments import queries as deposits
from payments import services as payments
from payments.states import STANDING

from .. import notifications, policies, queries
from ..models import Auction, AuctionBidder
from ..states import BIDDER, BidderAction, BidderState
from .common import lock, needed

#: What a registration must declare; the page words them, the audit trail keeps that they were made.
DECLARATIONS = ("rules", "conditions", "unrelated")


def register_bidder(actor: Actor, auction: Auction, declared: set[str]) -> AuctionBidder:
    """Register the organisation acted for, ask for its deposit, and give it a number.

    Raises:
        Forbidden: it may not take part, with the reason.
        Invalid: a declaration is missing.
    """
    lock(auction)
    now = db_now()
    policies.can_register(actor, auction, queries.candidate(actor, auction), now).check()
    missing = {name: [_l("This declaration is needed.")] for name in DECLARATIONS if name not in declared}
    if missing:
        raise Invalid(fields=missing)
    assert actor.organisation_id is not None  # noqa: S101 - the policy asks for it
    bidder = AuctionBidder(
        auction_id=auction.id,
        organisation_id=actor.organisation_id,
        number=_next_number(auction),
        state=BidderState.REGISTERED,
        user_id=actor.user_id,
    )
    db.session.add(bidder)
    payments.require(
        actor, bidder.organisation_id, auction.deposit_reference, auction.deposit_amount, auction.registration_ends_at
    )
    told = {"declared": sorted(declared & set(DECLARATIONS)), "rules_version": auction.rules_version}
    audit.record(actor, "bidder.register", bidder, after=told, label=f"{auction.number}/{bidder.number}")
    notifications.registered(auction, bidder)
    return bidder


def _next_number(auction: Auction) -> int:
    """The auction's row is locked: two registrations never get the same number."""
    query = select(func.coalesce(func.max(AuctionBidder.number), 0)).where(AuctionBidder.auction_id == auction.id)
    return int(db.session.scalars(query).one()) + 1


def approve_bidder(actor: Actor, bidder: AuctionBidder) -> bool:
    """The auctioneer finds the registration in order; True if the bidder is admitted now.

    That is so where its deposit stands; otherwise the confirmation of the deposit admits it.
    """
    auction = lock(bidder.auction)
    db.session.refresh(bidder)
    policies.can_decide_bidder(actor, auction, bidder).check()
    if bidder.decided_at is None:
        bidder.decided_by_id, bidder.decided_at = actor.user_id, db_now()
        audit.record(actor, "bidder.approve", bidder, label=f"{auction.number}/{bidder.number}")
    return _admit(actor, bidder)


def deposit_locked(organisation_id: int, number: str) -> bool:
    """The deposit of an approved bidder was confirmed: it is admitted."""
    auction = queries.by_number(number)
    bidder = None if auction is None else queries.bidder_of(lock(auction), organisation_id)
    return bidder is not None and bidder.decided_at is not None and _admit(SYSTEM, bidder)


def _admit(actor: Actor, bidder: AuctionBidder) -> bool:
    """Both halves are needed, in whichever order they come."""
    deposit = deposits.standing(bidder.organisation_id, bidder.auction.deposit_reference)
    if bidder.state is not BidderState.REGISTERED or deposit is None or deposit.state not in STANDING:
        return False
    move(bidder, BIDDER, BidderAction.QUALIFY, actor)
    notifications.qualified(bidder.auction, bidder)
    return True


def refuse_bidder(actor: Actor, bidder: AuctionBidder, reason: str) -> None:
    """Do not admit an organisation; its deposit goes back, or is no longer needed.

    Raises:
        Invalid: no reason is given.
        Conflict: it leads; suspend or cancel the auction instead.
    """
    auction = lock(bidder.auction)
    db.session.refresh(bidder)
    policies.can_decide_bidder(actor, auction, bidder).check()
    policies.can_refuse(auction, bidder).check()
    bidder.reason = needed(reason)
    bidder.decided_by_id, bidder.decided_at = actor.user_id, db_now()
    move(bidder, BIDDER, BidderAction.REFUSE, actor, bidder.reason)
    audit.record(
        actor, "bidder.refuse", bidder, after={"reason": bidder.reason}, label=f"{auction.number}/{bidder.number}"
    )
    payments.stand_down(actor, bidder.organisation_id, auction.deposit_reference, bidder.reason)
    notifications.refused(auction, bidder)
