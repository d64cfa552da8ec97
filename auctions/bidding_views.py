"""Where bids come in: one route, for the room's form and for scripts. It does no database work of its own.

The signed session names the person and its epoch; the desk's batch checks both with everything else.
"""

from __future__ import annotations

import json
import secrets
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from flask import Blueprint, Response, flash, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.db import db
from marketplace.edge import wants_json
from marketplace.errors import SignInRequired
from marketplace.kernel import settings
from marketplace.logs import quiet
from marketplace.money import WAN, NotAnAmount, format_yuan, parse_yuan
from marketplace.permissions import Permission, requires

from . import desk, evidence
from .batch import BidAnswer
from .eligibility import BidRequest, Caller
from .engine import PublicView, RefusalCode, view_to_json
from .engine.codec import iso
from .errors import MESSAGES, BadBid, DeskCode

blueprint = Blueprint("bidding", __name__)

#: Answers to scripts; every other refusal of a bid is a conflict with how the auction stands.
_STATUS: dict[str, int] = {
    DeskCode.SIGNED_OUT: 401,
    DeskCode.NO_ROLE: 403,
    DeskCode.NOT_VERIFIED: 403,
    DeskCode.BANNED: 403,
    DeskCode.SELLER_SIDE: 403,
    DeskCode.NOT_ADMITTED: 403,
    DeskCode.DEPOSIT_MISSING: 403,
    DeskCode.OVER_AUTHORITY: 403,
    DeskCode.NEEDS_SECOND_APPROVAL: 202,
    RefusalCode.NOT_WHOLE_FEN: 422,
    RefusalCode.AMOUNT_OUT_OF_RANGE: 422,
}


@blueprint.post("/auctions/<number>/bid", endpoint="place")
@quiet
@requires(Permission.BID_PLACE, checked_by="auctions.desk")
def place(number: str) -> ResponseReturnValue:
    """Place one bid or limit: 303 back to the room for the form, the full answer for scripts."""
    given = cast("dict[str, Any]", request.get_json(silent=True) or {}) if request.is_json else request.form
    bid = _read(number, given, caller())
    # Whatever a hook may have read: no connection is held while the bid waits at the desk.
    db.session.remove()
    answer = desk.place(bid)
    if request.is_json or wants_json():
        return json_answer(bid, answer)
    flash(*_said(bid, answer))
    return Response(status=303, headers={"Location": url_for("auctions.show", number=number)})


def caller() -> Caller:
    """Who the session says is calling.

    Raises:
        SignInRequired: nobody, or nobody who acts for an organisation.
    """
    try:
        return Caller(str(session["sid"]), int(session["uid"]), int(session["org"]), int(session["epoch"]))
    except (KeyError, TypeError, ValueError):
        raise SignInRequired from None


def new_key() -> str:
    """A key for one form: the same form sent twice is one bid."""
    return secrets.token_urlsafe(12)


def _read(number: str, given: Any, who: Caller) -> BidRequest:
    kind = "limit" if given.get("kind") == "limit" else "bid"
    try:
        # People type 万元, buttons and scripts send yuan.
        unit = WAN if given.get("unit") == "wan" else Decimal(1)
        amount = parse_yuan(str(given.get("amount", "")), unit)
    except NotAnAmount:
        raise BadBid(fields={"amount": [_("Enter an amount in yuan, with at most two decimals.")]}) from None
    return BidRequest(number, who.sid, who.uid, who.org, who.epoch, str(given.get("key", "")), kind, amount)


def json_answer(bid: BidRequest, answer: BidAnswer) -> Response:
    """The full answer for scripts, with the signed receipt."""
    status = 200 if answer.accepted else _STATUS.get(answer.refusal, 409)
    return Response(answer_text(bid, answer), status, mimetype="application/json")


def answer_text(bid: BidRequest, answer: BidAnswer) -> str:
    """The answer as JSON; the view, the same for the whole batch, is written once."""
    data = {
        "accepted": answer.accepted,
        "refusal": answer.refusal or None,
        "key": bid.key,
        "kind": bid.kind,
        "amount": str(bid.amount),
        "bidder": answer.bidder,
        "sequence": answer.sequence,
        "at": iso(answer.at),
        "minimum": _plain(answer.minimum),
        "step": _plain(answer.step),
        "leads": answer.leads,
        "repeated": answer.repeated,
        "receipt": None if answer.proof is None else evidence.receipt(settings(), answer.proof).to_json(),
    }
    return f'{json.dumps(data, ensure_ascii=False)[:-1]}, "auction": {_view_text(answer.view)}}}'


@lru_cache(maxsize=64)
def _view_text(view: PublicView) -> str:
    return json.dumps(view_to_json(view))


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _said(bid: BidRequest, answer: BidAnswer) -> tuple[str, str]:
    """What the bidder reads after the form: the message and its kind."""
    if not answer.accepted:
        text = str(MESSAGES[answer.refusal])
        if answer.minimum is not None:
            text += " " + _("The next valid amount is %(amount)s yuan.", amount=format_yuan(answer.minimum))
        kind = "info" if answer.refusal == DeskCode.NEEDS_SECOND_APPROVAL else "error"
        return text, kind
    if not answer.leads:
        return _("Your bid of %(amount)s yuan counts, but you do not lead.", amount=format_yuan(bid.amount)), "warning"
    if bid.kind == "limit":
        return _("Your limit of %(amount)s yuan is set and you lead.", amount=format_yuan(bid.amount)), "success"
    return _("Your bid of %(amount)s yuan is placed and you lead.", amount=format_yuan(bid.amount)), "success"
