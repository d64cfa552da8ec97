"""Results, their rights, what the public read of them, what was decided about them, and files taken in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from marketplace.db import Base, BigId, CreatedAt, append_only, enum_check, enum_column
from marketplace.money import Yuan

from ..kinds import IpKind, IpStatus, Phase, PriceMode, SecurityClass
from ..states import ListingState

_EMPTY_LIST = text("'[]'::jsonb")


def _creator(context: DefaultExecutionContext) -> int | None:
    return context.get_current_parameters().get("created_by_id")  # type: ignore[no-untyped-call, no-any-return]


class Listing(Base):
    """One result. Texts are empty and choices null until the seller gives them: a draft may be anything."""

    __tablename__ = "listings"
    __table_args__ = (
        enum_check("state", ListingState),
        enum_check("phase", Phase),
        enum_check("price_mode", PriceMode),
        enum_check("security_class", SecurityClass),
        CheckConstraint("trl BETWEEN 1 AND 9", name="trl_range"),
        CheckConstraint("price > 0", name="price_positive"),
        # The board newest first, without reading sold or unpublished rows.
        Index(
            "ix_listings_board",
            text("public_at DESC"),
            text("id DESC"),
            postgresql_where=text("state IN ('publicity', 'listed', 'bidding', 'negotiating')"),
        ),
        # Counts of the filters are read from this index alone: the rows themselves are long.
        Index(
            "ix_listings_facets",
            "state",
            "field",
            "region",
            "trl",
            "price_mode",
            "organisation_id",
            postgresql_include=["transfer_modes", "price", "public_at"],
        ),
        Index("ix_listings_organisation", "organisation_id", "state", "id"),
        Index("ix_listings_search", "search", postgresql_using="gin"),
        Index(
            "uq_listings_import",
            "organisation_id",
            "import_hash",
            unique=True,
            postgresql_where=text("import_hash <> ''"),
        ),
    )

    id: Mapped[BigId]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[ListingState] = enum_column(ListingState, default=ListingState.DRAFT)

    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    summary: Mapped[str] = mapped_column(default="", server_default="")
    problem: Mapped[str] = mapped_column(default="", server_default="")
    current_solution: Mapped[str] = mapped_column(default="", server_default="")
    #: Rows of `{metric, ours, conventional, unit}`.
    advantages: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY_LIST)
    applications: Mapped[str] = mapped_column(default="", server_default="")
    keywords: Mapped[list[str]] = mapped_column(default=list, server_default=_EMPTY_LIST)
    #: Names in the order of their contribution.
    inventors: Mapped[list[str]] = mapped_column(default=list, server_default=_EMPTY_LIST)
    #: Rows of `{name, share}`, the share in per cent as text.
    co_owners: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY_LIST)
    #: Never public: for the exchange and for the owner.
    contact_name: Mapped[str] = mapped_column(String(100), default="", server_default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    funding_source: Mapped[str] = mapped_column(String(300), default="", server_default="")
    #: 科技成果登记号.
    registration_no: Mapped[str] = mapped_column(String(60), default="", server_default="")
    security_class: Mapped[SecurityClass | None] = enum_column(SecurityClass, nullable=True)

    field: Mapped[str] = mapped_column(String(40), default="", server_default="")
    region: Mapped[str] = mapped_column(String(6), default="", server_default="")
    trl: Mapped[int | None]
    phase: Mapped[Phase | None] = enum_column(Phase, nullable=True)

    transfer_modes: Mapped[list[str]] = mapped_column(default=list, server_default=_EMPTY_LIST)
    licence_term: Mapped[str] = mapped_column(String(100), default="", server_default="")
    territory: Mapped[str] = mapped_column(String(200), default="", server_default="")
    price_mode: Mapped[PriceMode | None] = enum_column(PriceMode, nullable=True)
    price: Mapped[Yuan | None]
    payment_terms: Mapped[str] = mapped_column(default="", server_default="")
    buyer_conditions: Mapped[str] = mapped_column(default="", server_default="")

    #: Everyone who wrote in the present draft: none of them may approve it.
    editors: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY_LIST)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: Who looks after it (经办人) and is told of it: whoever began it, then whoever took it over.
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True, default=_creator)
    submitted_at: Mapped[datetime | None]
    #: When the public first read this round of it: its publicity or its listing.
    public_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    #: Suspended by a reviewer: the owner does not put it back.
    suspended_by_exchange: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: Suspended because a right lapsed; it goes back on the board when the fees are paid.
    rights_lapsed: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: Number of the version that the public reads; 0: never published.
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    #: What the result is being sold through (`auction:PM…`, `listing:CG…`); empty while it is not.
    deal_source: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: Bigrams and words with weights, written by `listings.search`.
    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True, deferred=True)
    #: Hash of the imported row, so that the same file twice changes nothing.
    import_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")
    updated_at: Mapped[CreatedAt]
    created_at: Mapped[CreatedAt]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    ip_items: Mapped[list[IpItem]] = relationship(
        back_populates="listing", order_by="IpItem.position", cascade="all, delete-orphan"
    )


class IpItem(Base):
    """One right that the result rests on."""

    __tablename__ = "listing_ip_items"
    __table_args__ = (
        enum_check("kind", IpKind),
        enum_check("status", IpStatus),
        Index("ix_listing_ip_items_listing", "listing_id", "position"),
        Index("ix_listing_ip_items_key", "number_key", postgresql_where=text("number_key <> ''")),
    )

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[IpKind] = enum_column(IpKind)
    number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: The number without prefix, dots and blanks, for exact search.
    number_key: Mapped[str] = mapped_column(String(60), default="", server_default="")
    title: Mapped[str] = mapped_column(String(300), default="", server_default="")
    holder: Mapped[str] = mapped_column(String(300), default="", server_default="")
    filed_on: Mapped[date | None]
    granted_on: Mapped[date | None]
    status: Mapped[IpStatus] = enum_column(IpStatus)
    fee_paid_to: Mapped[date | None]
    encumbrance: Mapped[str] = mapped_column(String(300), default="", server_default="")
    ipc: Mapped[str] = mapped_column(String(30), default="", server_default="")

    listing: Mapped[Listing] = relationship(back_populates="ip_items")


@append_only
class ListingVersion(Base):
    """What the public read from this moment on: a snapshot per publication and per change."""

    __tablename__ = "listing_versions"
    __table_args__ = (UniqueConstraint("listing_id", "version"),)

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    version: Mapped[int]
    snapshot: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[CreatedAt]


@append_only
class ListingReview(Base):
    """One decision of an approver or a reviewer, with a reason per field where it was returned."""

    __tablename__ = "listing_reviews"
    __table_args__ = (Index("ix_listing_reviews_listing", "listing_id", "id"),)

    id: Mapped[BigId]
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    #: `organisation` or `exchange`.
    stage: Mapped[str] = mapped_column(String(20))
    #: `approved`, `returned` or `rejected`.
    decision: Mapped[str] = mapped_column(String(20))
    #: `{field: reason}`.
    reasons: Mapped[dict[str, Any]]
    comment: Mapped[str] = mapped_column(default="", server_default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[CreatedAt]


class ListingImport(Base):
    """One file of rows taken in as drafts, with its report."""

    __tablename__ = "listing_imports"

    id: Mapped[BigId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    created: Mapped[int]
    unchanged: Mapped[int]
    failed: Mapped[int]
    #: Rows of `{row, column, reason, value, blocks, number}`; the number is that of the draft, if the row became one.
    problems: Mapped[list[Any]]
    created_at: Mapped[CreatedAt]
