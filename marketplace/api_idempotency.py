"""The same `Idempotency-Key` twice is one act: the second call gets the first one's answer.

The key's row is written in the request's own transaction, together with what the request does. So a call that
failed kept nothing and may be repeated; a call under way makes its twin wait; and an answer that was lost on the
way is simply fetched again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, UniqueConstraint, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, BigId, CreatedAt, db
from .edge import current_actor
from .errors import Invalid

HEADER = "Idempotency-Key"
KEPT_DAYS = 7


class IdempotencyKey(Base):
    """One call of one actor, and what it was answered."""

    __tablename__ = "idempotency_keys"
    # The unique pair is what makes a twin wait for the first call.
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: Mapped[BigId]
    #: `user:organisation`; two people may use the same key.
    actor: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200))
    #: SHA-256 of method, address and body: a key stands for one request only.
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    media_type: Mapped[str] = mapped_column(String(100), default="")
    location: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(default="")
    created_at: Mapped[CreatedAt]


class KeyReused(Invalid):
    """The key was used for a different request."""

    code = "idempotency_key_reused"
    message = _l("This idempotency key was used for a different request.")


def idempotent(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Give a repeated call its first answer. The outermost decorator below the route: `@blp.post(…)`, then this."""

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        key = request.headers.get(HEADER, "")
        if not key:
            return view(*args, **kwargs)
        stored = _claim(key)
        if stored.status:
            return _again(stored)
        response = current_app.make_response(view(*args, **kwargs))
        stored.status, stored.media_type = response.status_code, response.content_type or ""
        stored.location, stored.body = response.headers.get("Location", ""), response.get_data(as_text=True)
        return response

    return once


def _claim(key: str) -> IdempotencyKey:
    """This actor's row for the key, made or found; waits while another call holds it.

    Raises:
        Invalid: the key is malformed, or stands for another request.
    """
    if len(key) > 200 or not key.isascii() or not key.isprintable():
        raise Invalid(_l("An idempotency key is at most 200 printable ASCII characters."))
    actor = current_actor()
    owner = f"{actor.user_id}:{actor.organisation_id}"
    wanted = request_hash()
    values = {
        "actor": owner,
        "key": key,
        "request_hash": wanted,
        "status": 0,
        "media_type": "",
        "location": "",
        "body": "",
    }
    db.session.execute(insert(IdempotencyKey).values(values).on_conflict_do_nothing(index_elements=["actor", "key"]))
    query = select(IdempotencyKey).where(IdempotencyKey.actor == owner, IdempotencyKey.key == key)
    stored = db.session.execute(query.with_for_update()).scalar_one()
    if stored.request_hash != wanted:
        raise KeyReused
    return stored


def request_hash() -> str:
    """What the key stands for: this method, this address, this body."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(request.get_data())
    return digest.hexdigest()


def _again(stored: IdempotencyKey) -> Response:
    response = Response(stored.body, status=stored.status, content_type=stored.media_type)
    response.headers["Idempotency-Replayed"] = "true"
    if stored.location:
        response.headers["Location"] = stored.location
    return response


def forget_old() -> None:
    """Remove keys that nobody will repeat any more."""
    limit = func.clock_timestamp() - text(f"interval '{KEPT_DAYS} days'")
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < limit))
