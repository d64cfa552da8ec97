"""A seller's pages: asking for an auction, changing a draft, one's own auctions."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from listings.models import Listing
from marketplace.clock import db_now
from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach
from marketplace.permissions import Permission, requires

from .. import policies, queries, services, terms
from ..forms import CancelForm, TermsForm, filled, from_terms
from ..models import Auction
from ..services.requests import terms_of
from . import blueprint


@blueprint.get("/desk/auctions/selling", endpoint="selling")
@requires(Permission.AUCTION_REQUEST)
def selling() -> str:
    """The seller's auctions, and results that may go to auction."""
    actor = current_actor()
    auctions = queries.selling(actor.organisation_id or 0)
    return render_template(
        "auctions/selling.html",
        auctions=auctions,
        listings=queries.titles(auctions),
        ready=queries.free_for_auction(actor),
        may_request=policies.can_request(actor),
    )


def _listing(number: str) -> Listing:
    """One of the actor's own results that may go to auction, or 404."""
    return next(
        (one for one in queries.free_for_auction(current_actor()) if one.number == number.upper()), None
    ) or abort(404)


def _new_page(listing: Listing, form: TermsForm, status: int = 200) -> ResponseReturnValue:
    return render_template("auctions/terms_form.html", form=form, listing=listing, auction=None, action=""), status


@blueprint.get("/auctions/new", endpoint="new")
@requires(Permission.AUCTION_REQUEST)
def new() -> ResponseReturnValue:
    """Ask for the auction of one result, with terms proposed."""
    listing = _listing(request.args.get("listing", ""))
    form = TermsForm(data=filled(terms.proposal(listing.price, db_now())))
    return _new_page(listing, form)


@blueprint.post("/auctions/new", endpoint="new_post")
@requires(Permission.AUCTION_REQUEST)
def new_post() -> ResponseReturnValue:
    """Hand the request to the auctioneer."""
    listing, form = _listing(request.args.get("listing", "")), TermsForm()
    try:
        if not form.validate():
            return _new_page(listing, form, 422)
        auction = services.schedule(current_actor(), listing.id, form.terms())
    except Invalid as error:
        attach(form, error)
        return _new_page(listing, form, 422)
    return done(
        _("The request is with the auctioneer, who reviews and announces it."), "auctions.show", number=auction.number
    )


def draft_or_404(number: str) -> Auction:
    """A draft that the actor may change, or 404; an announced one says why it cannot be changed."""
    auction: Auction = found(queries.visible(current_actor(), number))
    policies.can_edit(current_actor(), auction).check()
    return auction


def edit_page(
    auction: Auction, form: TermsForm, status: int = 200, save_at: str = "auctions.edit_post"
) -> ResponseReturnValue:
    """The terms' form of a draft, for the seller and (saved elsewhere) for the auctioneer."""
    action = url_for(save_at, number=auction.number)
    page = render_template(
        "auctions/terms_form.html", form=form, listing=queries.listing_of(auction), auction=auction, action=action
    )
    return page, status


def edit_form(auction: Auction) -> TermsForm:
    """The form with the terms as they stand."""
    with_reserve = policies.can_see_reserve(current_actor(), auction)
    return TermsForm(data=from_terms(terms_of(auction), with_reserve=with_reserve))


@blueprint.get("/auctions/<number>/edit", endpoint="edit")
@requires(Permission.AUCTION_REQUEST)
def edit(number: str) -> ResponseReturnValue:
    """Change one's request."""
    auction = draft_or_404(number)
    return edit_page(auction, edit_form(auction))


@blueprint.post("/auctions/<number>/edit", endpoint="edit_post")
@requires(Permission.AUCTION_REQUEST)
def edit_post(number: str) -> ResponseReturnValue:
    """Save the changed request; it is with the auctioneer again."""
    return save(draft_or_404(number), "auctions.show", "auctions.edit_post")


def save(auction: Auction, endpoint: str, save_at: str) -> ResponseReturnValue:
    """Take the posted terms over and lead on."""
    form = TermsForm()
    try:
        if not form.validate():
            return edit_page(auction, form, 422, save_at)
        services.revise(current_actor(), auction, form.terms())
    except Invalid as error:
        attach(form, error)
        return edit_page(auction, form, 422, save_at)
    return done(_("The terms are saved."), endpoint, number=auction.number)


@blueprint.post("/auctions/<number>/withdraw", endpoint="withdraw")
@requires(Permission.AUCTION_REQUEST)
def withdraw(number: str) -> ResponseReturnValue:
    """Take one's request back before it is announced."""
    auction, form = draft_or_404(number), CancelForm()
    services.cancel(current_actor(), auction, form.reason.data or "")
    return done(_("The request is taken back; the result stays on the board."), "auctions.selling")
