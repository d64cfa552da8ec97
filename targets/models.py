"""Windows, counted contracts and the totals kept from them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.db import Base, BigId, CreatedAt, append_only
from marketplace.money import Yuan


class Window(Base):
    """A period `[starts_on, ends_on)` of days in Beijing, and what it is to reach."""

    __tablename__ = "target_windows"
    __table_args__ = (
        CheckConstraint("starts_on < ends_on", name="ordered"),
        CheckConstraint("target_amount > 0", name="target_positive"),
        # Pages open on the running window, so there is at most one.
        Index("uq_target_windows_running", "running", unique=True, postgresql_where=text("running")),
    )

    id: Mapped[BigId]
    key: Mapped[str] = mapped_column(String(30), unique=True)
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    #: Contract turnover to reach, in yuan.
    target_amount: Mapped[Yuan]
    running: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: No plan is known that sets this window; it is shown as a sample.
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")


@append_only
class CountedContract(Base):
    """A registered contract counted (+) or taken off again (−), each revision once: what stands is never rewritten."""

    __tablename__ = "counted_contracts"
    __table_args__ = (
        UniqueConstraint("contract_id", "revision", "sign"),
        CheckConstraint("sign IN (-1, 1)", name="sign_known"),
        Index("ix_counted_contracts_day", "day", "id"),
    )

    id: Mapped[BigId]
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    #: 1, raised when what is registered was changed: the revision before is taken off, the new one counted.
    revision: Mapped[int]
    sign: Mapped[int]
    registration_number: Mapped[str] = mapped_column(String(20))
    #: Day of registration in Beijing; a cancellation takes off on the same day, where it was counted.
    day: Mapped[date]
    #: Signed 成交额 and 技术交易额, in yuan.
    amount: Mapped[Yuan]
    technical_amount: Mapped[Yuan]
    kind: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(6))
    buyer_region: Mapped[str] = mapped_column(String(6))
    seller_kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[CreatedAt]


class TurnoverTotal(Base):
    """Sum of the counted contracts of one day, city, kind, field, source and buyer's region."""

    __tablename__ = "turnover_totals"

    day: Mapped[date] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(String(6), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    buyer_region: Mapped[str] = mapped_column(String(6), primary_key=True)
    contracts: Mapped[int]
    amount: Mapped[Yuan]
    technical_amount: Mapped[Yuan] = mapped_column(default=Decimal(0))
