"""Prices that were really paid, one row a sale."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Base, BigId, CreatedAt
from marketplace.money import Yuan


class ObservedPrice(Base):
    """What one sale brought. A sale first seen at its auction and again at its registration is one row."""

    __tablename__ = "observed_prices"
    __table_args__ = (
        CheckConstraint("price > 0", name="price_positive"),
        Index("ix_observed_prices_kind", "field", "transfer_mode", "band"),
    )

    id: Mapped[BigId]
    #: What the price was formed by: `auction:PM…`, `listing:CG…`, or the contract's own number.
    source: Mapped[str] = mapped_column(String(60), unique=True)
    listing_id: Mapped[int | None]
    contract_number: Mapped[str] = mapped_column(String(30), default="", server_default="", index=True)
    field: Mapped[str] = mapped_column(String(40))
    #: Empty where the contract does not say or the listing offered several.
    transfer_mode: Mapped[str] = mapped_column(String(20), default="", server_default="")
    band: Mapped[str] = mapped_column(String(10), default="", server_default="")
    price: Mapped[Yuan]
    observed_at: Mapped[datetime]
    #: True once its contract's registration was cancelled: kept, not counted.
    void: Mapped[bool] = mapped_column(default=False, server_default="false")
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
