"""协议定价: the seller names a buyer, the buyer's people answer."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accounts.models import Organisation
from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.money import WAN
from marketplace.permissions import Permission, requires

from .. import policies, queries, services
from ..errors import NotThisBuyer
from ..forms import ReasonForm, SaleForm
from ..kinds import TransferMode
from ..models import Listing, Sale
from . import blueprint
from .desk import owned


@blueprint.get("/desk/listings/<number>/buyer", endpoint="name_buyer")
@requires(Permission.LISTING_EDIT)
def name_buyer(number: str) -> ResponseReturnValue:
    """Ask for the buyer, the price and the way of transfer."""
    listing = owned(number)
    policies.can_name_buyer(current_actor(), listing).check()
    sale, q = queries.sale_of(listing), request.args.get("find", "")
    form = SaleForm(formdata=None, buyer=request.args.get("buyer") or (sale.buyer.name if sale else ""))
    price = sale.price if sale else listing.price
    if price is not None:
        form.price.data = f"{(price / WAN).normalize():f}"
        form.mode.data = sale.transfer_mode if sale else next(iter(listing.transfer_modes), None)
    return _page(listing, form, q=q, found_buyers=queries.find_buyers(q))


@blueprint.post("/desk/listings/<number>/buyer", endpoint="name_buyer_post")
@requires(Permission.LISTING_EDIT)
def name_buyer_post(number: str) -> ResponseReturnValue:
    """Name the buyer; their people are asked to confirm."""
    listing, form = owned(number), SaleForm()
    candidates: list[Organisation] = []
    try:
        require_valid(form)
        candidates = list(queries.find_buyers(form.buyer.data))
        buyer = _the_one(candidates, form.buyer.data)
        services.propose_sale(current_actor(), listing, buyer, form.price.amount, TransferMode(form.mode.data))
    except Invalid as error:
        attach(form, error)
        return _page(listing, form, found_buyers=candidates), 422
    return done(_("The buyer is asked to confirm."), "listings.manage", number=number)


def _the_one(candidates: list[Organisation], typed: str) -> Organisation:
    """The organisation meant: the only one found, or the one of exactly this name or code."""
    exact = [one for one in candidates if typed.strip() in (one.name, one.uscc)]
    if len(exact or candidates) == 1:
        return (exact or candidates)[0]
    said = _("Several organisations fit: choose one below.") if candidates else _("No verified organisation fits.")
    raise NotThisBuyer(fields={"buyer": [said]})


def _page(listing: Listing, form: SaleForm, q: str = "", found_buyers: object = ()) -> str:
    if listing.transfer_modes:
        form.mode.choices = [choice for choice in form.mode.choices if choice[0] in listing.transfer_modes]
    return render_template(
        "listings/name_buyer.html",
        listing=listing,
        form=form,
        q=q,
        found_buyers=found_buyers,
        sale=queries.sale_of(listing),
    )


def _own_sale(sale_id: int) -> Sale:
    """A sale in which the organisation acted for is buyer or seller, or 404."""
    sale, actor = found(queries.get_sale(sale_id)), current_actor()
    sides = (sale.buyer_organisation_id, sale.listing.organisation_id)
    return found(sale if any(map(actor.acts_for, sides)) else None)  # type: ignore[no-any-return]


@blueprint.get("/desk/sales/<int:sale_id>", endpoint="sale")
@requires(Permission.ORG_READ)
def sale(sale_id: int) -> ResponseReturnValue:
    """Show the terms to the buyer, with the two answers."""
    return _sale_page(_own_sale(sale_id), ReasonForm(formdata=None))


def _sale_page(shown: Sale, form: ReasonForm) -> str:
    listing = found(queries.get_listing(shown.listing_id))
    may = policies.can_answer_sale(current_actor(), shown)
    return render_template("listings/sale.html", sale=shown, listing=listing, may=may, form=form)


@blueprint.post("/desk/sales/<int:sale_id>/confirm", endpoint="confirm_sale")
@requires(Permission.ORG_READ)
def confirm(sale_id: int) -> ResponseReturnValue:
    """Stand to the terms."""
    services.confirm_sale(current_actor(), _own_sale(sale_id))
    return done(_("Confirmed. The seller is told."), "listings.sale", sale_id=sale_id)


@blueprint.post("/desk/sales/<int:sale_id>/decline", endpoint="decline_sale")
@requires(Permission.ORG_READ)
def decline(sale_id: int) -> ResponseReturnValue:
    """Say no, with a reason."""
    shown, form = _own_sale(sale_id), ReasonForm()
    try:
        require_valid(form)
        services.decline_sale(current_actor(), shown, form.reason.data)
    except Invalid as error:
        attach(form, error)
        return _sale_page(shown, form), 422
    return done(_("Declined. The seller is told."), "listings.sale", sale_id=sale_id)
