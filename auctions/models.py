"""Auctions, bidders, the bid log and its evidence: columns and constraints, no workflow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from marketplace.db import Base, BigId, CreatedAt, append_only, enum_check, enum_column
from marketplace.money import Yuan

from .states import ApprovalState, AuctionState, BidderState, BidKind

_LIVE = "state IN ('draft', 'announced', 'open', 'suspended')"


class Auction(Base):
    """One sale of one listing under announced rules. What moves while it runs is written by `storage` alone."""

    __tablename__ = "auctions"
    __table_args__ = (
        enum_check("state", AuctionState),
        CheckConstraint("opening_price > 0 AND deposit_amount >= 0", name="amounts"),
        # The database itself refuses a second running sale of the same result.
        Index("uq_auctions_live_listing", "listing_id", unique=True, postgresql_where=text(_LIVE)),
        Index("ix_auctions_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_auctions_state", "state"),
        # Room for the new version of a row beside the old one: no index holds a column that a bid changes,
        # so a thousand bids on one auction leave no trace in the indexes.
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[BigId]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"), index=True)
    #: The seller.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[AuctionState] = enum_column(AuctionState, default=AuctionState.DRAFT)
    #: The engine's phase: scheduled, free, timed, suspended, cancelled, closed.
    phase: Mapped[str] = mapped_column(String(20), default="scheduled", server_default="scheduled")
    #: Anybody may watch, or only the seller's and bidders' sides and staff.
    restricted: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: Announced terms in words, beside the rules in figures.
    terms: Mapped[str] = mapped_column(default="", server_default="")
    #: Why it was last suspended, cancelled or sent back.
    reason: Mapped[str] = mapped_column(default="", server_default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    announced_at: Mapped[datetime | None]
    registration_ends_at: Mapped[datetime | None]
    deposit_amount: Mapped[Yuan]
    #: The engine's rules without the reserve; written by `storage.set_rules` only.
    rules: Mapped[dict[str, Any]]
    #: Raised whenever the rules or the reserve change: processes keep the parsed rules by it.
    rules_version: Mapped[int] = mapped_column(default=1, server_default="1")
    opening_price: Mapped[Yuan]
    has_reserve: Mapped[bool] = mapped_column(default=False, server_default="false")
    starts_at: Mapped[datetime]
    free_ends_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: Longest interruption of the exchange (seconds) that leaves the end as it is.
    outage_tolerance_s: Mapped[int] = mapped_column(default=60, server_default="60")
    #: No later than the moment at which time alone changes something; None when nothing is due any more.
    #: A lower bound, moved on by the closer, so that bids need not touch its index.
    due_at: Mapped[datetime | None]

    #: The engine's state without the rules. Holds the leader's limit: never for a page.
    state_json: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    #: Number of the last event and the head of the evidence after it.
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    head: Mapped[bytes] = mapped_column(LargeBinary)
    price: Mapped[Yuan | None]
    #: Visible bids, and bidders who placed one.
    bid_count: Mapped[int] = mapped_column(default=0, server_default="0")
    bidder_count: Mapped[int] = mapped_column(default=0, server_default="0")
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("auction_bidders.id", use_alter=True))
    #: The person who placed what leads; it counts against their authority.
    leader_user_id: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(40))
    winner_bidder_id: Mapped[int | None] = mapped_column(ForeignKey("auction_bidders.id", use_alter=True))
    closed_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    bidders: Mapped[list[AuctionBidder]] = relationship(
        back_populates="auction", foreign_keys="AuctionBidder.auction_id", order_by="AuctionBidder.number"
    )
    leader: Mapped[AuctionBidder | None] = relationship(foreign_keys=[leader_id], viewonly=True)
    winner: Mapped[AuctionBidder | None] = relationship(foreign_keys=[winner_bidder_id], viewonly=True)

    @property
    def deposit_reference(self) -> str:
        """What deposits of this auction's bidders refer to."""
        return f"auction:{self.number}"


class AuctionSecret(Base):
    """The hidden reserve, apart from everything that pages load."""

    __tablename__ = "auction_secrets"

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True)
    reserve: Mapped[Yuan | None]


class AuctionBidder(Base):
    """An organisation in one auction, under its number there (竞买号)."""

    __tablename__ = "auction_bidders"
    __table_args__ = (
        enum_check("state", BidderState),
        UniqueConstraint("auction_id", "organisation_id"),
        UniqueConstraint("auction_id", "number"),
    )

    id: Mapped[BigId]
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    number: Mapped[int]
    state: Mapped[BidderState] = enum_column(BidderState, default=BidderState.REGISTERED)
    #: Who registered it.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(default="", server_default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    auction: Mapped[Auction] = relationship(back_populates="bidders", foreign_keys=[auction_id])
    organisation: Mapped[Organisation] = relationship()


@append_only
class Bid(Base):
    """One bid, limit, automatic bid or refused bid, with its leaf in the evidence.

    `at`, `ends_at`, the amount and the bidder's number give the exact entry that the leaf commits to.
    """

    __tablename__ = "bids"
    __table_args__ = (
        enum_check("kind", BidKind),
        CheckConstraint("accepted = (refusal = '')", name="refusal_said"),
        # A double click, a retry or a lost answer ends as one bid. Automatic bids are nobody's command.
        Index("uq_bids_key", "auction_id", "bidder_id", "key", unique=True, postgresql_where=text("kind <> 'auto'")),
    )

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True)
    #: Place in the auction's log, which bids share with `AuctionEvent`.
    sequence: Mapped[int] = mapped_column(primary_key=True)
    bidder_id: Mapped[int] = mapped_column(ForeignKey("auction_bidders.id"))
    #: Who pressed the button, and who approved it where a second person was needed.
    user_id: Mapped[int | None]
    approved_by_id: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[BidKind] = enum_column(BidKind)
    amount: Mapped[Yuan]
    accepted: Mapped[bool]
    refusal: Mapped[str] = mapped_column(String(40), default="", server_default="")
    at: Mapped[datetime]
    #: End of the auction after this bid; None where it was refused.
    ends_at: Mapped[datetime | None]
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    head: Mapped[bytes] = mapped_column(LargeBinary)

    bidder: Mapped[AuctionBidder] = relationship()


@append_only
class AuctionEvent(Base):
    """Everything in the evidence that is no bid: opened, timed, suspended, resumed, cancelled, closed."""

    __tablename__ = "auction_events"

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    entry: Mapped[dict[str, Any]]
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    head: Mapped[bytes] = mapped_column(LargeBinary)


@append_only
class AuctionAttempt(Base):
    """A try that never became a bid: malformed, not authorised, or outside the bidding time."""

    __tablename__ = "auction_attempts"
    __table_args__ = (Index("ix_auction_attempts_auction", "auction_id", "id"),)

    id: Mapped[BigId]
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    organisation_id: Mapped[int | None]
    user_id: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[BidKind] = enum_column(BidKind)
    #: As it came, so that nothing is lost in reading it.
    amount: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class BidApproval(Base):
    """A bid above its organisation's threshold that waits for a second person there."""

    __tablename__ = "bid_approvals"
    __table_args__ = (
        enum_check("state", ApprovalState),
        UniqueConstraint("auction_id", "bidder_id", "key"),
        Index("ix_bid_approvals_bidder", "bidder_id"),
    )

    id: Mapped[BigId]
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    bidder_id: Mapped[int] = mapped_column(ForeignKey("auction_bidders.id"))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[BidKind] = enum_column(BidKind)
    amount: Mapped[Yuan]
    state: Mapped[ApprovalState] = enum_column(ApprovalState, default=ApprovalState.PENDING)
    created_at: Mapped[CreatedAt]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")

    auction: Mapped[Auction] = relationship()
    bidder: Mapped[AuctionBidder] = relationship()


class CloseAlarm(Base):
    """An auction that could not be moved on; it stands alone here so that all others were."""

    __tablename__ = "close_alarms"
    __table_args__ = (
        Index("uq_close_alarms_open", "auction_id", unique=True, postgresql_where=text("cleared_at IS NULL")),
    )

    id: Mapped[BigId]
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    error: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    at: Mapped[CreatedAt]
    last_at: Mapped[CreatedAt]
    cleared_at: Mapped[datetime | None]
