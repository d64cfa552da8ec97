"""The API's part on deposits: an organisation's own, to be watched by its own books."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from sqlalchemy import select

from marketplace import api
from marketplace.api_paging import PageArgs, cursor_page, page_schema
from marketplace.edge import current_actor
from marketplace.permissions import Permission, requires

from .models import Deposit

blp = api.blueprint("deposits", "Your organisation's deposits")


class DepositSchema(ma.Schema):
    """One deposit."""

    number = ma.fields.String(required=True)
    reference = ma.fields.String(required=True, metadata={"description": "What it is for, as `auction:PM2026-000123`."})
    state = ma.fields.String(required=True)
    amount = ma.fields.Decimal(required=True, as_string=True, metadata={"description": "Yuan."})
    received_amount = ma.fields.Decimal(required=True, as_string=True)
    refunded_amount = ma.fields.Decimal(required=True, as_string=True)
    remittance_code = ma.fields.String(required=True, metadata={"description": "Goes into the remark of the payment."})
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(required=True)


@blp.get("/deposits")
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(DepositSchema))
@requires(Permission.DEPOSIT_READ)
def index(args: dict[str, Any]) -> dict[str, Any]:
    """List the deposits of the organisation that the token acts for, the newest first."""
    query = select(Deposit).where(Deposit.organisation_id == current_actor().organisation_id)
    return cursor_page(query, [(Deposit.id, True)], args)
