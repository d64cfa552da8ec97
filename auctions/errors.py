"""Why a bid or a step is refused, in the words that bidders read. Codes stay the same for ever."""

from __future__ import annotations

import enum
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.errors import Conflict, Invalid, NotFound, Unavailable

from .engine import RefusalCode


class DeskCode(enum.StrEnum):
    """Refusals that the desk finds before the engine is asked: they go to the log of attempts, not to the chain."""

    SIGNED_OUT = "signed_out"
    NO_ROLE = "no_role"
    NOT_VERIFIED = "not_verified"
    BANNED = "banned"
    SELLER_SIDE = "seller_side"
    NOT_ADMITTED = "not_admitted"
    DEPOSIT_MISSING = "deposit_missing"
    OVER_AUTHORITY = "over_authority"
    NEEDS_SECOND_APPROVAL = "needs_second_approval"
    NOT_APPROVABLE = "not_approvable"
    DUPLICATE_KEY = "duplicate_key"


#: Refusals of the engine that say nothing about a bid: no amount, or no time to bid. Attempts as well.
NO_BIDS = frozenset({
    RefusalCode.NOT_WHOLE_FEN, RefusalCode.AMOUNT_OUT_OF_RANGE, RefusalCode.NOT_OPEN, RefusalCode.SUSPENDED,
    RefusalCode.ENDED, RefusalCode.CANCELLED, RefusalCode.CLOSED,
})  # fmt: skip

MESSAGES: dict[str, Any] = {
    DeskCode.SIGNED_OUT: _l("Your sign-in has ended. Sign in again; nothing was placed."),
    DeskCode.NO_ROLE: _l("You have no bidding role in this organisation."),
    DeskCode.NOT_VERIFIED: _l("The organisation is not verified yet."),
    DeskCode.BANNED: _l("The organisation is barred from bidding at present."),
    DeskCode.SELLER_SIDE: _l("The seller’s side may not bid in its own auction."),
    DeskCode.NOT_ADMITTED: _l("Your organisation is not admitted to this auction."),
    DeskCode.DEPOSIT_MISSING: _l("No deposit of your organisation stands behind this auction."),
    DeskCode.OVER_AUTHORITY: _l("The amount is above what you may commit over all live auctions."),
    DeskCode.NEEDS_SECOND_APPROVAL: _l("A second person of your organisation must approve this amount first."),
    DeskCode.NOT_APPROVABLE: _l("This request cannot be approved by you, or is no longer waiting."),
    DeskCode.DUPLICATE_KEY: _l("This form was already used for another amount. Load the page again."),
    RefusalCode.NOT_OPEN: _l("Bidding has not begun yet."),
    RefusalCode.SUSPENDED: _l("The auction is suspended."),
    RefusalCode.ENDED: _l("The auction has ended."),
    RefusalCode.CLOSED: _l("The auction has ended."),
    RefusalCode.CANCELLED: _l("The auction was cancelled."),
    RefusalCode.BELOW_MINIMUM: _l("The amount is below the next valid bid."),
    RefusalCode.NOT_MULTIPLE: _l("The raise must be a whole multiple of the increment."),
    RefusalCode.NOT_WHOLE_FEN: _l("The amount must be in whole fen."),
    RefusalCode.AMOUNT_OUT_OF_RANGE: _l("This is no possible amount."),
    RefusalCode.ALREADY_LEADING: _l("You already lead; your own bid cannot be raised here."),
    RefusalCode.LIMIT_NOT_RAISED: _l("A new limit must be higher than your present one."),
    RefusalCode.PROXY_OFF: _l("This auction takes no limits."),
}


class NoSuchAuction(NotFound):
    code = "no_such_auction"
    message = _l("There is no such auction.")


class BadBid(Invalid):
    code = "bad_bid"
    message = _l("The bid is not readable: an amount in yuan and a key of 8 to 64 characters are needed.")


class DeskBusy(Unavailable):
    """No answer in time. The bid may still have been decided: the same key asked again gives the truth."""

    code = "desk_busy"
    message = _l("The desk could not answer in time. Send the same form again: it counts once. Its key is %(key)s.")


class NotPossibleNow(Conflict):
    """The engine refuses an auctioneer's step."""

    code = "not_possible_now"
    message = _l("The auction is not in a state where this is possible.")
