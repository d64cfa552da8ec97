"""Telling people: one call writes the notice in their centre and queues their mail, in their own language.

The texts are `templates/email/<package>/<name>/{subject.txt,body.txt,body.html}` for the event `package.name`; a
notice shows the subject and the plain text. People choose per event and channel; what the law requires to be told
is told always. The pages are in `notices_views`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from . import mail
from .db import Base, BigId, CreatedAt, db
from .people import Person, people

CHANNELS = ("centre", "mail")


@dataclass(frozen=True, slots=True)
class Event:
    """Something people are told about, as the preferences page names it."""

    name: str
    label: Any
    #: Required by law or by the trading rules: cannot be switched off.
    legal: bool = False


EVENTS: dict[str, Event] = {}


def register_event(name: str, label: Any, legal: bool = False) -> None:
    """Declare an event (`auctions.outbid`) so that people can choose how they hear of it."""
    EVENTS[name] = Event(name, label, legal)


class Notice(Base):
    """One thing told to one person."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "event", "key"),
        Index("ix_notices_user", "user_id", "id"),
        Index("ix_notices_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[BigId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    event: Mapped[str] = mapped_column(String(80))
    #: Which occurrence of the event; one notice per occurrence.
    key: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str]
    #: Address within the site of the thing it is about.
    url: Mapped[str] = mapped_column(String(300), default="", server_default="")
    legal: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: False: the person asked to hear of this by mail only; kept for the record.
    shown: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[CreatedAt]
    read_at: Mapped[datetime | None]


def send(
    event: str,
    to: Iterable[int],
    context: Mapping[str, Any],
    *,
    url: str = "",
    legal: bool = False,
    key: str = "",
) -> int:
    """Tell these people, at most once per (event, person, key); returns how many were told.

    Written in the caller's transaction: nobody is told of what did not happen. Without a key each call counts
    as its own occurrence.
    """
    occurrence = key or secrets.token_hex(8)
    told = 0
    for person in people(to):
        told += _tell(person, event, dict(context), url, legal or is_legal(event), occurrence)
    return told


def _tell(person: Person, event: str, context: dict[str, Any], url: str, legal: bool, key: str) -> int:
    with force_locale(person.locale):
        parts = render(event, {**context, "person": person, "url": url})
    values = {
        "user_id": person.id,
        "event": event,
        "key": key[:160],
        "title": parts.subject[:300],
        "body": parts.text,
        "url": url,
        "legal": legal,
        "shown": wants(person, event, "centre", legal),
    }
    statement = insert(Notice).values(values).on_conflict_do_nothing(index_elements=["user_id", "event", "key"])
    if db.session.execute(statement.returning(Notice.id)).scalar_one_or_none() is None:
        return 0
    if wants(person, event, "mail", legal):
        mail.queue(person.email, parts.subject, parts.text, parts.html, f"{event}:{person.id}:{key}")
    return 1


@dataclass(frozen=True, slots=True)
class Parts:
    """The three texts of a message."""

    subject: str
    text: str
    html: str


def render(event: str, context: Mapping[str, Any]) -> Parts:
    """The texts of an event in the present language; also for mails to people without an account."""
    package, _, name = event.partition(".")
    folder = f"email/{package}/{name}"
    site = current_app.extensions["exchange.settings"].site_url
    values = {"site_url": site, "url": "", "person": None, **context}
    return Parts(
        subject=" ".join(render_template(f"{folder}/subject.txt", **values).split()),
        text=render_template(f"{folder}/body.txt", **values).strip() + "\n",
        html=render_template(f"{folder}/body.html", **values),
    )


def is_legal(event: str) -> bool:
    """True if the event is one that must be told."""
    return event in EVENTS and EVENTS[event].legal


def wants(person: Person, event: str, channel: str, legal: bool = False) -> bool:
    """True if the person is to be told through this channel: by default yes, legal ones always."""
    return legal or bool(person.preferences.get(event, {}).get(channel, True))


def unread(user_id: int) -> int:
    """How many notices the person has not read."""
    query = select(func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None), Notice.shown)
    return int(db.session.execute(query).scalar_one())


def mark_read(user_id: int, notice_id: int | None = None) -> int:
    """Mark one of the person's notices as read, or all of them; returns how many changed."""
    statement = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if notice_id is not None:
        statement = statement.where(Notice.id == notice_id)
    result = db.session.execute(statement.values(read_at=func.clock_timestamp()).returning(Notice.id))
    return len(result.all())
