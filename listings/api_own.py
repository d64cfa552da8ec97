"""The API's part on an organisation's own results: read all of them, begin drafts, go on writing in them.

Handing in, approving and everything after is a person's own act and has no call.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask_babel import gettext as _

from accounts import queries as accounts
from marketplace import api
from marketplace.api_idempotency import idempotent
from marketplace.api_paging import PageArgs, cursor_page
from marketplace.edge import current_actor, found
from marketplace.errors import Forbidden
from marketplace.fields import FIELDS
from marketplace.permissions import Permission, requires
from marketplace.regions import REGIONS

from . import queries, services
from .api import AdvantageSchema, ListingDetailSchema, ListingPage
from .kinds import Phase, PriceMode, SecurityClass, TransferMode
from .models import Listing
from .rules import MAX_KEYWORDS, MAX_ROWS, MAX_TEXT
from .texts import clean_text

blp = api.blueprint("own_results", "Your organisation's own results, drafts too")


class Text(ma.fields.String):
    """A text as the database can keep it."""

    def __init__(self, longest: int = MAX_TEXT, **options: Any) -> None:
        super().__init__(validate=ma.validate.Length(max=longest), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **more)
        return clean_text(text)


def _texts(longest: int, most: int) -> ma.fields.List[Any]:
    return ma.fields.List(Text(longest), validate=ma.validate.Length(max=most))


def _one_of(names: Any) -> Any:
    return ma.validate.OneOf([str(getattr(name, "value", name)) for name in names])


class AdvantageArgs(AdvantageSchema):
    """One figure beside the conventional one."""

    metric, ours, conventional, unit = (Text(200, required=True) for _place in range(4))


class DraftArgs(ma.Schema):
    """What a draft may hold. Everything may be left out: a draft is complete when it is handed in."""

    title = Text(200)
    summary = Text()
    problem = Text()
    current_solution = Text()
    advantages = ma.fields.List(ma.fields.Nested(AdvantageArgs), validate=ma.validate.Length(max=MAX_ROWS))
    applications = Text()
    keywords = _texts(40, MAX_KEYWORDS)
    inventors = _texts(100, 100)
    contact_name = Text(100)
    contact_phone = Text(40)
    contact_email = ma.fields.Email(validate=ma.validate.Length(max=254))
    funding_source = Text(300)
    registration_no = Text(60)
    security_class = ma.fields.Enum(SecurityClass, by_value=True)
    field = ma.fields.String(validate=_one_of(FIELDS))
    region = ma.fields.String(validate=_one_of(REGIONS))
    trl = ma.fields.Integer(strict=True, validate=ma.validate.Range(1, 9))
    phase = ma.fields.Enum(Phase, by_value=True)
    transfer_modes = ma.fields.List(ma.fields.String(validate=_one_of(TransferMode)))
    licence_term = Text(100)
    territory = Text(200)
    price_mode = ma.fields.Enum(PriceMode, by_value=True)
    price = ma.fields.String(
        validate=ma.validate.Regexp(r"^(?!0*(\.0*)?$)[0-9]{1,12}(\.[0-9]{1,2})?$"), metadata={"description": "Yuan."}
    )
    payment_terms = Text()
    buyer_conditions = Text()

    @ma.post_load
    def _amounts(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return data | {"price": Decimal(data["price"])} if "price" in data else data


@blp.get("/organisation/listings")
@blp.arguments(PageArgs, location="query")
@blp.response(200, ListingPage)
@requires(Permission.ORG_READ)
def index(args: dict[str, Any]) -> dict[str, Any]:
    """List all results of the organisation that the token acts for, the newest first."""
    query = queries.owned_query(current_actor()).options(queries.WITH_OWNER)
    return cursor_page(query, [(Listing.id, True)], args)


@blp.get("/organisation/listings/<number>")
@blp.response(200, ListingDetailSchema)
@requires(Permission.ORG_READ)
def detail(number: str) -> Listing:
    """Give one of your own results, whatever its state."""
    return _own(number)


@blp.post("/organisation/listings")
@idempotent
@blp.arguments(DraftArgs)
@blp.response(201, ListingDetailSchema)
@requires(Permission.LISTING_EDIT)
def create(args: dict[str, Any]) -> Listing:
    """Begin a draft. With an `Idempotency-Key` the same call twice begins one."""
    actor = current_actor()
    organisation = accounts.get_organisation(actor.organisation_id) if actor.organisation_id else None
    if organisation is None:
        raise Forbidden(_("Drafts need a token that acts for an organisation."))
    return _own(services.create_draft(actor, organisation, args).number)


@blp.patch("/organisation/listings/<number>")
@blp.arguments(DraftArgs)
@blp.response(200, ListingDetailSchema)
@requires(Permission.LISTING_EDIT)
def save(args: dict[str, Any], number: str) -> Listing:
    """Write the given fields of a draft; the others stay."""
    services.save_draft(current_actor(), _own(number), args)
    return _own(number)


def _own(number: str) -> Listing:
    return found(queries.owned(current_actor(), number))  # type: ignore[no-any-return]
