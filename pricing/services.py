"""Learning: a sale is observed once, whatever told of it first."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.db import db

from .models import ObservedPrice


def observe(
    source: str,
    *,
    price: Decimal,
    field: str,
    observed_at: datetime,
    listing_id: int | None = None,
    transfer_mode: str = "",
    band: str = "",
    contract_number: str = "",
    sample: bool = False,
) -> None:
    """Keep the price of a sale. Told again by its contract, the contract's figure and number stand."""
    if price <= 0:
        return
    values = {
        "source": source,
        "price": price,
        "field": field,
        "observed_at": observed_at,
        "listing_id": listing_id,
        "transfer_mode": transfer_mode,
        "band": band,
        "contract_number": contract_number,
        "sample": sample,
    }
    statement = insert(ObservedPrice).values(values)
    told = statement.excluded
    later = {
        "price": told.price,
        "contract_number": told.contract_number,
        "transfer_mode": func.coalesce(func.nullif(ObservedPrice.transfer_mode, ""), told.transfer_mode),
        "band": func.coalesce(func.nullif(ObservedPrice.band, ""), told.band),
        "void": False,
    }
    by_contract = told.contract_number != ""
    db.session.execute(statement.on_conflict_do_update(index_elements=["source"], set_=later, where=by_contract))


def forget_sale(source: str) -> None:
    """The deal came to nothing before it was registered: the price is kept, and counts no more."""
    db.session.execute(update(ObservedPrice).where(ObservedPrice.source == source).values(void=True))


def forget(contract_number: str) -> None:
    """The registration was cancelled: the price is kept, and counts no more."""
    db.session.execute(update(ObservedPrice).where(ObservedPrice.contract_number == contract_number).values(void=True))
