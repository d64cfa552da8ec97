"""Deposits, their movements, and the account they are paid to: columns and constraints, no workflow."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from marketplace.db import Base, BigId, CreatedAt, append_only, enum_check, enum_column
from marketplace.money import Yuan

from .rules import to_return
from .states import DepositAction, DepositState, MovementKind


class Deposit(Base):
    """What one organisation lays down for one thing (保证金)."""

    __tablename__ = "deposits"
    __table_args__ = (
        enum_check("state", DepositState),
        CheckConstraint("amount > 0 AND received_amount >= 0 AND refunded_amount >= 0", name="amounts"),
        CheckConstraint("refunded_amount <= received_amount", name="refund_covered"),
        # Whoever recorded the money may not confirm it, whatever the code above says.
        CheckConstraint("confirmed_by_id <> recorded_by_id", name="four_eyes"),
        CheckConstraint("state NOT IN ('locked', 'held') OR received_amount >= amount", name="locked_is_covered"),
        UniqueConstraint("organisation_id", "reference"),
        Index("ix_deposits_reference", "reference"),
        Index("ix_deposits_state", "state", "due_at"),
    )

    id: Mapped[BigId]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    #: What it is for, opaque here: `auction:PM2026-000123`.
    reference: Mapped[str] = mapped_column(String(80))
    #: What the payer writes into the bank's remark.
    remittance_code: Mapped[str] = mapped_column(String(12), unique=True)
    amount: Mapped[Yuan]
    state: Mapped[DepositState] = enum_column(DepositState, default=DepositState.DUE)
    due_at: Mapped[datetime | None]
    received_amount: Mapped[Yuan] = mapped_column(default=Decimal(0), server_default="0")
    refunded_amount: Mapped[Yuan] = mapped_column(default=Decimal(0), server_default="0")
    #: Why the receipts may not simply be confirmed (`states.Flag`).
    flags: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    received_at: Mapped[datetime | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    locked_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: When it left the standing deposits, whichever way.
    decided_at: Mapped[datetime | None]
    #: A step that one person prepared and another has to approve.
    prepared: Mapped[DepositAction | None] = enum_column(DepositAction, nullable=True)
    prepared_reason: Mapped[str] = mapped_column(default="", server_default="")
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    prepared_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]

    organisation: Mapped[Organisation] = relationship()
    movements: Mapped[list[DepositMovement]] = relationship(
        back_populates="deposit", order_by="DepositMovement.id", viewonly=True
    )

    @property
    def to_return(self) -> Decimal:
        """What has to be paid back still."""
        return to_return(self.state, self.amount, self.received_amount, self.refunded_amount)


@append_only
class DepositMovement(Base):
    """One thing that happened to a deposit. The deposit's state is the fold of these."""

    __tablename__ = "deposit_movements"
    __table_args__ = (
        enum_check("kind", MovementKind),
        Index("ix_deposit_movements_deposit", "deposit_id", "id"),
        # A bank line is recorded once, whichever deposit it is for.
        Index("uq_deposit_movements_bank", "kind", "bank_reference", unique=True,
              postgresql_where=text("bank_reference <> ''")),
    )  # fmt: skip

    id: Mapped[BigId]
    deposit_id: Mapped[int] = mapped_column(ForeignKey("deposits.id"))
    kind: Mapped[MovementKind] = enum_column(MovementKind)
    from_state: Mapped[str] = mapped_column(String(40), default="")
    to_state: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Yuan]
    bank_reference: Mapped[str] = mapped_column(String(80), default="", server_default="")
    #: The account holder's name as the bank gave it.
    payer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    #: The bank's time.
    paid_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[CreatedAt]

    deposit: Mapped[Deposit] = relationship(back_populates="movements")


class CollectingAccount(Base):
    """The exchange's account for deposits (保证金专户), as told to payers from a moment on."""

    __tablename__ = "collecting_accounts"
    __table_args__ = (CheckConstraint("approved_by_id <> proposed_by_id", name="four_eyes"),)

    id: Mapped[BigId]
    holder: Mapped[str] = mapped_column(String(200))
    bank: Mapped[str] = mapped_column(String(200))
    account: Mapped[str] = mapped_column(String(40))
    #: 联行号: 12 digits.
    bank_code: Mapped[str] = mapped_column(String(12), default="", server_default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
