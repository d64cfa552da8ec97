"""The way of a result from a draft to a registered contract, as one table."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.states import machine
from marketplace.ui import State


class ListingState(enum.StrEnum):
    DRAFT = "draft"
    ORG_REVIEW = "org_review"
    EXCHANGE_REVIEW = "exchange_review"
    CORRECTION = "correction"
    PUBLICITY = "publicity"
    LISTED = "listed"
    BIDDING = "bidding"
    NEGOTIATING = "negotiating"
    DEAL_PENDING = "deal_pending"
    CONTRACTED = "contracted"
    SETTLED = "settled"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class ListingAction(enum.StrEnum):
    SUBMIT = "submit"
    RECALL = "recall"
    ORG_APPROVE = "org_approve"
    ORG_RETURN = "org_return"
    RETURN = "return"
    REJECT = "reject"
    ANNOUNCE = "announce"
    RESTART = "restart"
    UPHOLD = "uphold"
    PUBLISH = "publish"
    AMEND = "amend"
    REVISE = "revise"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    RELIST = "relist"
    START_BIDDING = "start_bidding"
    BIDDING_SOLD = "bidding_sold"
    BIDDING_UNSOLD = "bidding_unsold"
    NEGOTIATE = "negotiate"
    BREAK_OFF = "break_off"
    AGREE = "agree"
    FALL_THROUGH = "fall_through"
    SIGN = "sign"
    REGISTER = "register"
    UNREGISTER = "unregister"
    CLOSE = "close"


_S, _A = ListingState, ListingAction

LISTING = machine(
    "listing",
    _S.DRAFT,
    {
        (_S.DRAFT, _A.SUBMIT): _S.ORG_REVIEW,
        (_S.CORRECTION, _A.SUBMIT): _S.ORG_REVIEW,
        (_S.ORG_REVIEW, _A.RECALL): _S.DRAFT,
        (_S.ORG_REVIEW, _A.ORG_RETURN): _S.DRAFT,
        (_S.ORG_REVIEW, _A.ORG_APPROVE): _S.EXCHANGE_REVIEW,
        (_S.EXCHANGE_REVIEW, _A.RETURN): _S.CORRECTION,
        (_S.EXCHANGE_REVIEW, _A.REJECT): _S.REJECTED,
        (_S.EXCHANGE_REVIEW, _A.PUBLISH): _S.LISTED,
        (_S.EXCHANGE_REVIEW, _A.ANNOUNCE): _S.PUBLICITY,
        # 公示: name, price or buyer changed, so the clock starts again.
        (_S.PUBLICITY, _A.RESTART): _S.PUBLICITY,
        (_S.PUBLICITY, _A.UPHOLD): _S.CORRECTION,
        (_S.PUBLICITY, _A.PUBLISH): _S.LISTED,
        (_S.PUBLICITY, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.LISTED, _A.AMEND): _S.LISTED,
        (_S.LISTED, _A.REVISE): _S.DRAFT,
        (_S.LISTED, _A.SUSPEND): _S.SUSPENDED,
        (_S.LISTED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.LISTED, _A.START_BIDDING): _S.BIDDING,
        (_S.LISTED, _A.NEGOTIATE): _S.NEGOTIATING,
        (_S.LISTED, _A.AGREE): _S.DEAL_PENDING,
        (_S.BIDDING, _A.BIDDING_SOLD): _S.DEAL_PENDING,
        (_S.BIDDING, _A.BIDDING_UNSOLD): _S.LISTED,
        # A buyer is named on a listed result: they confirm, then the agreed price is announced.
        (_S.NEGOTIATING, _A.ANNOUNCE): _S.PUBLICITY,
        (_S.NEGOTIATING, _A.AGREE): _S.DEAL_PENDING,
        (_S.NEGOTIATING, _A.BREAK_OFF): _S.LISTED,
        (_S.DEAL_PENDING, _A.SIGN): _S.CONTRACTED,
        (_S.DEAL_PENDING, _A.FALL_THROUGH): _S.LISTED,
        (_S.CONTRACTED, _A.REGISTER): _S.SETTLED,
        (_S.SETTLED, _A.UNREGISTER): _S.CONTRACTED,
        # A contract that is dissolved sets the result free, however far it had come.
        (_S.CONTRACTED, _A.FALL_THROUGH): _S.LISTED,
        (_S.SETTLED, _A.FALL_THROUGH): _S.LISTED,
        (_S.CLOSED, _A.FALL_THROUGH): _S.LISTED,
        (_S.SETTLED, _A.CLOSE): _S.CLOSED,
        (_S.SUSPENDED, _A.RESUME): _S.LISTED,
        (_S.SUSPENDED, _A.REVISE): _S.DRAFT,
        (_S.SUSPENDED, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.DRAFT, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.CORRECTION, _A.WITHDRAW): _S.WITHDRAWN,
        (_S.WITHDRAWN, _A.RELIST): _S.DRAFT,
    },
)

#: Where the owner may write.
EDITABLE = frozenset({_S.DRAFT, _S.CORRECTION})
#: What everybody may read.
PUBLIC = frozenset(
    {
        _S.PUBLICITY,
        _S.LISTED,
        _S.BIDDING,
        _S.NEGOTIATING,
        _S.DEAL_PENDING,
        _S.CONTRACTED,
        _S.SETTLED,
        _S.CLOSED,
        _S.SUSPENDED,
    }
)
SOLD = frozenset({_S.DEAL_PENDING, _S.CONTRACTED, _S.SETTLED, _S.CLOSED})
#: Nobody has anything to do about it any more.
OVER = frozenset({_S.SETTLED, _S.CLOSED, _S.WITHDRAWN, _S.REJECTED})
#: What the catalogue shows unless other states are asked for: what can still be bought.
OPEN = frozenset({_S.PUBLICITY, _S.LISTED, _S.BIDDING, _S.NEGOTIATING})

SHOWN = {
    _S.DRAFT: State(_l("Draft"), "neutral"),
    _S.ORG_REVIEW: State(_l("With your approver"), "waiting"),
    _S.EXCHANGE_REVIEW: State(_l("In exchange review"), "waiting"),
    _S.CORRECTION: State(_l("Returned for correction"), "refused", "triangle"),
    _S.PUBLICITY: State(_l("In publicity"), "waiting"),
    _S.LISTED: State(_l("On the board"), "done"),
    _S.BIDDING: State(_l("At auction"), "action"),
    _S.NEGOTIATING: State(_l("In negotiation"), "action", "ring"),
    _S.DEAL_PENDING: State(_l("Sold, contract pending"), "done", "square"),
    _S.CONTRACTED: State(_l("Contract signed"), "done", "check"),
    _S.SETTLED: State(_l("Contract registered"), "done", "check"),
    _S.CLOSED: State(_l("Closed"), "neutral", "check"),
    _S.SUSPENDED: State(_l("Listing suspended"), "waiting", "triangle"),
    _S.WITHDRAWN: State(_l("Withdrawn from the board"), "neutral", "cross"),
    _S.REJECTED: State(_l("Refused"), "refused"),
}

ACTION_LABELS = {
    _A.SUBMIT: _l("Submitted to the organisation's approver"),
    _A.RECALL: _l("Taken back by the editor"),
    _A.ORG_APPROVE: _l("Approved by the organisation"),
    _A.ORG_RETURN: _l("Returned by the organisation's approver"),
    _A.RETURN: _l("Returned by the exchange"),
    _A.REJECT: _l("Refused by the exchange"),
    _A.ANNOUNCE: _l("Publicity began"),
    _A.RESTART: _l("Publicity began again"),
    _A.UPHOLD: _l("Stopped: an objection was upheld"),
    _A.PUBLISH: _l("Put on the board"),
    _A.AMEND: _l("Text amended"),
    _A.REVISE: _l("Taken off the board for revision"),
    _A.SUSPEND: _l("Listing suspended"),
    _A.RESUME: _l("Back on the board"),
    _A.WITHDRAW: _l("Withdrawn from the board"),
    _A.RELIST: _l("Begun anew after withdrawal"),
    _A.START_BIDDING: _l("Went to auction"),
    _A.BIDDING_SOLD: _l("Sold at auction"),
    _A.BIDDING_UNSOLD: _l("Auction ended without a sale"),
    _A.NEGOTIATE: _l("A buyer was named"),
    _A.BREAK_OFF: _l("Negotiation ended without a deal"),
    _A.AGREE: _l("Sale agreed"),
    _A.FALL_THROUGH: _l("The deal fell through"),
    _A.SIGN: _l("Contract signed"),
    _A.REGISTER: _l("Contract registered"),
    _A.UNREGISTER: _l("Registration cancelled"),
    _A.CLOSE: _l("Closed"),
}


#: What the audit trail calls each step, those beside the machine too.
TRAIL = {f"listing.{action.value}": label for action, label in ACTION_LABELS.items()} | {
    "listing.create": _l("Draft begun"),
    "listing.import": _l("Taken in from a file"),
    "listing.save": _l("Draft saved"),
    "listing.save_rights": _l("Rights saved"),
    "listing.renew_right": _l("Annual fees noted as paid"),
    "listing.attach": _l("File attached"),
    "listing.detach": _l("File taken off"),
    "listing.discard": _l("Draft thrown away"),
    "listing.answer": _l("Question answered"),
    "listing.ask_access": _l("Access to confidential files asked for"),
    "listing.decide_access": _l("Access to confidential files decided"),
    "listing.propose_sale": _l("Buyer and price named"),
    "listing.sale_confirmed": _l("Sale confirmed by the buyer"),
    "listing.sale_declined": _l("Sale declined by the buyer"),
    "listing.objection": _l("Objection lodged"),
    "listing.objection_decided": _l("Objection decided"),
    "listing.hand_over": _l("Handed over to another member"),
}
