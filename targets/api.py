"""The API's part on the goal: the same figures as the page."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace import api
from marketplace.errors import NotFound
from marketplace.permissions import public

from . import queries
from .queries import DIMENSIONS, KNOWN, Scope

blueprint = api.blueprint("turnover")


class QuerySchema(Schema):
    """What the figure is to speak of."""

    window = fields.String(
        load_default="",
        validate=validate.Length(max=30),
        metadata={"description": "Key; the running window if left out"},
    )
    by = fields.String(
        load_default="",
        validate=validate.OneOf(["", "year", "month", *DIMENSIONS]),
        metadata={"description": "Breakdown; by month needs a year"},
    )
    year = fields.Integer(load_default=None, validate=validate.Range(1900, 2999))
    month = fields.Integer(load_default=None, validate=validate.Range(1, 12), metadata={"description": "With a year"})
    city = fields.String(load_default="", metadata={"description": "City of the seller (GB/T 2260)"})
    kind = fields.String(load_default="", validate=validate.OneOf(["", *sorted(KNOWN["kind"])]))
    field = fields.String(load_default="", metadata={"description": "Industry field of the plan"})
    source = fields.String(load_default="", validate=validate.OneOf(["", *sorted(KNOWN["source"])]))


class PartSchema(Schema):
    """The figure of one value of a breakdown."""

    value = fields.String()
    contracts = fields.Integer()
    amount = fields.String()


class TurnoverSchema(Schema):
    """The registered turnover of a window, in yuan."""

    window = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(metadata={"description": "First day after the window"})
    target = fields.String()
    contracts = fields.Integer()
    amount = fields.String()
    technical_amount = fields.String()
    sample = fields.Boolean(metadata={"description": "True: no plan is known that sets this window"})
    parts = fields.List(fields.Nested(PartSchema))


@blueprint.get("/turnover")
@blueprint.arguments(QuerySchema, location="query")
@blueprint.response(200, TurnoverSchema)
@public
def turnover(args: dict[str, Any]) -> dict[str, Any]:
    """Give the registered turnover of a window."""
    scope = queries.scope_of({name: str(value) for name, value in args.items() if value})
    if scope is None:
        raise NotFound
    window, figure = scope.window, queries.total(scope)
    return {
        "window": window.key,
        "starts_on": window.starts_on,
        "ends_on": window.ends_on,
        "target": window.target_amount,
        "contracts": figure.contracts,
        "amount": figure.amount,
        "technical_amount": figure.technical_amount,
        "sample": window.sample,
        "parts": [
            {"value": str(value), "contracts": one.contracts, "amount": one.amount}
            for value, one in _parts(scope, args["by"])
        ],
    }


def _parts(scope: Scope, by: str) -> list[tuple[Any, queries.Figure]]:
    if by in ("year", "month"):
        by_month = by == "month" and scope.year is not None
        return list(queries.by_month(scope) if by_month else queries.by_year(scope))
    return list(queries.breakdown(scope, by)) if by else []
