"""The API's part on contracts: is a registration valid."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from marketplace import api
from marketplace.errors import NotFound
from marketplace.permissions import public

from . import queries
from .states import ContractState

blueprint = api.blueprint("contracts")


class CheckSchema(Schema):
    """Whether a registration number is valid."""

    number = fields.String(metadata={"description": "Registration number"})
    status = fields.String(metadata={"description": "valid or void"})


@blueprint.get("/contracts/check/<number>")
@blueprint.response(200, CheckSchema)
@public
def check(number: str) -> dict[str, Any]:
    """Say whether a registration is valid."""
    found = queries.by_registration_number(number)
    if found is None:
        raise NotFound
    status = "valid" if found[0].state is ContractState.REGISTERED else "void"
    return {"number": found[1].number, "status": status}
