"""A result on the board: amended, suspended, withdrawn, begun anew; auctions and contracts move it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace import audit, clock
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import ListingChanged, ListingListed, ListingWithdrawn
from marketplace.outbox import publish
from marketplace.permissions import Actor
from marketplace.states import move

from .. import notifications, policies
from ..deal_states import SALE, SaleAction
from ..models import Listing
from ..states import LISTING, ListingAction, ListingState
from . import publicity, rights
from .common import about, current_sale, lock, needed, reindex, step, write_version
from .drafts import touched

#: What may be amended in public without a new review; name, rights and price need a revision.
AMENDABLE = frozenset(
    {
        "summary", "problem", "current_solution", "advantages", "applications", "keywords", "contact_name",
        "contact_phone", "contact_email", "funding_source", "registration_no", "payment_terms", "buyer_conditions",
    }
)  # fmt: skip


def amend(actor: Actor, listing: Listing, values: Mapping[str, Any], reason: str) -> bool:
    """Change the public text, as a new version with its reason; True if the public text changed.

    During a publicity the title may be changed too; then the clock starts again.
    """
    listing = lock(listing)
    policies.can_amend(actor, listing).check()
    in_publicity = listing.state is ListingState.PUBLICITY
    if unknown := set(values) - AMENDABLE - ({"title"} if in_publicity else set()):
        raise Invalid(_l("These fields need a revision: %(names)s"), names=", ".join(sorted(unknown)))
    before, after = audit.changes(listing, dict(values))
    if not after:
        return False
    reason = needed(reason)
    for name, value in after.items():
        setattr(listing, name, value)
    touched(actor, listing)
    audit.record(actor, "listing.amend", listing, before, {**after, "reason": reason})
    sale = current_sale(listing)
    if "title" in after and sale is not None:
        publicity.restart(actor, listing, sale, reason)
        return True
    changed = write_version(actor, listing, reason)
    reindex(listing)
    publish(ListingChanged(**about(listing)))
    return changed


def suspend(actor: Actor, listing: Listing, reason: str) -> None:
    """Take it off sale for a while; its page says so."""
    listing = lock(listing)
    policies.can_suspend(actor, listing).check()
    step(listing, ListingAction.SUSPEND, actor, needed(reason))
    listing.suspended_by_exchange = not actor.acts_for(listing.organisation_id)
    publish(ListingChanged(**about(listing)))
    notifications.suspended(listing, reason.strip())


def resume(actor: Actor, listing: Listing, reason: str = "") -> None:
    """Put a suspended result back on the board."""
    listing = lock(listing)
    policies.can_suspend(actor, listing, ListingAction.RESUME).check()
    rights.refuse_while_lapsed(listing.ip_items, clock.today())
    step(listing, ListingAction.RESUME, actor, reason)
    listing.rights_lapsed = listing.suspended_by_exchange = False
    publish(ListingListed(**about(listing)))


def withdraw(actor: Actor, listing: Listing, reason: str) -> None:
    """Take it back for good; its page says when and why."""
    listing = lock(listing)
    policies.can_manage(actor, listing, ListingAction.WITHDRAW).check()
    reason = needed(reason)
    run = publicity.running(listing)
    if run is not None:
        publicity.stop_for_withdrawal(actor, run, reason)
    _drop_sale(actor, listing, reason)
    step(listing, ListingAction.WITHDRAW, actor, reason)
    publish(ListingWithdrawn(**about(listing), reason=reason))


def relist(actor: Actor, listing: Listing) -> None:
    """Begin a withdrawn result anew: a draft that goes through both reviews again."""
    _back_to_draft(actor, listing, ListingAction.RELIST, "")


def revise(actor: Actor, listing: Listing, reason: str) -> None:
    """Take a result off the board to change its name, rights or price; it goes through both reviews again."""
    _back_to_draft(actor, listing, ListingAction.REVISE, needed(reason))


def _back_to_draft(actor: Actor, listing: Listing, action: ListingAction, reason: str) -> None:
    listing = lock(listing)
    policies.can_manage(actor, listing, action).check()
    step(listing, action, actor, reason)
    listing.editors, listing.rights_lapsed, listing.suspended_by_exchange = [], False, False
    touched(actor, listing)
    publish(ListingChanged(**about(listing)))


def _drop_sale(actor: Actor, listing: Listing, reason: str) -> None:
    sale = current_sale(listing)
    if sale is not None:
        move(sale, SALE, SaleAction.FAIL, actor, reason)
        sale.reason = reason
        db.session.flush()


def start_bidding(actor: Actor, listing_id: int, source: str = "") -> Listing:
    """An auction of this result was announced; `source` names it (`auction:PM…`)."""
    listing = lock(db.session.get_one(Listing, listing_id))
    listing.deal_source = source
    step(listing, ListingAction.START_BIDDING, actor, source)
    publish(ListingChanged(**about(listing)))
    return listing


def end_bidding(actor: Actor, listing_id: int, sold: bool, source: str = "") -> bool:
    """Its auction ended. False if it was told before, or if it is another auction's bidding by now."""
    listing = lock(db.session.get_one(Listing, listing_id))
    other = bool(source and listing.deal_source and source != listing.deal_source)
    if listing.state is not ListingState.BIDDING or other:
        return False
    step(listing, ListingAction.BIDDING_SOLD if sold else ListingAction.BIDDING_UNSOLD, actor, source)
    if sold:
        listing.deal_source = source or listing.deal_source
    else:
        listing.deal_source = ""
    publish(ListingChanged(**about(listing)))
    return True


def contract_signed(actor: Actor, listing_id: int, source: str = "") -> bool:
    """Both sides signed the contract of its sale; `source` names the sale here and below."""
    return _follow_contract(actor, listing_id, ListingAction.SIGN, source)


def contract_registered(actor: Actor, listing_id: int, source: str = "") -> bool:
    """Its contract was registered."""
    return _follow_contract(actor, listing_id, ListingAction.REGISTER, source)


def registration_cancelled(actor: Actor, listing_id: int, reason: str, source: str = "") -> bool:
    """Its contract is registered no longer, and stands as signed."""
    return _follow_contract(actor, listing_id, ListingAction.UNREGISTER, source, reason)


def deal_failed(actor: Actor, listing_id: int, reason: str, source: str = "") -> bool:
    """The sale came to nothing, before its contract was signed or long after: back on the board, to be sold anew."""
    moved = _follow_contract(actor, listing_id, ListingAction.FALL_THROUGH, source, reason)
    if moved:
        listing = db.session.get_one(Listing, listing_id)
        _drop_sale(actor, listing, reason)
        listing.deal_source = ""
    return moved


def _follow_contract(actor: Actor, listing_id: int, action: ListingAction, source: str = "", reason: str = "") -> bool:
    """Take the step that a contract's fact asks for; False if it was taken before, does not apply, or is told of a
    sale that is not the present one any more.
    """
    listing = lock(db.session.get_one(Listing, listing_id))
    other = bool(source and listing.deal_source and source != listing.deal_source)
    if other or not LISTING.allows(listing.state, action):
        return False
    step(listing, action, actor, reason)
    publish(ListingChanged(**about(listing)))
    return True


def close(actor: Actor, listing: Listing) -> None:
    """Everything about the sale is done."""
    listing = lock(listing)
    policies.can_manage(actor, listing, ListingAction.CLOSE).check()
    step(listing, ListingAction.CLOSE, actor)
    listing.updated_at = clock.db_now()
