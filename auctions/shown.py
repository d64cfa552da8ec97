"""How states of auctions read: a word, a tone and a shape each, and the refusals' words for the room's script."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from marketplace import trails, ui
from marketplace.fields import field_label
from marketplace.regions import region_label
from marketplace.ui import State

from .engine import OutcomeKind, Phase
from .errors import MESSAGES
from .forms import wan_text
from .states import APPROVAL_LABELS, BIDDER_LABELS, LABELS, ApprovalState, AuctionAction, AuctionState, BidderState

AUCTION = {
    AuctionState.DRAFT: State(LABELS[AuctionState.DRAFT], "neutral"),
    AuctionState.ANNOUNCED: State(LABELS[AuctionState.ANNOUNCED], "action", "ring"),
    AuctionState.OPEN: State(LABELS[AuctionState.OPEN], "action"),
    AuctionState.SUSPENDED: State(LABELS[AuctionState.SUSPENDED], "waiting", "triangle"),
    AuctionState.CLOSED: State(LABELS[AuctionState.CLOSED], "done", "check"),
    AuctionState.CANCELLED: State(LABELS[AuctionState.CANCELLED], "neutral", "cross"),
}
PHASES = {
    Phase.SCHEDULED: State(_l("Not begun"), "neutral"),
    Phase.FREE: State(_l("Free period"), "action"),
    Phase.TIMED: State(_l("Timed period"), "waiting"),
    Phase.SUSPENDED: State(_l("Bidding suspended"), "waiting", "triangle"),
    Phase.CANCELLED: State(_l("Called off"), "neutral", "cross"),
    Phase.CLOSED: State(_l("Ended"), "done", "check"),
}
OUTCOMES = {
    OutcomeKind.SOLD: State(_l("Sold at auction"), "done", "check"),
    OutcomeKind.NO_BID: State(_l("Not sold: no bid"), "neutral", "ring"),
    OutcomeKind.TOO_FEW_BIDDERS: State(_l("Not sold: too few bidders"), "neutral", "ring"),
    OutcomeKind.RESERVE_NOT_MET: State(_l("Not sold: reserve not reached"), "neutral", "ring"),
    OutcomeKind.CANCELLED: State(_l("Called off, no sale"), "neutral", "cross"),
}
BIDDERS = {
    BidderState.REGISTERED: State(BIDDER_LABELS[BidderState.REGISTERED], "waiting"),
    BidderState.QUALIFIED: State(BIDDER_LABELS[BidderState.QUALIFIED], "done"),
    BidderState.REFUSED: State(BIDDER_LABELS[BidderState.REFUSED], "refused"),
}
APPROVALS = {
    ApprovalState.PENDING: State(APPROVAL_LABELS[ApprovalState.PENDING], "waiting"),
    ApprovalState.APPROVED: State(APPROVAL_LABELS[ApprovalState.APPROVED], "done"),
    ApprovalState.REJECTED: State(APPROVAL_LABELS[ApprovalState.REJECTED], "refused"),
}

#: What each finding of the evidence check means, in words.
FINDINGS = {
    "malformed": _l("The file cannot be read."),
    "unknown_format": _l("The file is not in our format."),
    "another_key": _l("The file names another key than the exchange’s."),
    "altered": _l("An entry does not fit its leaf: it was altered."),
    "out_of_order": _l("An entry is out of order."),
    "entry_missing": _l("An entry is missing."),
    "time_runs_back": _l("Time runs backwards."),
    "after_close": _l("Something was appended after the end."),
    "not_closed": _l("The end is missing."),
    "head_differs": _l("The chain does not lead to the published head."),
    "signature_wrong": _l("The exchange did not sign this head."),
    "rules_differ": _l("Decided anew, the bids give something else."),
    "receipt_forged": _l("The exchange did not sign this receipt."),
    "receipt_of_another_auction": _l("The receipt belongs to another auction."),
    "receipt_contradicts_log": _l(
        "The log has something else at the receipt’s place. Keep this receipt and complain: it is proof."
    ),
    "log_before_receipt_differs": _l(
        "Your bid is in the log, but what stands before it was changed. Keep this receipt and complain: it is proof."
    ),
}

#: Entries of the evidence and steps of the history, in words.
EVENTS = {
    "opened": _l("Opened"),
    "reserve_sealed": _l("Reserve sealed"),
    "timed_started": _l("Timed period began"),
    "limit_set": _l("Limit left"),
    "bid_placed": _l("Bid"),
    "refused": _l("Refused bid"),
    "suspended": _l("Bidding suspended"),
    "resumed": _l("Went on"),
    "cancelled": _l("Called off"),
    "closed": _l("Ended"),
}
STEPS = {
    AuctionAction.ANNOUNCE: _l("Announced to the public"),
    AuctionAction.OPEN: _l("Opened"),
    AuctionAction.SUSPEND: _l("Bidding suspended"),
    AuctionAction.RESUME: _l("Went on"),
    AuctionAction.CLOSE: _l("Ended"),
    AuctionAction.CANCEL: _l("Called off"),
}


#: What the audit trail calls each step, those of bidders and second approvals too.
TRAIL = {
    "auction.request": _l("Auction asked for"),
    "auction.revise": _l("Terms changed"),
    "auction.send_back": _l("Sent back to the seller"),
    "auction.announce": _l("Auction announced"),
    "auction.open": _l("Bidding begun"),
    "auction.suspend": _l("Bidding suspended"),
    "auction.resume": _l("Bidding went on"),
    "auction.close": _l("Auction ended"),
    "auction.cancel": _l("Auction called off"),
    "auction.export_audit": _l("Evidence with names exported"),
    "bidder.register": _l("Bidder registered"),
    "bidder.approve": _l("Bidder approved"),
    "bidder.refuse": _l("Bidder refused"),
    "bidder.hand_over": _l("Bidder handed over to another member"),
    "bid_approval.reject": _l("Bid refused by the second person"),
    "bid_approval.hand_over": _l("Bid approval handed over to another member"),
}


def register(app: Flask) -> None:
    """Teach the badge macro all of these, and templates the words of the rest."""
    app.jinja_env.filters.update(
        decimal=Decimal,
        event_label=lambda name: EVENTS.get(name, name),
        field_label=field_label,
        region_label=region_label,
        step_label=lambda action: STEPS.get(action, action),
        wan_text=wan_text,
    )
    trails.register_object("auctions", _l("Auction"), "auctions.show")
    trails.register_object("auction_bidders", _l("Bidder"))
    trails.register_object("bid_approvals", _l("Second approval"))
    trails.register_actions(TRAIL)
    for kind, states in (
        ("auction", AUCTION),
        ("auction_phase", PHASES),
        ("outcome", OUTCOMES),
        ("bidder", BIDDERS),
        ("bid_approval", APPROVALS),
    ):
        ui.register_states(kind, states)


def refusals() -> dict[str, Any]:
    """Why a bid did not count, by code."""
    return {str(code): text for code, text in MESSAGES.items()}


def finding(code: str) -> Any:
    """A finding in words; one we have no words for stays as it is."""
    return FINDINGS.get(code, code)
