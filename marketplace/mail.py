"""Mails: an intent row in the transaction that causes it, sent later by the worker with no transaction open.

A mail is at least once: should the worker die between the server's yes and our mark, the same mail goes again
with the same Message-ID, by which mail programs know it. One that fails backs off alone.
"""

from __future__ import annotations

import enum
import hashlib
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app
from sqlalchemy import Index, String, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from . import fault
from .clock import beijing
from .db import Base, BigId, CreatedAt, db, enum_check, enum_column
from .settings import Settings

log = structlog.get_logger(__name__)

#: Pauses before the next try, in seconds; after the last the mail has failed for good.
BACK_OFF = (10, 60, 300, 1800, 7200, 21600)
#: A mail being sent is nobody else's for this long.
LEASE_SECONDS = 120
TIMEOUT_SECONDS = 20

BEFORE_MARK = fault.declare("mail.before_mark", "the mail server took the mail, its row does not say so yet")


class MailState(enum.StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """One mail to one person."""

    __tablename__ = "mails"
    __table_args__ = (
        enum_check("state", MailState),
        Index("ix_mails_due", "next_try_at", postgresql_where=text("state = 'pending'")),
    )

    id: Mapped[BigId]
    #: Says which event to which person this is: the same key twice is one mail.
    key: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str]
    html: Mapped[str] = mapped_column(default="", server_default="")
    state: Mapped[MailState] = enum_column(MailState, default=MailState.PENDING, server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[CreatedAt]
    last_error: Mapped[str] = mapped_column(default="", server_default="")
    sent_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


def queue(to: str, subject: str, text: str, html: str, key: str) -> None:
    """Write down a mail to be sent after the present transaction commits; the same key again is nothing."""
    values = {
        "key": key[:200],
        "recipient": to,
        "subject": " ".join(subject.split())[:300],
        "text": text,
        "html": html,
    }
    db.session.execute(upsert(Mail).values(values).on_conflict_do_nothing(index_elements=["key"]))


_CLAIM = text("""
    UPDATE mails SET attempts = attempts + 1,
        next_try_at = clock_timestamp() + make_interval(secs => :lease)
    WHERE id = (SELECT id FROM mails WHERE state = 'pending' AND next_try_at <= clock_timestamp()
                ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
""")


def send_one() -> bool:
    """Send the next due mail; False if there is none. Safe in several workers at once."""
    claimed = db.session.execute(_CLAIM, {"lease": LEASE_SECONDS}).scalar_one_or_none()
    if claimed is None:
        db.session.rollback()
        return False
    mail = db.session.get_one(Mail, claimed)
    db.session.commit()
    db.session.remove()
    try:
        deliver(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _postpone(mail, error)
    else:
        fault.fault(BEFORE_MARK)
        _mark(mail.id, state=MailState.SENT, sent_at=func.clock_timestamp(), last_error="")
    return True


def send_due(limit: int = 100) -> int:
    """Send due mails until none is left or `limit` is reached; returns how many were tried."""
    count = 0
    while count < limit and send_one():
        count += 1
    return count


def _postpone(mail: Mail, error: Exception) -> None:
    log.warning("mail_not_sent", mail=mail.id, attempts=mail.attempts, error=str(error))
    trouble = f"{type(error).__name__}: {error}"[:2000]
    if mail.attempts > len(BACK_OFF):
        _mark(mail.id, state=MailState.FAILED, last_error=trouble)
        return
    pause = func.make_interval(0, 0, 0, 0, 0, 0, BACK_OFF[mail.attempts - 1])
    _mark(mail.id, next_try_at=func.clock_timestamp() + pause, last_error=trouble)


def _mark(mail_id: int, **values: Any) -> None:
    db.session.execute(update(Mail).where(Mail.id == mail_id).values(**values))
    db.session.commit()
    db.session.remove()


def retry(mail_id: int) -> None:
    """An operator asks for another try, also of a mail that had failed for good."""
    mail = db.session.get_one(Mail, mail_id, with_for_update=True)
    if mail.state is not MailState.SENT:
        mail.state, mail.attempts = MailState.PENDING, 0
        mail.next_try_at = db.session.execute(select(func.clock_timestamp())).scalar_one()


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The message as it goes out; the same row always gives the same Message-ID."""
    name, address = parseaddr(sender)
    message = EmailMessage()
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(beijing(mail.created_at))
    message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:40]}@{address.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def deliver(mail: Mail) -> None:
    """Hand the mail to the server of the settings, or write it to the mail folder."""
    settings: Settings = current_app.extensions["exchange.settings"]
    message = compose(mail, settings.mail_from)
    if settings.mail_url:
        _smtp(settings.mail_url, message)
    else:
        _write(settings.instance_dir / "mail", mail, message)


def _smtp(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    kind: Any = smtplib.SMTP_SSL if secure else smtplib.SMTP
    with kind(parts.hostname, parts.port or (465 if secure else 25), timeout=TIMEOUT_SECONDS) as server:
        if not secure and server.has_extn("starttls") is False:
            server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _write(folder: Path, mail: Mail, message: EmailMessage) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{mail.id:09d}.eml"
    temporary = target.with_suffix(".part")
    temporary.write_bytes(message.as_bytes())
    temporary.replace(target)


@dataclass(frozen=True, slots=True)
class MailBacklog:
    """Mails that wait and mails that trouble, for health, metrics and the operators' screen."""

    pending: int
    failing: int


def backlog() -> MailBacklog:
    """Counts of waiting mails, and of those that failed at least once."""
    row = db.session.execute(
        text("""SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
                  count(*) FILTER (WHERE last_error <> '') AS failing
                FROM mails WHERE state IN ('pending', 'failed')""")
    ).one()
    return MailBacklog(row.pending, row.failing)


def failing(limit: int = 100) -> Sequence[Mail]:
    """Mails that failed at least once and are not sent, oldest first."""
    query = select(Mail).where(Mail.state != MailState.SENT, Mail.last_error != "").order_by(Mail.id).limit(limit)
    return db.session.scalars(query).all()
