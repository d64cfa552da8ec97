"""Four eyes twice: the organisation's approver, then the exchange's reviewer, neither of them the maker."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from marketplace import clock
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.permissions import Actor

from .. import notifications, policies, rules
from ..deal_states import SaleState
from ..errors import BuyerHasNotConfirmed, Incomplete
from ..kinds import PriceMode
from ..models import Listing, ListingReview
from ..snapshot import LABELS
from ..states import ListingAction
from . import publicity
from .common import checklist, current_sale, lock, needed, put_on_board, step

#: Fields a reviewer may return with a reason, beside the public ones.
REVIEWED = {
    **LABELS,
    "contact": _l("Contact"),
    "security_class": _l("Security class"),
    "files": _l("Attachments"),
}


def submit(actor: Actor, listing: Listing) -> None:
    """Hand a complete draft to the organisation's approver.

    Raises:
        Incomplete: the checklist has open points.
    """
    listing = lock(listing)
    policies.can_submit(actor, listing).check()
    if rules.missing(checklist(listing)):
        raise Incomplete
    listing.submitted_at = clock.db_now()
    step(listing, ListingAction.SUBMIT, actor)
    notifications.to_approve(listing)


def recall(actor: Actor, listing: Listing) -> None:
    """Take a result back from the approver to go on writing."""
    listing = lock(listing)
    policies.can_recall(actor, listing).check()
    step(listing, ListingAction.RECALL, actor)


def org_approve(actor: Actor, listing: Listing, comment: str = "") -> None:
    """Approve for the organisation; it goes to the exchange."""
    listing = lock(listing)
    policies.can_approve(actor, listing).check()
    if rules.missing(checklist(listing)):
        raise Incomplete
    step(listing, ListingAction.ORG_APPROVE, actor, comment)
    _record(actor, listing, "organisation", "approved", {}, comment)
    notifications.to_review(listing)


def org_return(actor: Actor, listing: Listing, comment: str) -> None:
    """Send it back to the editor with what is to be done.

    Raises:
        ReasonNeeded: without a comment.
    """
    listing = lock(listing)
    policies.can_approve(actor, listing).check()
    comment = needed(comment, "comment")
    step(listing, ListingAction.ORG_RETURN, actor, comment)
    _record(actor, listing, "organisation", "returned", {}, comment)
    notifications.returned(listing, {}, comment)


def approve(actor: Actor, listing: Listing, comment: str = "") -> None:
    """Let it onto the board, or begin its publicity if the price was agreed with a named buyer.

    Raises:
        BuyerHasNotConfirmed: the named buyer has not confirmed the agreed sale.
        MissingYear: the last day of the publicity falls in a year whose holidays are not known.
    """
    listing = lock(listing)
    policies.can_review(actor, listing).check()
    _record(actor, listing, "exchange", "approved", {}, comment)
    if listing.price_mode is PriceMode.AGREED:
        sale = current_sale(listing)
        if sale is None or sale.state is not SaleState.CONFIRMED:
            raise BuyerHasNotConfirmed
        publicity.begin(actor, listing, sale)
    else:
        put_on_board(actor, listing)
        notifications.listed(listing)


def return_for_correction(actor: Actor, listing: Listing, reasons: Mapping[str, str], comment: str = "") -> None:
    """Return it with a reason per field.

    Raises:
        Invalid: no reason is given, or for a field that is not reviewed.
    """
    listing = lock(listing)
    policies.can_review(actor, listing).check()
    given = {name: text.strip() for name, text in reasons.items() if text.strip()}
    if not given and not comment.strip():
        raise Invalid(fields={"comment": [_l("Say what has to be corrected.")]})
    if unknown := set(given) - set(REVIEWED):
        raise Invalid(fields={name: [_l("This is not reviewed.")] for name in unknown})
    step(listing, ListingAction.RETURN, actor, comment.strip(), reasons=given)
    _record(actor, listing, "exchange", "returned", given, comment.strip())
    notifications.returned(listing, given, comment.strip())


def reject(actor: Actor, listing: Listing, reason: str) -> None:
    """Refuse it for good, with the reason."""
    listing = lock(listing)
    policies.can_review(actor, listing).check()
    reason = needed(reason, "comment")
    step(listing, ListingAction.REJECT, actor, reason)
    _record(actor, listing, "exchange", "rejected", {}, reason)
    notifications.rejected(listing, reason)


def _record(actor: Actor, listing: Listing, stage: str, decision: str, reasons: dict[str, str], comment: str) -> None:
    db.session.add(
        ListingReview(
            listing_id=listing.id,
            stage=stage,
            decision=decision,
            reasons=reasons,
            comment=comment,
            actor_id=actor.user_id,
            actor_name=actor.name,
        )
    )
