"""Questions about a result, and who may see what is shown in confidence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from marketplace.db import Base, BigId, CreatedAt, enum_check, enum_column

from ..deal_states import AccessState
from .listing import Listing


class Question(Base):
    """A question about a result; question and answer become public when the owner answers publicly."""

    __tablename__ = "listing_questions"
    __table_args__ = (Index("ix_listing_questions_listing", "listing_id", "id"),)

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    text: Mapped[str]
    answer: Mapped[str] = mapped_column(default="", server_default="")
    public: Mapped[bool] = mapped_column(default=False, server_default="false")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    listing: Mapped[Listing] = relationship()


class Access(Base):
    """An organisation's way to attachments that are shown after a promise of confidentiality."""

    __tablename__ = "listing_accesses"
    __table_args__ = (enum_check("state", AccessState), UniqueConstraint("listing_id", "organisation_id"))

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str]
    state: Mapped[AccessState] = enum_column(AccessState, default=AccessState.ASKED)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[CreatedAt]

    listing: Mapped[Listing] = relationship()
    organisation: Mapped[Organisation] = relationship()
