"""Sales by agreement, their publicity, and objections to it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from marketplace.db import Base, BigId, CreatedAt, enum_check, enum_column
from marketplace.money import Yuan

from ..deal_states import ObjectionState, PublicityState, SaleState
from .listing import Listing


class Sale(Base):
    """A sale by agreement with a named buyer, who must confirm it."""

    __tablename__ = "listing_sales"
    __table_args__ = (
        enum_check("state", SaleState),
        CheckConstraint("price > 0", name="price_positive"),
        Index("ix_listing_sales_listing", "listing_id", "id"),
        Index("ix_listing_sales_buyer", "buyer_organisation_id", "state"),
        Index(
            "uq_listing_sales_current",
            "listing_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'confirmed', 'agreed')"),
        ),
    )

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    buyer_organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    price: Mapped[Yuan]
    transfer_mode: Mapped[str] = mapped_column(String(20))
    state: Mapped[SaleState] = enum_column(SaleState, default=SaleState.PROPOSED)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]

    listing: Mapped[Listing] = relationship()
    buyer: Mapped[Organisation] = relationship()


class Publicity(Base):
    """One run of the publicity of an agreed price: what was announced and how long it must stand."""

    __tablename__ = "listing_publicities"
    __table_args__ = (
        enum_check("state", PublicityState),
        Index("ix_listing_publicities_due", "last_day", postgresql_where=text("state = 'running'")),
        Index(
            "uq_listing_publicities_running",
            "listing_id",
            unique=True,
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    sale_id: Mapped[int] = mapped_column(ForeignKey("listing_sales.id"))
    #: What was announced: name, price and buyer; a change of any of them needs a new run.
    title: Mapped[str] = mapped_column(String(200))
    price: Mapped[Yuan]
    buyer_name: Mapped[str] = mapped_column(String(200))
    transfer_mode: Mapped[str] = mapped_column(String(20))
    #: The day it was announced; it does not count.
    announced_on: Mapped[date]
    days: Mapped[int]
    #: The publicity passes at 24:00 of this day (Beijing); null while an objection stops the clock.
    last_day: Mapped[date | None]
    state: Mapped[PublicityState] = enum_column(PublicityState, default=PublicityState.RUNNING)
    ended_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    listing: Mapped[Listing] = relationship()
    objections: Mapped[list[Objection]] = relationship(back_populates="publicity", order_by="Objection.id")

    @property
    def paused(self) -> bool:
        """True while an objection stops the clock."""
        return self.state is PublicityState.RUNNING and self.last_day is None


class Objection(Base):
    """An objection to an announced price. Who objects is never public; the decision is."""

    __tablename__ = "listing_objections"
    __table_args__ = (enum_check("state", ObjectionState), Index("ix_listing_objections_publicity", "publicity_id"))

    id: Mapped[BigId]
    publicity_id: Mapped[int] = mapped_column(ForeignKey("listing_publicities.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(100))
    contact: Mapped[str] = mapped_column(String(254))
    text: Mapped[str]
    state: Mapped[ObjectionState] = enum_column(ObjectionState, default=ObjectionState.OPEN)
    decision: Mapped[str] = mapped_column(default="", server_default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    publicity: Mapped[Publicity] = relationship(back_populates="objections")
