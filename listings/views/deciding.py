"""Those who decide: the organisation's approver and the exchange's reviewer, each with a queue and a page."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts.queries import get_organisation
from marketplace import fields
from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires
from marketplace.tables import Column, Filter, Table

from .. import policies, queries, services
from ..forms import CommentForm, ReasonForm
from ..models import Listing
from ..services.common import checklist
from ..services.review import REVIEWED
from ..snapshot import FIELDS, difference, snapshot
from ..states import ListingAction, ListingState
from . import blueprint
from .desk import owned

REVIEWS = Table(
    name="reviews",
    columns=[
        Column(_l("Title"), "title", sort=Listing.title),
        Column(_l("Number"), "number", export_only=True),
        Column(_l("Owner of the result"), "owner", value=lambda one: one.organisation.name),
        Column(_l("Field"), "field", value=lambda one: str(fields.field_label(one.field)), sort=Listing.field),
        Column(_l("Price"), "price", sort=Listing.price, num=True),
        Column(_l("Submitted"), "submitted_at", sort=Listing.submitted_at, num=True),
    ],
    tie=Listing.id,
    search=[Listing.title, Listing.number, Listing.keywords],
    filters=[Filter("field", _l("Field"), list(fields.FIELDS.items()), lambda value: Listing.field == value)],
    default_sort="submitted_at",
)


@blueprint.get("/desk/approvals", endpoint="approvals")
@requires(Permission.LISTING_APPROVE)
def approvals() -> ResponseReturnValue:
    """Show what waits for the organisation's approver."""
    actor = current_actor()
    rows = queries.waiting_for_approval(actor)
    return render_template("listings/approvals.html", rows=[(row, policies.can_approve(actor, row)) for row in rows])


@blueprint.post("/desk/listings/<number>/approve", endpoint="approve")
@requires(Permission.LISTING_APPROVE)
def approve(number: str) -> ResponseReturnValue:
    """Approve or return, as the button pressed says."""
    form, listing = CommentForm(), owned(number)
    if request.form.get("action") == "return":
        services.org_return(current_actor(), listing, form.comment.data or "")
        return done(_("Returned to the editor."), "listings.approvals")
    services.org_approve(current_actor(), listing, form.comment.data or "")
    return done(_("Approved. The exchange reviews it next."), "listings.approvals")


@blueprint.get("/desk/reviews", endpoint="reviews")
@requires(Permission.LISTING_REVIEW)
def reviews() -> ResponseReturnValue:
    """Show what waits for the exchange's reviewers: results, and objections to agreed prices."""
    page = REVIEWS.page(queries.waiting_query(ListingState.EXCHANGE_REVIEW).order_by(None))
    return page.exported() or render_template("listings/reviews.html", page=page, objections=queries.open_objections())


@blueprint.get("/desk/reviews/<number>", endpoint="review")
@requires(Permission.LISTING_REVIEW)
def review(number: str) -> ResponseReturnValue:
    """Show a result field by field, each with room for a reason."""
    return render_template("listings/review.html", **_about(found(queries.by_number(number))), form=CommentForm())


@blueprint.post("/desk/reviews/<number>", endpoint="review_post")
@requires(Permission.LISTING_REVIEW)
def review_post(number: str) -> ResponseReturnValue:
    """Publish, return with reasons, or refuse, as the button pressed says."""
    form, listing = CommentForm(), found(queries.by_number(number))
    try:
        said = _decide(listing, form.comment.data or "")
    except Invalid as error:
        attach(form, error)
        typed = _reasons()
        return render_template("listings/review.html", **{**_about(listing), "typed": typed}, form=form), 422
    return done(said, "listings.reviews")


@blueprint.post("/desk/reviews/<number>/<any(suspend,resume):verb>", endpoint="review_step")
@requires(Permission.LISTING_REVIEW)
def review_step(number: str, verb: str) -> ResponseReturnValue:
    """Take a result off the board for the exchange, or put it back, with a reason."""
    form, listing = ReasonForm(), found(queries.by_number(number))
    try:
        require_valid(form)
        (services.suspend if verb == "suspend" else services.resume)(current_actor(), listing, form.reason.data)
    except Invalid as error:
        attach(form, error)
        page = {**_about(listing), "reason_form": form}
        return render_template("listings/review.html", **page, form=CommentForm(formdata=None)), 422
    said = _("Suspended. Its page says so.") if verb == "suspend" else _("It is on the board again.")
    return done(said, "listings.review", number=number)


def _decide(listing: Listing, comment: str) -> Any:
    actor, action = current_actor(), request.form.get("action", "")
    if action == "approve":
        services.approve(actor, listing, comment)
        if listing.state is ListingState.PUBLICITY:
            return _("The agreed price stands in public now.")
        return _("It is on the board.")
    if action == "reject":
        services.reject(actor, listing, comment)
        return _("Refused; the owner is told why.")
    services.return_for_correction(actor, listing, _reasons(), comment)
    return _("Returned with your reasons.")


def _reasons() -> dict[str, str]:
    return {name: request.form.get(f"reason-{name}", "").strip()[:1000] for name in REVIEWED}


def _about(listing: Listing) -> dict[str, Any]:
    actor = current_actor()
    taken = snapshot(listing, listing.ip_items)
    rows = [(name, label, read(taken[name]) if taken[name] is not None else "") for name, label, read in FIELDS]
    contact = " · ".join(filter(None, [listing.contact_name, listing.contact_phone, listing.contact_email]))
    last = next(iter(queries.versions(listing)), None)
    return {
        "listing": listing,
        "owner": get_organisation(listing.organisation_id),
        "rows": [*rows, ("contact", REVIEWED["contact"], contact)],
        "attachments": queries.attachments(listing, actor),
        "points": checklist(listing),
        "decision": policies.can_review(actor, listing),
        "may_suspend": policies.can_suspend(actor, listing),
        "may_resume": policies.can_suspend(actor, listing, ListingAction.RESUME),
        "reason_form": ReasonForm(formdata=None),
        "sale": queries.sale_of(listing),
        "past": queries.reviews(listing),
        "steps": queries.steps(listing),
        "changes": difference(last.snapshot, taken) if last else [],
        "typed": {},
    }
