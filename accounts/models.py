"""People, their sessions, organisations and memberships: columns and constraints, no workflow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.db import Base, BigId, CreatedAt, enum_check, enum_column
from marketplace.files import StoredFile
from marketplace.money import Yuan

from .roles import OrganisationKind
from .states import DocumentKind, OrganisationState


class User(Base):
    """A person who signs in."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[BigId]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(30), default="", server_default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="", server_default="")
    email_confirmed_at: Mapped[datetime | None]
    #: Base32 secret of the second factor; empty until enrolled.
    totp_secret: Mapped[str] = mapped_column(String(64), default="", server_default="")
    totp_confirmed_at: Mapped[datetime | None]
    #: Time step of the last accepted code: a code works once.
    totp_last_step: Mapped[int] = mapped_column(default=0, server_default="0")
    locale: Mapped[str] = mapped_column(String(10), default="zh_CN", server_default="zh_CN")
    staff_roles: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    #: Raised to sign the person out everywhere; sessions of a lower epoch are dead.
    epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    notice_preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    disabled_at: Mapped[datetime | None]
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", foreign_keys="Membership.user_id")


class UserSession(Base):
    """One sign-in on one device, listed to its owner and revocable."""

    __tablename__ = "user_sessions"

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    #: The user's epoch at sign-in; the session is dead when the user's is higher.
    epoch: Mapped[int]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]


class Organisation(Base):
    """A legal body that lists, bids, brokers or oversees."""

    __tablename__ = "organisations"
    __table_args__ = (enum_check("kind", OrganisationKind), enum_check("state", OrganisationState))

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[OrganisationKind] = enum_column(OrganisationKind)
    state: Mapped[OrganisationState] = enum_column(OrganisationState, default=OrganisationState.DRAFT)
    #: 统一社会信用代码, GB 32100-2015.
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    #: GB/T 2260 code of the city or prefecture; other provinces and abroad by `marketplace.regions`.
    region: Mapped[str] = mapped_column(String(6), index=True)
    address: Mapped[str] = mapped_column(String(300), default="", server_default="")
    legal_representative: Mapped[str] = mapped_column(String(100), default="", server_default="")
    contact_name: Mapped[str] = mapped_column(String(100), default="", server_default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    introduction: Mapped[str] = mapped_column(default="", server_default="")
    bank_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    bank_account: Mapped[str] = mapped_column(String(40), default="", server_default="")
    hightech: Mapped[bool] = mapped_column(default=False, server_default="false")
    specialised_sme: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: Above this amount a bid needs a second person of the organisation; None: never.
    second_approval_above: Mapped[Yuan | None]
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    return_reason: Mapped[str] = mapped_column(default="", server_default="")
    banned_until: Mapped[datetime | None]
    ban_reason: Mapped[str] = mapped_column(default="", server_default="")
    sample: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation")


class Membership(Base):
    """A person in an organisation, with roles per side and a limit on bids."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("user_id", "organisation_id"),
        Index("ix_memberships_organisation", "organisation_id"),
    )

    id: Mapped[BigId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    roles: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    #: The most this person may commit over all live auctions, in yuan; None: no own limit.
    bid_limit: Mapped[Yuan | None]
    ended_at: Mapped[datetime | None]
    #: Who took over this person's open work when they left.
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")


class OneTimeToken(Base):
    """Hash of a token mailed to somebody: confirm an address, reset a password, accept an invitation."""

    __tablename__ = "one_time_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(30))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    email: Mapped[str] = mapped_column(String(254), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class RecoveryCode(Base):
    """Hash of a code that replaces the second factor once."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime | None]


class OrganisationDocument(Base):
    """A paper that proves what an organisation says of itself; seen by its managers and by reviewers."""

    __tablename__ = "organisation_documents"
    __table_args__ = (enum_check("kind", DocumentKind),)

    id: Mapped[BigId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[DocumentKind] = enum_column(DocumentKind)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), unique=True)
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship()
