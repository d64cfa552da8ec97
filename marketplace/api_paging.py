"""Lists of the API by cursor: the next page starts after the last row seen, so none is repeated or skipped.

The cursor holds the last row's sort values. It is opaque: clients pass it on and look for nothing in it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from .db import db
from .errors import Invalid
from .jsons import plain

#: A column and whether it falls; the last one must be unique.
Order = Sequence[tuple[InstrumentedAttribute[Any], bool]]
MAXIMUM = 100


class PageArgs(ma.Schema):
    """What every list takes: `@blp.arguments(PageArgs, location="query")`."""

    cursor = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=500), metadata={"description": "`next` of the page before."}
    )
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MAXIMUM))


def page_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of these items."""
    name = item.__name__.removesuffix("Schema") + "Page"
    return ma.Schema.from_dict(
        {
            "items": ma.fields.List(ma.fields.Nested(item), required=True),
            "next": ma.fields.String(
                required=True, allow_none=True, metadata={"description": "Cursor of the next page; null at the end."}
            ),
        },
        name=name,
    )


def cursor_page(query: Select[Any], order: Order, args: dict[str, Any]) -> dict[str, Any]:
    """One page of `query` in this order: `{"items": […], "next": cursor or None}`.

    `order` names columns of the selected entity that are never null, the last one unique.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    limit = args.get("limit", 50)
    if args.get("cursor"):
        query = query.where(_after(order, _read(args["cursor"], order)))
    sorting = [column.desc() if falling else column.asc() for column, falling in order]
    rows = list(db.session.scalars(query.order_by(None).order_by(*sorting).limit(limit + 1)).unique())
    items = rows[:limit]
    return {"items": items, "next": _write(items[-1], order) if len(rows) > limit else None}


def _after(order: Order, values: list[Any]) -> Any:
    """Rows behind the given one: beyond it in the first column, or level there and beyond in the next."""
    options = []
    for place, (column, falling) in enumerate(order):
        level = [before == value for (before, _), value in zip(order[:place], values, strict=False)]
        options.append(and_(*level, column < values[place] if falling else column > values[place]))
    return or_(*options)


def _write(row: Any, order: Order) -> str:
    values = [plain(getattr(row, column.key)) for column, _ in order]
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> list[Any]:
    try:
        values: list[Any] = list(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))))
        return [_typed(column, value) for (column, _), value in zip(order, values, strict=True)]
    except (ValueError, TypeError, ArithmeticError, binascii.Error):
        raise Invalid(fields={"cursor": [_l("This cursor is not one of this list.")]}) from None


def _typed(column: InstrumentedAttribute[Any], value: Any) -> Any:
    """The value as the column's own Python type; anything else is refused before it reaches the database."""
    kind = column.type.python_type
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    if kind is Decimal:
        return Decimal(value)
    if type(value) is not kind or (kind is int and abs(value) >= 1 << 63) or (kind is str and "\0" in value):
        raise ValueError(value)
    return value
