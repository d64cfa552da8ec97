"""Technology contracts, their signatures, and their registration (认定登记)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Base, BigId, CreatedAt, append_only, enum_check, enum_column
from marketplace.money import Yuan

from .kinds import ContractKind, PaymentMode
from .states import ContractState

_EMPTY = text("'[]'::jsonb")


class Contract(Base):
    """One contract. Parties are kept as they were when it was drafted."""

    __tablename__ = "contracts"
    __table_args__ = (
        enum_check("kind", ContractKind),
        enum_check("state", ContractState),
        enum_check("payment_mode", PaymentMode),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("non_technical_amount >= 0 AND non_technical_amount < amount", name="parts_fit"),
        # Only a contract concluded elsewhere may name a buyer who has no account here.
        CheckConstraint("buyer_id IS NOT NULL OR source LIKE 'outside:%'", name="buyer_known"),
        Index("ix_contracts_seller", "seller_id", "id"),
        Index("ix_contracts_buyer", "buyer_id", "id"),
        Index("ix_contracts_state", "state", "id"),
    )

    id: Mapped[BigId]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: What it was drafted from: `auction:PM…`, `listing:CG…`, `outside:…`. One contract each.
    source: Mapped[str] = mapped_column(String(80), unique=True)
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id"))
    listing_number: Mapped[str] = mapped_column(String(20), default="", server_default="")
    state: Mapped[ContractState] = enum_column(ContractState, default=ContractState.DRAFT)
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[ContractKind] = enum_column(ContractKind)
    subtype: Mapped[str] = mapped_column(String(30))
    seller_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    #: `{name, uscc, kind, region, address, legal_representative}` at drafting.
    seller: Mapped[dict[str, Any]]
    buyer: Mapped[dict[str, Any]]
    #: 成交额, in yuan.
    amount: Mapped[Yuan]
    #: Equipment, parts, materials and other parts that are not technology: rows of `{label, amount}` and their sum.
    non_technical_items: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY)
    non_technical_amount: Mapped[Yuan] = mapped_column(default=Decimal(0), server_default="0")
    #: Industry field of the plan.
    field: Mapped[str] = mapped_column(String(40))
    technical_field: Mapped[str] = mapped_column(String(40))
    #: Rows of `{kind, number, title}` taken from the result.
    ip_items: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY)
    payment_mode: Mapped[PaymentMode] = enum_column(PaymentMode, default=PaymentMode.ONCE)
    payment_terms: Mapped[str] = mapped_column(default="", server_default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    deliverables: Mapped[str] = mapped_column(default="", server_default="")
    acceptance: Mapped[str] = mapped_column(default="", server_default="")
    clauses: Mapped[str] = mapped_column(default="", server_default="")
    #: Raised with every change of the text, so that nobody confirms what they did not read.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: Who wrote in it; none of them signs for their side.
    editors: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY)
    seller_confirmed_at: Mapped[datetime | None]
    buyer_confirmed_at: Mapped[datetime | None]
    #: SHA-256 of the canonical text that both sides sign.
    text_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    signed_at: Mapped[datetime | None]
    #: One side's wish to dissolve the signed contract, which the other side answers: `seller`, `buyer` or nobody's.
    end_asked_side: Mapped[str] = mapped_column(String(10), default="", server_default="")
    end_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    end_reason: Mapped[str] = mapped_column(default="", server_default="")
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]

    @property
    def technical_amount(self) -> Decimal:
        """技术交易额: the amount less what is not technology."""
        return self.amount - self.non_technical_amount


@append_only
class Signature(Base):
    """One side's signature on one text."""

    __tablename__ = "contract_signatures"
    __table_args__ = (UniqueConstraint("contract_id", "side", "text_hash"),)

    id: Mapped[BigId]
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    #: `seller` or `buyer`.
    side: Mapped[str] = mapped_column(String(10))
    text_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    user_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[CreatedAt]


class RequestKind(enum.StrEnum):
    """What a registrar may ask for that a second one decides."""

    CHANGE = "change"
    CANCEL = "cancel"
    REFUSE = "refuse"


class Registration(Base):
    """A contract's way through the registrar: the form, the decision, the certificate, what came later."""

    __tablename__ = "contract_registrations"
    __table_args__ = (
        enum_check("kind", ContractKind),
        enum_check("request_kind", RequestKind),
        CheckConstraint("technical_amount > 0", name="technical_positive"),
        CheckConstraint("(number IS NULL) = (registered_at IS NULL)", name="numbered_when_registered"),
        Index("ix_contract_registrations_registered", "registered_at"),
        Index("ix_contract_registrations_due", "due_on", "contract_id"),
    )

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), primary_key=True)
    # The form (技术合同登记表): what the contract counts as, prefilled from its text.
    kind: Mapped[ContractKind] = enum_column(ContractKind)
    subtype: Mapped[str] = mapped_column(String(30))
    field: Mapped[str] = mapped_column(String(40))
    technical_field: Mapped[str] = mapped_column(String(40))
    #: 技术交易额 in yuan: the contract amount less the items.
    technical_amount: Mapped[Yuan]
    non_technical_items: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY)
    #: Kinds of rights involved (`contracts.kinds.IP_KINDS`).
    ip_kinds: Mapped[list[str]] = mapped_column(default=list, server_default=_EMPTY)
    related_parties: Mapped[bool] = mapped_column(default=False, server_default="false")
    related_note: Mapped[str] = mapped_column(default="", server_default="")
    public_funds: Mapped[bool] = mapped_column(default=False, server_default="false")
    tax_relief: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: Codes of the automatic checks that asked for a look when it was applied for.
    hints: Mapped[list[str]] = mapped_column(default=list, server_default=_EMPTY)

    applied_at: Mapped[datetime]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: Day by which the registrar decides; None while the holidays of its year are not known.
    due_on: Mapped[date | None]
    #: Rows of `{code, note}` of the last return or refusal.
    reasons: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY)
    #: Who asked for the last refusal and who agreed: others decide about the re-check.
    refused_by: Mapped[list[Any]] = mapped_column(default=list, server_default=_EMPTY)
    #: What the seller says to the refusal, asking for the re-check (复核).
    recheck_note: Mapped[str] = mapped_column(default="", server_default="")

    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    #: Printed on the certificate; opens the details on the public check page.
    check_code: Mapped[str] = mapped_column(String(12), default="", server_default="")
    registered_at: Mapped[datetime | None]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: 1, raised by every change of what is registered.
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    #: What a registrar asked for and another one is to decide.
    request_kind: Mapped[RequestKind | None] = enum_column(RequestKind, nullable=True)
    request_reason: Mapped[str] = mapped_column(default="", server_default="")
    request_values: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime | None]


@append_only
class DecisionTerm(Base):
    """How long a registrar has, from a day on: terms change by law, what was applied for keeps its own."""

    __tablename__ = "registration_terms"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    #: Working days, and working days for contracts whose technical amount reaches `large_from`.
    working_days: Mapped[int]
    large_working_days: Mapped[int]
    large_from: Mapped[Yuan]
    source: Mapped[str]
