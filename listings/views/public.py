"""What everybody reads: the catalogue, a result, its versions, its code to scan."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accounts.queries import organisations
from marketplace import export
from marketplace.edge import current_actor, found
from marketplace.kernel import settings
from marketplace.page_cache import cached_public
from marketplace.pdf import qr_svg
from marketplace.permissions import public

from .. import catalogue, filtering, policies, presenting, queries, snapshot
from ..forms import AccessForm, QuestionForm
from ..models import Listing
from ..services.talk import access_of
from ..states import ListingState
from . import blueprint

#: No export is longer; whoever needs more takes the API.
EXPORT_LIMIT = 20_000


@blueprint.get("/listings", endpoint="index")
@public
@cached_public()
def index() -> ResponseReturnValue:
    """Show the catalogue as it is filtered, or hand it out as a table."""
    wanted = catalogue.read(request.args)
    if request.args.get("format"):
        rows = catalogue.rows(wanted, EXPORT_LIMIT)
        return export.table_response(request.args["format"], _("Results"), presenting.EXPORT, rows)
    page = catalogue.page(wanted)
    owner = organisations([wanted.organisation]).get(wanted.organisation or 0)
    return render_template(
        "listings/index.html",
        page=page,
        wanted=wanted,
        facets=filtering.facets(page),
        chips=filtering.chips(wanted, owner.name if owner else ""),
        sorts=filtering.sorts(wanted),
    )


@blueprint.get("/listings/<number>", endpoint="detail")
@public
@cached_public()
def detail(number: str) -> ResponseReturnValue:
    """Show a result to whoever may read it."""
    actor = current_actor()
    listing = found(queries.by_number(number))
    if not policies.can_see(actor, listing):
        if listing.state is ListingState.WITHDRAWN and listing.version:
            return render_template("listings/withdrawn.html", listing=listing, steps=queries.steps(listing))
        abort(404)
    return render_template("listings/detail.html", **_page_of(listing), question_form=QuestionForm(formdata=None))


def _page_of(listing: Listing) -> dict[str, Any]:
    actor = current_actor()
    return {
        "listing": listing,
        "actor": actor,
        "private": policies.sees_private(actor, listing),
        "attachments": queries.attachments(listing, actor),
        "access": access_of(listing.id, actor.organisation_id) if actor.organisation_id else None,
        "access_form": AccessForm(formdata=None) if policies.can_ask_access(actor, listing) else None,
        "versions": queries.versions(listing),
        "steps": queries.public_steps(listing),
        "questions": queries.public_questions(listing),
        "own_questions": queries.own_questions(listing, actor),
        "publicity": next(iter(queries.publicities(listing)), None),
        "may_ask": policies.can_ask(actor, listing),
        "structured": presenting.structured(listing, settings().site_url),
    }


@blueprint.get("/listings/<number>/versions", endpoint="versions")
@public
@cached_public()
def versions(number: str) -> ResponseReturnValue:
    """Show what the public read when, and what changed from one version to the next."""
    listing = found(queries.visible(current_actor(), number))
    kept = queries.versions(listing)
    before = [*(old.snapshot for old in kept[1:]), {}]
    changes = [(new, snapshot.difference(old, new.snapshot)) for new, old in zip(kept, before, strict=False)]
    return render_template("listings/versions.html", listing=listing, changes=changes)


@blueprint.get("/listings/<number>/code.svg", endpoint="code")
@public
def code(number: str) -> Response:
    """The address of the result as a code to scan."""
    listing = found(queries.visible(current_actor(), number))
    drawn = qr_svg(f"{settings().site_url}/listings/{listing.number}")
    response = Response(drawn, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
