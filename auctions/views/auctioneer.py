"""The auctioneer's pages: what waits, and the hand on one auction."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.clock import db_now
from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach
from marketplace.permissions import Permission, requires
from marketplace.states import history
from payments import queries as deposits

from .. import policies, queries, services
from ..forms import CancelForm, ReasonForm
from ..models import Auction
from ..services.requests import terms_of
from ..states import AuctionAction, AuctionState
from . import blueprint
from .seller import edit_form, edit_page, save


@blueprint.get("/desk/auctions", endpoint="desk")
@requires(Permission.AUCTION_RUN)
def desk() -> str:
    """Requests to review, registrations to decide, what runs and what rings."""
    waiting, undecided = queries.requests(), queries.undecided()
    running = queries.in_states([AuctionState.OPEN, AuctionState.SUSPENDED])
    announced = queries.in_states([AuctionState.ANNOUNCED])
    alarms = queries.alarms()
    now = db_now()
    every = [
        *waiting,
        *running,
        *announced,
        *(one.auction for one in undecided),
        *(auction for _alarm, auction in alarms),
    ]
    return render_template(
        "auctions/desk.html",
        waiting=waiting,
        undecided=undecided,
        running=running,
        announced=announced,
        alarms=alarms,
        soon=[one for one in running if one.ends_at - now <= queries.CLOSING_SOON],
        listings=queries.titles(every),
        now=now,
    )


def _load(number: str) -> Auction:
    return found(queries.visible(current_actor(), number))  # type: ignore[no-any-return]


def _page(auction: Auction, status: int = 200, **forms: Any) -> ResponseReturnValue:
    actor = current_actor()
    may = {action.value: policies.can_step(actor, auction, action) for action in AuctionAction}
    may |= {"announce": policies.can_announce(actor, auction), "edit": policies.can_edit(actor, auction)}
    terms = terms_of(auction)
    page = render_template(
        "auctions/manage.html",
        auction=auction,
        listing=queries.listing_of(auction),
        terms=terms,
        reserve=terms.reserve if policies.can_see_reserve(actor, auction) else None,
        bidders=queries.bidders(auction),
        deposits=deposits.for_reference(auction.deposit_reference),
        steps=history(auction),
        may=may,
        can_decide=policies.can_decide_bidder,
        actor=actor,
        forms={"reason": ReasonForm(formdata=None), "cancel": CancelForm(formdata=None), **forms},
        now=db_now(),
    )
    return page, status


@blueprint.get("/desk/auctions/<number>", endpoint="manage")
@requires(Permission.AUCTION_RUN)
def manage(number: str) -> ResponseReturnValue:
    """Review, registrations, the running auction, its history: all on one page."""
    return _page(_load(number))


@blueprint.get("/desk/auctions/<number>/edit", endpoint="review")
@requires(Permission.AUCTION_RUN)
def review(number: str) -> ResponseReturnValue:
    """Change a request's terms before announcing it."""
    auction = _load(number)
    policies.can_edit(current_actor(), auction).check()
    return edit_page(auction, edit_form(auction), save_at="auctions.review_post")


@blueprint.post("/desk/auctions/<number>/edit", endpoint="review_post")
@requires(Permission.AUCTION_RUN)
def review_post(number: str) -> ResponseReturnValue:
    """Save the changed terms."""
    auction = _load(number)
    policies.can_edit(current_actor(), auction).check()
    return save(auction, "auctions.manage", "auctions.review_post")


@blueprint.post("/desk/auctions/<number>/announce", endpoint="announce")
@requires(Permission.AUCTION_RUN)
def announce(number: str) -> ResponseReturnValue:
    """Put it on the public calendar."""
    auction = _load(number)
    try:
        services.announce(current_actor(), auction)
    except Invalid as error:
        form = edit_form(auction)
        attach(form, error)
        return edit_page(auction, form, 422, "auctions.review_post")
    return done(_("Announced: the terms stand and registration is open."), "auctions.manage", number=number)


def _with_reason(number: str, service: Any, message: str) -> ResponseReturnValue:
    """One step with its reason; what is missing stands beside the field."""
    auction, form = _load(number), ReasonForm()
    if not form.validate():
        return _page(auction, 422, reason=form)
    service(current_actor(), auction, form.reason.data)
    return done(message, "auctions.manage", number=number)


@blueprint.post("/desk/auctions/<number>/send-back", endpoint="send_back")
@requires(Permission.AUCTION_RUN)
def send_back(number: str) -> ResponseReturnValue:
    """Return the request to its seller."""
    return _with_reason(number, services.send_back, _("The request is returned to the seller."))


@blueprint.post("/desk/auctions/<number>/suspend", endpoint="suspend")
@requires(Permission.AUCTION_RUN)
def suspend(number: str) -> ResponseReturnValue:
    """Stop taking bids."""
    return _with_reason(number, services.suspend, _("The auction is suspended; everybody who takes part is told."))


@blueprint.post("/desk/auctions/<number>/resume", endpoint="resume")
@requires(Permission.AUCTION_RUN)
def resume(number: str) -> ResponseReturnValue:
    """Go on."""
    return _with_reason(number, services.resume, _("The auction goes on; everybody who takes part is told."))


@blueprint.post("/desk/auctions/<number>/cancel", endpoint="cancel")
@requires(Permission.AUCTION_RUN)
def cancel(number: str) -> ResponseReturnValue:
    """End it without a sale; its number must be typed."""
    auction, form = _load(number), CancelForm()
    valid = form.validate()
    if not form.expect(auction.number) or not valid:
        return _page(auction, 422, cancel=form)
    services.cancel(current_actor(), auction, form.reason.data)
    return done(
        _("The auction is cancelled; deposits go back and everybody is told."), "auctions.manage", number=number
    )


@blueprint.post("/desk/auctions/<number>/bidders/<int:bidder_id>/approve", endpoint="approve_bidder")
@requires(Permission.AUCTION_RUN)
def approve_bidder(number: str, bidder_id: int) -> ResponseReturnValue:
    """Find a registration in order."""
    admitted = services.approve_bidder(current_actor(), found(queries.bidder(_load(number), bidder_id)))
    message = _("Admitted.") if admitted else _("Approved. The confirmation of the deposit admits the bidder.")
    return done(message, "auctions.manage", number=number)


@blueprint.post("/desk/auctions/<number>/bidders/<int:bidder_id>/refuse", endpoint="refuse_bidder")
@requires(Permission.AUCTION_RUN)
def refuse_bidder(number: str, bidder_id: int) -> ResponseReturnValue:
    """Do not admit an organisation, with the reason."""
    auction, form = _load(number), ReasonForm()
    bidder = found(queries.bidder(auction, bidder_id))
    if not form.validate():
        return _page(auction, 422, reason=form)
    services.refuse_bidder(current_actor(), bidder, form.reason.data)
    return done(
        _("Refused: the organisation is told why, and its deposit goes back."), "auctions.manage", number=number
    )
