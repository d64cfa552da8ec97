"""协议定价: the seller names the buyer and the price, the buyer confirms, the public looks on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.models import Organisation
from accounts.states import OrganisationState
from marketplace import audit, clock
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.permissions import Actor
from marketplace.states import move

from .. import notifications, policies
from ..deal_states import SALE, SaleAction, SaleState
from ..errors import NotThisBuyer
from ..kinds import PriceMode, TransferMode
from ..models import Listing, Sale
from ..states import EDITABLE, ListingAction, ListingState
from . import publicity
from .common import current_sale, lock, needed, positive, step


def propose_sale(actor: Actor, listing: Listing, buyer: Organisation, price: Decimal, mode: TransferMode) -> Sale:
    """Name the buyer and the price. In a draft it waits for the reviews; on the board it opens a negotiation; during
    a publicity the clock starts again.

    Raises:
        NotThisBuyer: the buyer is the owner itself, or not verified.
        Invalid: no price, or a way of transfer that the result does not offer.
    """
    listing = lock(listing)
    policies.can_name_buyer(actor, listing).check()
    _check_terms(listing, buyer, price, mode)
    before = current_sale(listing)
    if before is not None:
        if _same(before, buyer, price, mode):
            return before
        move(before, SALE, SaleAction.REPLACE, actor)
        db.session.flush()
    sale = Sale(
        listing=listing,
        buyer=buyer,
        price=price,
        transfer_mode=mode.value,
        state=SaleState.PROPOSED,
        proposed_by_id=actor.user_id,
    )
    db.session.add(sale)
    db.session.flush()
    after = {"buyer": buyer.name, "price": price, "transfer_mode": mode}
    audit.record(actor, "listing.propose_sale", listing, _terms(before), after)
    _follow(actor, listing, sale)
    notifications.sale_proposed(listing, sale)
    return sale


def _check_terms(listing: Listing, buyer: Organisation, price: Decimal, mode: TransferMode) -> None:
    if buyer.id == listing.organisation_id:
        raise NotThisBuyer(fields={"buyer": [_l("The owner cannot buy its own result.")]})
    if buyer.state is not OrganisationState.VERIFIED:
        raise NotThisBuyer(fields={"buyer": [_l("The buyer must be a verified organisation.")]})
    positive(price)
    if listing.transfer_modes and mode.value not in listing.transfer_modes:
        raise Invalid(fields={"mode": [_l("The result does not offer this way of transfer.")]})


def _same(sale: Sale, buyer: Organisation, price: Decimal, mode: TransferMode) -> bool:
    return (sale.buyer_organisation_id, sale.price, sale.transfer_mode) == (buyer.id, price, mode.value)


def _terms(sale: Sale | None) -> dict[str, Any]:
    if sale is None:
        return {}
    return {"buyer": sale.buyer.name, "price": sale.price, "transfer_mode": sale.transfer_mode}


def _follow(actor: Actor, listing: Listing, sale: Sale) -> None:
    """What naming a buyer does to the result, by its state."""
    if listing.state in EDITABLE:
        listing.price_mode, listing.price = PriceMode.AGREED, sale.price
    elif listing.state is ListingState.PUBLICITY:
        listing.price = sale.price
        publicity.restart(actor, listing, sale, str(_l("Buyer or price changed")))
    else:
        step(listing, ListingAction.NEGOTIATE, actor)


def confirm_sale(actor: Actor, sale: Sale) -> None:
    """The buyer stands to it. From a negotiation the publicity begins; at the listed fixed price the sale is agreed."""
    listing = lock(sale.listing)
    db.session.refresh(sale)
    policies.can_answer_sale(actor, sale).check()
    _answer(actor, listing, sale, SaleAction.CONFIRM, "")
    if listing.state is ListingState.NEGOTIATING:
        if listing.price_mode is PriceMode.FIXED and listing.price == sale.price:
            # The open listing at this very price was its publicity.
            publicity.agree(actor, listing, sale)
        else:
            listing.price_mode, listing.price = PriceMode.AGREED, sale.price
            publicity.begin(actor, listing, sale)
    notifications.sale_answered(listing, sale)


def decline_sale(actor: Actor, sale: Sale, reason: str) -> None:
    """The buyer says no, with a reason; the seller may name another."""
    listing = lock(sale.listing)
    db.session.refresh(sale)
    policies.can_answer_sale(actor, sale).check()
    _answer(actor, listing, sale, SaleAction.DECLINE, needed(reason))
    if listing.state is ListingState.NEGOTIATING:
        step(listing, ListingAction.BREAK_OFF, actor, sale.reason)
    notifications.sale_answered(listing, sale)


def withdraw_sale(actor: Actor, listing: Listing, reason: str = "") -> None:
    """The seller takes the named buyer back before the publicity."""
    listing = lock(listing)
    policies.can_manage(actor, listing, ListingAction.BREAK_OFF).check()
    sale = current_sale(listing)
    if sale is not None:
        move(sale, SALE, SaleAction.REPLACE, actor, reason)
        sale.reason = reason
    step(listing, ListingAction.BREAK_OFF, actor, reason)


def _answer(actor: Actor, listing: Listing, sale: Sale, action: SaleAction, reason: str) -> None:
    before = sale.state
    state = move(sale, SALE, action, actor, reason)
    sale.reason = reason
    sale.answered_by_id, sale.answered_at = actor.user_id, clock.db_now()
    audit.record(actor, f"listing.sale_{state.value}", listing, {"sale": before}, {"sale": state, "reason": reason})
