"""The API's part on the goal: the same figures as the page."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from marketplace import api
from marketplace.errors import NotFound
from marketplace.permissions import public

from . import queries
from .queries import DIMENSIONS, Scope

blueprint = api.blueprint("turnover")


class QuerySchema(Schema):
    """What the figure is to speak of."""

    window = fields.String(
        load_default="",
        validate=validate.Length(max=30),
        metadata={"description": "Key; the running window if left out"},
    )
    by = fields.String(
        load_default="", validate=validate.OneOf(["", "year", *DIMENSIONS]), metadata={"description": "Breakdown"}
    )


class PartSchema(Schema):
    """The figure of one value of a breakdown."""

    value = fields.String()
    contracts = fields.Integer()
    amount = fields.Decimal(as_string=True)


class TurnoverSchema(Schema):
    """The registered turnover of a window, in yuan."""

    window = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(metadata={"description": "First day after the window"})
    target = fields.Decimal(as_string=True)
    contracts = fields.Integer()
    amount = fields.Decimal(as_string=True)
    technical_amount = fields.Decimal(as_string=True)
    sample = fields.Boolean(metadata={"description": "True: no plan is known that sets this window"})
    parts = fields.List(fields.Nested(PartSchema))


@blueprint.get("/turnover")
@blueprint.arguments(QuerySchema, location="query")
@blueprint.response(200, TurnoverSchema)
@public
def turnover(args: dict[str, Any]) -> dict[str, Any]:
    """Give the registered turnover of a window."""
    window = queries.window(args["window"] or None)
    if window is None:
        raise NotFound
    scope, by = Scope(window), args["by"]
    figure = queries.total(scope)
    parts: list[tuple[Any, queries.Figure]] = []
    if by:
        parts = list(queries.by_year(scope)) if by == "year" else list(queries.breakdown(scope, by))
    return {
        "window": window.key,
        "starts_on": window.starts_on,
        "ends_on": window.ends_on,
        "target": window.target_amount,
        "contracts": figure.contracts,
        "amount": figure.amount,
        "technical_amount": figure.technical_amount,
        "sample": window.sample,
        "parts": [{"value": str(value), "contracts": one.contracts, "amount": one.amount} for value, one in parts],
    }
