"""The API's part on contracts: does a registration hold, for everybody; an organisation's own ones, for its programs."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace import api
from marketplace.api_paging import PageArgs, cursor_page, page_schema
from marketplace.edge import current_actor, found
from marketplace.errors import NotFound
from marketplace.permissions import Permission, public, requires

from . import presenting, queries
from .check_views import code_fits
from .models import Contract

blueprint = api.blueprint("contracts")


class CodeSchema(Schema):
    """The code that the certificate carries."""

    code = fields.String(
        load_default="",
        validate=validate.Length(max=12),
        metadata={"description": "Code printed on the certificate; opens the details"},
    )


class DetailsSchema(Schema):
    """What is registered."""

    title = fields.String()
    kind = fields.String()
    seller = fields.String()
    buyer = fields.String()
    amount = fields.Decimal(as_string=True, metadata={"description": "Contract amount (成交额), yuan"})
    technical_amount = fields.Decimal(as_string=True, metadata={"description": "Technical amount (技术交易额), yuan"})
    registered_at = fields.DateTime()
    changed_at = fields.DateTime(allow_none=True)


class CheckSchema(Schema):
    """Whether a registration number holds."""

    number = fields.String(metadata={"description": "Registration number"})
    status = fields.String(metadata={"description": "valid, changed (valid, with a later certificate) or void"})
    details = fields.Nested(DetailsSchema, allow_none=True, metadata={"description": "Only with the right code"})


@blueprint.get("/contracts/check/<number>")
@blueprint.arguments(CodeSchema, location="query")
@blueprint.response(200, CheckSchema)
@public
def check(args: dict[str, Any], number: str) -> dict[str, Any]:
    """Say whether a registration holds."""
    found = queries.by_registration_number(number)
    if found is None:
        raise NotFound
    contract, registration = found
    given = args["code"].strip().upper()
    details = None
    if given and code_fits(number, given, registration.check_code):
        details = {
            "title": contract.title,
            "kind": registration.kind.value,
            "seller": contract.seller["name"],
            "buyer": contract.buyer["name"],
            "amount": contract.amount,
            "technical_amount": registration.technical_amount,
            "registered_at": registration.registered_at,
            "changed_at": registration.changed_at,
        }
    return {"number": registration.number, "status": presenting.status(found), "details": details}


class ContractSchema(Schema):
    """One of your organisation's contracts."""

    number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    kind = fields.String(required=True)
    subtype = fields.String(required=True)
    field = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": "The sale it came from, as `auction:PM2026-000123`"})
    listing_number = fields.String(required=True)
    seller = fields.Function(lambda one: one.seller["name"], required=True)
    seller_uscc = fields.Function(lambda one: one.seller["uscc"], required=True)
    buyer = fields.Function(lambda one: one.buyer["name"], required=True)
    buyer_uscc = fields.Function(lambda one: one.buyer["uscc"], required=True)
    amount = fields.Decimal(required=True, as_string=True, metadata={"description": "成交额, yuan"})
    technical_amount = fields.Decimal(required=True, as_string=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


@blueprint.get("/contracts")
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, page_schema(ContractSchema))
@requires(Permission.ORG_READ)
def index(args: dict[str, Any]) -> dict[str, Any]:
    """List the contracts of the organisation that the token acts for, the newest first."""
    return cursor_page(queries.own(current_actor()), [(Contract.id, True)], args)


@blueprint.get("/contracts/<number>")
@blueprint.response(200, ContractSchema)
@requires(Permission.ORG_READ)
def detail(number: str) -> Contract:
    """Give one of these contracts."""
    return found(queries.own_by_number(current_actor(), number))  # type: ignore[no-any-return]
