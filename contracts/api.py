"""The API's part on contracts: does a registration hold, and what does it say to who has the certificate."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace import api
from marketplace.errors import NotFound
from marketplace.permissions import public

from . import presenting, queries
from .check_views import code_fits

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
