"""Bids above an organisation's threshold: one person asks, a second one places it.

The desk stores the request (`batch`) and, on approval, places the bid under both names. The amount stays what the
first person chose; if the price has moved past it meanwhile, the bid is refused like any other.
"""

from __future__ import annotations

from dataclasses import asdict

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from . import desk
from .batch import BidAnswer
from .eligibility import BidRequest, Caller
from .models import AuctionBidder, BidApproval
from .states import ApprovalState


def can_decide(actor: Actor, approval: BidApproval) -> Decision:
    """Another approver of the same organisation, while the request waits."""
    if approval.state is not ApprovalState.PENDING:
        return Denied(_l("This request has been decided."), "decided")
    if not actor.can(Permission.BID_APPROVE) or not actor.acts_for(approval.bidder.organisation_id):
        return Denied(_l("Only an approver of the bidding organisation may decide this."))
    if actor.user_id == approval.requested_by_id:
        return Denied(_l("Nobody approves their own bid."), "own")
    return ALLOWED


def waiting(organisation_id: int) -> list[BidApproval]:
    """An organisation's requests that wait, oldest first, with their auctions."""
    return list(db.session.scalars(_of(organisation_id).where(BidApproval.state == ApprovalState.PENDING)))


def get(actor: Actor, approval_id: int) -> BidApproval:
    """A request of the actor's organisation. Raises NotFound."""
    query = _of(actor.organisation_id or 0).where(BidApproval.id == approval_id)
    approval = db.session.scalars(query).one_or_none()
    if approval is None:
        raise NotFound
    return approval


def _of(organisation_id: int) -> Select[BidApproval]:
    return (
        select(BidApproval)
        .join(BidApproval.bidder)
        .where(AuctionBidder.organisation_id == organisation_id)
        .options(joinedload(BidApproval.auction), joinedload(BidApproval.bidder))
        .order_by(BidApproval.id)
    )


def approve(actor: Actor, caller: Caller, approval: BidApproval) -> BidAnswer:
    """Place the requested bid under both names. Ends the session's transaction: the desk has its own.

    Raises:
        Forbidden: the policy says no.
        DeskBusy: ask again; the bid counts once.
    """
    can_decide(actor, approval).check()
    request = BidRequest(
        auction_number=approval.auction.number,
        **asdict(caller),
        key=approval.key,
        kind=approval.kind.value,
        amount=approval.amount,
        approval_id=approval.id,
    )
    db.session.commit()
    return desk.place(request)


def reject(actor: Actor, approval: BidApproval, reason: str) -> None:
    """Turn the request down.

    Raises:
        Forbidden: the policy says no.
        Invalid: no reason is given.
        Conflict: it was decided a moment ago.
    """
    can_decide(actor, approval).check()
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Say why.")]})
    locked = select(BidApproval.state).where(BidApproval.id == approval.id).with_for_update()
    if db.session.scalars(locked).one() is not ApprovalState.PENDING:
        raise Conflict
    approval.state, approval.reason = ApprovalState.REJECTED, reason.strip()
    approval.decided_by_id, approval.decided_at = actor.user_id, db_now()
    audit.record(
        actor, "bid_approval.reject", approval, after={"reason": approval.reason}, label=approval.auction.number
    )
