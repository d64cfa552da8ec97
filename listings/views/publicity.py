"""公示 for everybody: the board of agreed prices, one publicity with its objections, and what reviewers decide."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace import limits
from marketplace.db import db
from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, public, requires

from .. import policies, queries, services
from ..deal_states import PublicityState
from ..forms import DecisionForm, ObjectionForm
from ..models import Listing, Publicity
from . import blueprint

#: Objections from one address an hour: each of them stops a clock.
_OBJECTIONS_AN_HOUR = 5


@blueprint.get("/publicity", endpoint="publicity")
@public
def publicity() -> ResponseReturnValue:
    """Show what stands in public now, or what has ended."""
    ended = request.args.get("show") == "ended"
    page = db.paginate(queries.publicity_board(ended), per_page=20, error_out=False)
    return render_template("listings/publicity.html", page=page, ended=ended)


@blueprint.get("/publicity/<number>", endpoint="publicity_detail")
@public
def publicity_detail(number: str) -> ResponseReturnValue:
    """Show the runs of one result, and how to object."""
    return render_template("listings/publicity_detail.html", **_about(_listing(number)))


@blueprint.post("/publicity/<number>/objections", endpoint="object")
@public
def lodge(number: str) -> ResponseReturnValue:
    """Take an objection, signed in or not."""
    listing, form = _listing(number), ObjectionForm()
    try:
        require_valid(form)
        limits.hit(f"objection:{request.remote_addr}", _OBJECTIONS_AN_HOUR, 3600)
        services.lodge_objection(current_actor(), _running(listing), form.name.data, form.contact.data, form.text.data)
    except Invalid as error:
        attach(form, error)
        return render_template("listings/publicity_detail.html", **_about(listing, form=form)), 422
    said = _("Your objection is lodged: the publicity stands still until the exchange has decided.")
    return done(said, "listings.publicity_detail", number=number)


@blueprint.post("/desk/objections/<int:objection_id>", endpoint="decide_objection")
@requires(Permission.LISTING_REVIEW)
def decide(objection_id: int) -> ResponseReturnValue:
    """Uphold or reject an objection."""
    objection, form = found(queries.get_objection(objection_id)), DecisionForm()
    listing = objection.publicity.listing
    try:
        require_valid(form)
        services.decide_objection(current_actor(), objection, form.upheld.data == "yes", form.decision.data)
    except Invalid as error:
        attach(form, error)
        page = _about(listing, decision_form=form, deciding=objection.id)
        return render_template("listings/publicity_detail.html", **page), 422
    return done(_("Decided. Both sides are told."), "listings.publicity_detail", number=listing.number)


def _listing(number: str) -> Listing:
    """A result whose price ever stood in public, whatever became of it."""
    listing = found(queries.by_number(number))
    found(queries.publicities(listing) or None)
    return listing  # type: ignore[no-any-return]


def _running(listing: Listing) -> Publicity:
    return queries.publicities(listing)[0]


def _about(listing: Listing, **forms: Any) -> dict[str, Any]:
    actor = current_actor()
    runs = queries.publicities(listing)
    return {
        "listing": listing,
        "runs": runs,
        "run": runs[0],
        "running": runs[0].state is PublicityState.RUNNING,
        "reviews": actor.can(Permission.LISTING_REVIEW),
        "visible": policies.can_see(actor, listing),
        "may_decide": lambda objection: policies.can_decide_objection(actor, listing, objection),
        "form": ObjectionForm(formdata=None, name=actor.name),
        "decision_form": DecisionForm(formdata=None),
        "deciding": None,
        **forms,
    }
