"""States of an auction as the exchange runs it. Within `open` the engine's phase says free or timed."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.states import machine


class AuctionState(enum.StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class AuctionAction(enum.StrEnum):
    ANNOUNCE = "announce"
    OPEN = "open"
    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"
    CANCEL = "cancel"


class BidderState(enum.StrEnum):
    REGISTERED = "registered"
    QUALIFIED = "qualified"
    REFUSED = "refused"


class BidderAction(enum.StrEnum):
    QUALIFY = "qualify"
    REFUSE = "refuse"


class ApprovalState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class BidKind(enum.StrEnum):
    """How a row of the bid log came about."""

    #: An explicit amount.
    BID = "bid"
    #: A limit left with the engine; private to its bidder.
    LIMIT = "limit"
    #: A visible bid that the engine made for a standing limit.
    AUTO = "auto"


LABELS = {
    AuctionState.DRAFT: _l("In preparation"),
    AuctionState.ANNOUNCED: _l("Announced, not begun"),
    AuctionState.OPEN: _l("Bidding"),
    AuctionState.SUSPENDED: _l("Bidding suspended"),
    AuctionState.CLOSED: _l("Ended"),
    AuctionState.CANCELLED: _l("Called off"),
}

_S, _A = AuctionState, AuctionAction

AUCTION = machine(
    "auction",
    _S.DRAFT,
    {
        (_S.DRAFT, _A.ANNOUNCE): _S.ANNOUNCED,
        (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
        (_S.ANNOUNCED, _A.OPEN): _S.OPEN,
        (_S.ANNOUNCED, _A.CANCEL): _S.CANCELLED,
        (_S.OPEN, _A.SUSPEND): _S.SUSPENDED,
        (_S.OPEN, _A.CLOSE): _S.CLOSED,
        (_S.OPEN, _A.CANCEL): _S.CANCELLED,
        (_S.SUSPENDED, _A.RESUME): _S.OPEN,
        (_S.SUSPENDED, _A.CANCEL): _S.CANCELLED,
    },
)

BIDDER_LABELS = {
    BidderState.REGISTERED: _l("Registered, not yet admitted"),
    BidderState.QUALIFIED: _l("Admitted"),
    BidderState.REFUSED: _l("Not admitted"),
}

BIDDER = machine(
    "bidder",
    BidderState.REGISTERED,
    {
        (BidderState.REGISTERED, BidderAction.QUALIFY): BidderState.QUALIFIED,
        (BidderState.REGISTERED, BidderAction.REFUSE): BidderState.REFUSED,
        (BidderState.QUALIFIED, BidderAction.REFUSE): BidderState.REFUSED,
    },
)

APPROVAL_LABELS = {
    ApprovalState.PENDING: _l("Waiting for a second person"),
    ApprovalState.APPROVED: _l("Approved"),
    ApprovalState.REJECTED: _l("Turned down"),
}
