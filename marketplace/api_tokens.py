"""Tokens that let programs act for a person, alone or in an organisation, within chosen scopes.

A token never does more than its owner may at that moment, and never what must be a person's own act: approving,
signing, verifying, deciding. Only its hash is kept. Pages are in `api_tokens_views`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from . import audit
from .clock import db_now
from .db import Base, BigId, CreatedAt, db
from .errors import Invalid, NotFound, SignInRequired
from .permissions import Actor, Permission

PREFIX = "ltx_"
LIFETIMES = (30, 90, 365)
#: Tokens in use per person; old ones are to be revoked, not forgotten.
LIMIT = 20
#: The time of last use is written at most this often, so that a busy token costs no write per call.
TOUCH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Scope:
    """What a token may be allowed."""

    label: Any
    permissions: frozenset[Permission]


SCOPES: dict[str, Scope] = {
    "account": Scope(_l("Read your own account and notices"), frozenset({Permission.ACCOUNT_USE})),
    "organisation": Scope(
        _l("Read your organisation’s records and deposits"),
        frozenset({Permission.ACCOUNT_USE, Permission.ORG_READ, Permission.DEPOSIT_READ}),
    ),
    "listings": Scope(_l("Draft and edit results"), frozenset({Permission.ORG_READ, Permission.LISTING_EDIT})),
    "bids": Scope(_l("Place bids"), frozenset({Permission.ORG_READ, Permission.BID_PLACE})),
    "contracts": Scope(_l("Read your organisation’s contracts"), frozenset({Permission.ORG_READ})),
    "audit": Scope(_l("Read the audit trail"), frozenset({Permission.AUDIT_READ})),
}


class ApiToken(Base):
    """One token of one person, for one program."""

    __tablename__ = "api_tokens"

    id: Mapped[BigId]
    #: SHA-256 of the token; it is random and long, so no slow hash is needed.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: The first characters, for its owner to tell tokens apart.
    hint: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    #: The organisation it acts for; None: for the person alone.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything its scopes allow."""
        granted: frozenset[Permission] = frozenset()
        return granted.union(*(SCOPES[name].permissions for name in self.scopes if name in SCOPES))


def offered(actor: Actor) -> dict[str, Scope]:
    """Scopes that would let the actor's token do anything."""
    return {name: scope for name, scope in SCOPES.items() if scope.permissions & actor.permissions}


def issue(actor: Actor, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """Make a token for the actor as they act now; the second value is shown once and never again.

    Raises:
        Invalid: a scope the actor does not have, an unknown lifetime, or too many tokens already.
    """
    if not scopes or not set(scopes) <= set(offered(actor)):
        raise Invalid(fields={"scopes": [_l("Choose at least one scope from the list.")]})
    if days not in LIFETIMES:
        raise Invalid(fields={"days": [_l("Choose a lifetime from the list.")]})
    if len([one for one in tokens_of(actor) if one.revoked_at is None]) >= LIMIT:
        raise Invalid(_l("You have %(limit)s tokens in use. Revoke one first."), limit=LIMIT)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        token_hash=_hash(secret),
        hint=secret[:8],
        name=name.strip()[:80],
        user_id=actor.user_id,
        organisation_id=actor.organisation_id,
        scopes=sorted(scopes),
        expires_at=db_now() + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    audit.record(actor, "api_token.issue", token, after={"name": token.name, "scopes": token.scopes, "days": days})
    return token, secret


def tokens_of(actor: Actor) -> list[ApiToken]:
    """The actor's own tokens, newest first."""
    query = select(ApiToken).where(ApiToken.user_id == actor.user_id).order_by(ApiToken.id.desc())
    return list(db.session.scalars(query))


def revoke(actor: Actor, token_id: int) -> ApiToken:
    """End one of the actor's own tokens.

    Raises:
        NotFound: not one of theirs.
    """
    token = db.session.get(ApiToken, token_id, with_for_update=True)
    if token is None or token.user_id != actor.user_id:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = db_now()
        audit.record(actor, "api_token.revoke", token, after={"name": token.name})
    return token


def revoke_all(user_id: int) -> None:
    """End all tokens of a person: they were disabled, or their password was reset."""
    statement = update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    db.session.execute(statement.values(revoked_at=func.clock_timestamp()))


def find(bearer: str) -> ApiToken | None:
    """The token in force that this text is, or None."""
    query = select(ApiToken).where(
        ApiToken.token_hash == _hash(bearer),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > func.clock_timestamp(),
    )
    token = db.session.scalars(query).first()
    if token is not None:
        now = db_now()
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() > TOUCH_SECONDS:
            token.last_used_at = now
    return token


def bearer() -> str | None:
    """The text of the request's bearer token; only calls of the API may carry one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not request.path.startswith("/api/"):
        return None
    return value.strip()


def token_from_request() -> ApiToken | None:
    """The token this request carries, or None if it carries none; the session is then asked.

    Raises:
        SignInRequired: it carries one that is not (or no longer) in force.
    """
    if "api_token" not in g:
        given = bearer()
        g.api_token = None if given is None else find(given)
        if given is not None and g.api_token is None:
            raise SignInRequired(_l("The token is unknown, expired or revoked."))
    token: ApiToken | None = g.api_token
    return token


def narrow(actor: Actor, token: ApiToken) -> Actor:
    """The owner as the token lets them act: their permissions that its scopes name."""
    return replace(actor, permissions=actor.permissions & token.permissions, extra={**actor.extra, "token": token.id})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
