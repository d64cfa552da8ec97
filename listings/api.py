"""Public results for programs: the catalogue by cursor, and one result. Nothing here is not on the public page."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace import api
from marketplace.api_paging import PageArgs, cursor_page, page_schema
from marketplace.edge import found
from marketplace.permissions import public

from . import queries, search
from .catalogue import FILTERS, condition, in_states
from .models import Listing
from .states import OPEN

blp = api.blueprint("listings", "Results that are or were on the board")


class RightSchema(ma.Schema):
    """A right that the result rests on."""

    kind = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    holder = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    filed_on = ma.fields.Date(required=True, allow_none=True)
    granted_on = ma.fields.Date(required=True, allow_none=True)
    fee_paid_to = ma.fields.Date(required=True, allow_none=True)
    ipc = ma.fields.String(required=True)


class AdvantageSchema(ma.Schema):
    """One figure beside the conventional one."""

    metric = ma.fields.String(required=True)
    ours = ma.fields.String(required=True)
    conventional = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)


class ListingSchema(ma.Schema):
    """A result in a list."""

    number = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    summary = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    owner = ma.fields.Function(lambda one: one.organisation.name, required=True)
    owner_uscc = ma.fields.Function(lambda one: one.organisation.uscc, required=True)
    field = ma.fields.String(required=True)
    region = ma.fields.String(required=True)
    trl = ma.fields.Integer(required=True, allow_none=True)
    keywords = ma.fields.List(ma.fields.String(), required=True)
    transfer_modes = ma.fields.List(ma.fields.String(), required=True)
    price_mode = ma.fields.String(required=True, allow_none=True)
    price = ma.fields.Decimal(
        required=True, allow_none=True, as_string=True, metadata={"description": "Yuan. Null where it is negotiable."}
    )
    listed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    version = ma.fields.Integer(required=True)
    sample = ma.fields.Boolean(required=True, metadata={"description": "True for sample data, not a real offer."})


#: One schema for all lists of results: the document names it once.
ListingPage = page_schema(ListingSchema)


class ListingDetailSchema(ListingSchema):
    """A whole result."""

    problem = ma.fields.String(required=True)
    current_solution = ma.fields.String(required=True)
    advantages = ma.fields.List(ma.fields.Nested(AdvantageSchema), required=True)
    applications = ma.fields.String(required=True)
    inventors = ma.fields.List(ma.fields.String(), required=True)
    phase = ma.fields.String(required=True, allow_none=True)
    rights = ma.fields.List(ma.fields.Nested(RightSchema), required=True, attribute="ip_items")
    licence_term = ma.fields.String(required=True)
    territory = ma.fields.String(required=True)
    payment_terms = ma.fields.String(required=True)
    buyer_conditions = ma.fields.String(required=True)


class ListingArgs(PageArgs):
    """Filters of the list; several values of one are alternatives."""

    q = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    field = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(sorted(FILTERS["field"]))))
    region = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(sorted(FILTERS["region"]))))
    mode = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(sorted(FILTERS["mode"]))))
    price = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(sorted(FILTERS["price"]))))
    state = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(sorted(FILTERS["state"]))))


@blp.get("/listings")
@blp.arguments(ListingArgs, location="query")
@blp.response(200, ListingPage)
@public
def index(args: dict[str, Any]) -> dict[str, Any]:
    """List public results, the newest first."""
    query = select(Listing).options(joinedload(Listing.organisation))
    if not args.get("state"):
        query = query.where(in_states(OPEN))
    for name in FILTERS:
        if args.get(name):
            query = query.where(condition(name, args[name]))
    terms = search.query_text(args["q"])
    if terms:
        query = query.where(search.matches(Listing.search, terms))
    return cursor_page(query, [(Listing.id, True)], args)


@blp.get("/listings/<number>")
@blp.response(200, ListingDetailSchema)
@public
def detail(number: str) -> Listing:
    """Give one public result."""
    return found(queries.get_public(number))  # type: ignore[no-any-return]
