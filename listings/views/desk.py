"""The seller's own results: the table of all of them, and one result with everything that can be done to it."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires
from marketplace.tables import Column, Filter, Table
from marketplace.ui import state_of

from .. import policies, queries, rules, services
from ..forms import AccessDecisionForm, AnswerForm, CommentForm, ReasonForm
from ..models import Listing
from ..services.common import checklist
from ..states import SHOWN, ListingAction, ListingState
from . import blueprint

MINE = Table(
    name="results",
    columns=[
        Column(_l("Title"), "title", sort=Listing.title),
        Column(_l("Number"), "number", sort=Listing.number),
        Column(_l("State"), "state", value=lambda one: str(state_of("listing", one.state).label), sort=Listing.state),
        Column(_l("Price"), "price", sort=Listing.price, num=True),
        Column(_l("Last change"), "updated_at", sort=Listing.updated_at, num=True),
    ],
    tie=Listing.id,
    search=[Listing.title, Listing.number, Listing.keywords],
    filters=[
        Filter(
            "state",
            _l("State"),
            [(state.value, shown.label) for state, shown in SHOWN.items()],
            lambda value: Listing.state == ListingState(value),
        )
    ],
    default_sort="-updated_at",
)
#: What the owner's next step is, by state; states in which others act have none.
NEXT = {
    ListingState.DRAFT: _l("Complete and submit"),
    ListingState.CORRECTION: _l("Correct and submit again"),
    ListingState.ORG_REVIEW: _l("Your approver decides"),
    ListingState.EXCHANGE_REVIEW: _l("The exchange reviews it"),
    ListingState.NEGOTIATING: _l("The named buyer answers"),
    ListingState.PUBLICITY: _l("Stands in public"),
    ListingState.LISTED: _l("For sale"),
    ListingState.DEAL_PENDING: _l("Draw up the contract"),
}


@blueprint.get("/desk/listings", endpoint="mine")
@requires(Permission.ORG_READ)
def mine() -> ResponseReturnValue:
    """Show the results of the organisation acted for."""
    actor = current_actor()
    page = MINE.page(queries.owned_query(actor))
    exported = page.exported()
    if exported is not None:
        return exported
    return render_template(
        "listings/mine.html",
        page=page,
        counts=queries.counts(actor),
        shown=SHOWN,
        next=NEXT,
        may_edit=actor.can(Permission.LISTING_EDIT),
    )


@blueprint.get("/desk/listings/<number>", endpoint="manage")
@requires(Permission.ORG_READ)
def manage(number: str) -> ResponseReturnValue:
    """Show one result with its checklist, its actions and its talk."""
    return render_template("listings/manage.html", **_about(owned(number)))


def owned(number: str) -> Listing:
    """A result of the organisation acted for, or 404."""
    return found(queries.owned(current_actor(), number))  # type: ignore[no-any-return]


def _about(listing: Listing, **forms: Any) -> dict[str, Any]:
    actor = current_actor()
    points = checklist(listing)
    return {
        "listing": listing,
        "actor": actor,
        "points": points,
        "missing": rules.missing(points),
        "completeness": rules.completeness(points),
        "next": NEXT.get(listing.state),
        "steps": queries.steps(listing),
        "handovers": queries.handovers(listing),
        "keeper": queries.keeper_name(listing),
        "returned": queries.last_return(listing),
        "sale": queries.sale_of(listing),
        "publicity": next(iter(queries.publicities(listing)), None),
        "questions": queries.questions(listing),
        "accesses": queries.accesses(listing),
        "may": _may(listing),
        "reason_form": ReasonForm(formdata=None),
        "comment_form": CommentForm(formdata=None),
        "answer_form": AnswerForm(formdata=None),
        "access_form": AccessDecisionForm(formdata=None),
        **forms,
    }


def _may(listing: Listing) -> dict[str, Any]:
    """What this actor may do to the result now."""
    actor = current_actor()
    actions = (ListingAction.REVISE, ListingAction.WITHDRAW, ListingAction.RELIST, ListingAction.CLOSE)
    return {
        "edit": policies.can_edit(actor, listing),
        "submit": policies.can_submit(actor, listing),
        "recall": policies.can_recall(actor, listing),
        "approve": policies.can_approve(actor, listing),
        "amend": policies.can_amend(actor, listing),
        "suspend": policies.can_suspend(actor, listing),
        "resume": policies.can_suspend(actor, listing, ListingAction.RESUME),
        "renew": policies.can_renew(actor, listing),
        "name_buyer": policies.can_name_buyer(actor, listing),
        "break_off": policies.can_manage(actor, listing, ListingAction.BREAK_OFF),
        "answer": policies.can_answer(actor, listing),
        **{action.value: policies.can_manage(actor, listing, action) for action in actions},
    }


@blueprint.post("/desk/listings/<number>/submit", endpoint="submit")
@requires(Permission.LISTING_EDIT)
def submit(number: str) -> ResponseReturnValue:
    """Hand it to the approver."""
    services.submit(current_actor(), owned(number))
    return done(_("Submitted. An approver of your organisation decides next."), "listings.manage", number=number)


@blueprint.post("/desk/listings/<number>/recall", endpoint="recall")
@requires(Permission.LISTING_EDIT)
def recall(number: str) -> ResponseReturnValue:
    """Take it back from the approver."""
    services.recall(current_actor(), owned(number))
    return done(_("Taken back. You may go on writing."), "listings.manage", number=number)


@blueprint.post("/desk/listings/<number>/relist", endpoint="relist")
@requires(Permission.ORG_READ)
def relist(number: str) -> ResponseReturnValue:
    """Begin a withdrawn result anew."""
    services.relist(current_actor(), owned(number))
    return done(_("It is a draft again."), "listings.manage", number=number)


@blueprint.post("/desk/listings/<number>/close", endpoint="close")
@requires(Permission.ORG_READ)
def close(number: str) -> ResponseReturnValue:
    """Close a result whose contract is registered."""
    services.close(current_actor(), owned(number))
    return done(_("Closed."), "listings.manage", number=number)


@blueprint.post("/desk/listings/<number>/discard", endpoint="discard")
@requires(Permission.LISTING_EDIT)
def discard(number: str) -> ResponseReturnValue:
    """Throw a draft away."""
    services.discard(current_actor(), owned(number))
    return done(_("The draft is gone."), "listings.mine")


#: Steps that need a reason: their service and what is said after.
WITH_REASON = {
    "suspend": (services.suspend, _l("Suspended. Its page says so.")),
    "resume": (services.resume, _l("It is on the board again.")),
    "withdraw": (services.withdraw, _l("Withdrawn. Its page says so.")),
    "revise": (services.revise, _l("Off the board: it is a draft again, with everything kept.")),
    "break-off": (services.withdraw_sale, _l("The named buyer is taken back; the result is on the board again.")),
}


@blueprint.post("/desk/listings/<number>/<any(suspend,resume,withdraw,revise,'break-off'):verb>", endpoint="step")
@requires(Permission.ORG_READ)
def step(number: str, verb: str) -> ResponseReturnValue:
    """Take a step that is given with its reason."""
    form, listing = ReasonForm(), owned(number)
    service, said = WITH_REASON[verb]
    try:
        require_valid(form)
        service(current_actor(), listing, form.reason.data or "")
    except Invalid as error:
        attach(form, error)
        return render_template("listings/manage.html", **_about(listing, reason_form=form, failed=verb)), 422
    return done(str(said), "listings.manage", number=number)
