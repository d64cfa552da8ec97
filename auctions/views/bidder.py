"""A buyer's pages: registering, one's own auctions, requests for a second signature, receipts."""

from __future__ import annotations

import json

from flask import Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.clock import db_now
from marketplace.edge import current_actor, done, found, see_other
from marketplace.errors import Invalid
from marketplace.forms import attach
from marketplace.kernel import settings
from marketplace.permissions import Permission, requires
from payments import queries as deposits

from .. import approvals, evidence, policies, queries, services
from ..bidding_views import caller
from ..errors import MESSAGES
from ..forms import ReasonForm, RegisterForm
from ..models import Auction
from . import blueprint
from .public import auction_or_404


def _register_page(auction: Auction, form: RegisterForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    may = policies.can_register(actor, auction, queries.candidate(actor, auction), db_now())
    page = render_template(
        "auctions/register.html", auction=auction, listing=queries.listing_of(auction), form=form, may=may
    )
    return page, status


@blueprint.get("/auctions/<number>/register", endpoint="register")
@requires(Permission.BID_PLACE)
def register(number: str) -> ResponseReturnValue:
    """Ask for the declarations, or say why this organisation cannot take part."""
    return _register_page(auction_or_404(number), RegisterForm())


@blueprint.post("/auctions/<number>/register", endpoint="register_post")
@requires(Permission.BID_PLACE)
def register_post(number: str) -> ResponseReturnValue:
    """Register the organisation and lead on to its deposit."""
    auction, form = auction_or_404(number), RegisterForm()
    try:
        services.register_bidder(current_actor(), auction, form.declared())
    except Invalid as error:
        attach(form, error)
        return _register_page(auction, form, 422)
    deposit = deposits.standing(current_actor().organisation_id or 0, auction.deposit_reference)
    message = _("Your organisation is registered. Now pay the deposit: it admits you once it is confirmed.")
    if deposit is None:
        return done(message, "auctions.show", number=number)
    return done(message, "payments.detail", number=deposit.number)


@blueprint.get("/desk/auctions/bidding", endpoint="bidding")
@requires(Permission.DEPOSIT_READ)
def bidding() -> str:
    """The organisation's auctions: where it leads, what it has promised, what waits for a second person."""
    actor = current_actor()
    organisation_id = actor.organisation_id or 0
    taking = queries.taking_part(organisation_id)
    references = [one.auction.deposit_reference for one in taking]
    waiting = approvals.waiting(organisation_id)
    return render_template(
        "auctions/bidding.html",
        taking=taking,
        listings=queries.titles(one.auction for one in taking),
        deposits=deposits.for_references(organisation_id, references),
        committed=queries.committed(organisation_id),
        leading=sum(one.auction.leader_id == one.id and one.auction.state in policies.RUNNING for one in taking),
        approvals=[(one, approvals.can_decide(actor, one)) for one in waiting],
        now=db_now(),
    )


@blueprint.post("/desk/auctions/approvals/<int:approval_id>/approve", endpoint="approve_bid")
@requires(Permission.BID_APPROVE)
def approve_bid(approval_id: int) -> ResponseReturnValue:
    """Place what a colleague asked for, under both names."""
    actor = current_actor()
    approval = approvals.get(actor, approval_id)
    number = approval.auction.number
    answer = approvals.approve(actor, caller(), approval)
    if answer.accepted:
        return done(_("The bid is approved and placed."), "auctions.show", number=number)
    flash(str(MESSAGES[answer.refusal]), "error")
    return see_other("auctions.bidding")


@blueprint.post("/desk/auctions/approvals/<int:approval_id>/reject", endpoint="reject_bid")
@requires(Permission.BID_APPROVE)
def reject_bid(approval_id: int) -> ResponseReturnValue:
    """Turn a colleague's request down, with the reason."""
    form, actor = ReasonForm(), current_actor()
    approvals.reject(actor, approvals.get(actor, approval_id), form.reason.data or "")
    return done(_("The request is turned down."), "auctions.bidding")


@blueprint.get("/auctions/<number>/receipts", endpoint="receipts")
@requires(Permission.BID_PLACE)
def receipts(number: str) -> str:
    """All of one's own bids here, each with its signed receipt."""
    auction = auction_or_404(number)
    own = found(queries.bidder_of(auction, current_actor().organisation_id))
    return render_template(
        "auctions/receipts.html", auction=auction, own=own, bids=queries.own_bids(own), refusals=MESSAGES
    )


@blueprint.get("/auctions/<number>/receipts/<int:sequence>.json", endpoint="receipt")
@requires(Permission.BID_PLACE)
def receipt(number: str, sequence: int) -> Response:
    """One signed receipt as a file to keep."""
    auction = auction_or_404(number)
    own = found(queries.bidder_of(auction, current_actor().organisation_id))
    bid = found(next((one for one in queries.own_bids(own) if one.sequence == sequence), None))
    signed = evidence.receipt(settings(), evidence.proof_of(auction.number, own.number, bid))
    name = f"{auction.number}-{sequence}.receipt.json"
    return Response(
        json.dumps(signed.to_json(), ensure_ascii=False, indent=1),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
