"""Who changed what, when, from which value to which: append-only, chained per object.

The chain makes a removed or altered row visible (`verify`); the application's role cannot change rows
at all (`marketplace.guards`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from . import request_id
from .clock import db_now
from .db import Base, BigId, CreatedAt, append_only, db
from .jsons import canonical, plain
from .permissions import Actor

GENESIS = "0" * 64


@append_only
class AuditEntry(Base):
    """One change to one object."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("object_type", "object_id", "sequence"),
        Index("ix_audit_entries_actor", "actor_id", "id"),
        Index("ix_audit_entries_at", "at"),
    )

    id: Mapped[BigId]
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[int]
    #: What people call the object, so that the trail reads without a join.
    object_label: Mapped[str] = mapped_column(String(200), default="")
    #: 1, 2, 3 … within the object.
    sequence: Mapped[int]
    action: Mapped[str] = mapped_column(String(80))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int | None]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    request_id: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[CreatedAt]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


def record(
    actor: Actor,
    action: str,
    obj: Any,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    label: str = "",
) -> AuditEntry:
    """Write one entry to the object's chain. `before` and `after` hold only what changed.

    Entries of one object are put in order by an advisory lock that lasts until the transaction ends.
    """
    db.session.flush()
    object_type, object_id = obj.__tablename__, obj.id
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7))")
    db.session.execute(lock, {"key": f"audit:{object_type}:{object_id}"})
    last = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.object_type == object_type, AuditEntry.object_id == object_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()
    entry = AuditEntry(
        object_type=object_type,
        object_id=object_id,
        object_label=(label or str(getattr(obj, "number", "") or ""))[:200],
        sequence=last.sequence + 1 if last else 1,
        action=action,
        actor_id=actor.user_id,
        actor_name=actor.name,
        organisation_id=actor.organisation_id,
        before=plain(before or {}),
        after=plain(after or {}),
        request_id=request_id.get(),
        at=db_now(),
        previous_hash=last.hash if last else GENESIS,
    )
    entry.hash = entry_hash(entry)
    db.session.add(entry)
    return entry


def record_new(actor: Actor, action: str, made: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    """Write the first entry of many new objects at once. Nobody else can know them yet, so nothing is locked."""
    db.session.flush()
    at = db_now()
    for obj, after in made:
        entry = AuditEntry(
            object_type=obj.__tablename__,
            object_id=obj.id,
            object_label=str(getattr(obj, "number", "") or "")[:200],
            sequence=1,
            action=action,
            actor_id=actor.user_id,
            actor_name=actor.name,
            organisation_id=actor.organisation_id,
            before={},
            after=plain(after),
            request_id=request_id.get(),
            at=at,
            previous_hash=GENESIS,
        )
        entry.hash = entry_hash(entry)
        db.session.add(entry)


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and everything the entry says."""
    body = {
        "object": [entry.object_type, entry.object_id, entry.sequence, entry.object_label],
        "action": entry.action,
        "actor": [entry.actor_id, entry.actor_name, entry.organisation_id],
        "before": entry.before,
        "after": entry.after,
        "at": entry.at,
        "request": entry.request_id,
    }
    return hashlib.sha256(entry.previous_hash.encode() + canonical(body)).hexdigest()


def changes(obj: Any, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values of the attributes that `values` would change."""
    before = {name: getattr(obj, name) for name, value in values.items() if getattr(obj, name) != value}
    return before, {name: values[name] for name in before}


def trail(obj: Any) -> list[AuditEntry]:
    """Every entry of an object, oldest first."""
    return list(
        db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.object_type == obj.__tablename__, AuditEntry.object_id == obj.id)
            .order_by(AuditEntry.sequence)
        )
    )


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold."""

    object_type: str
    object_id: int
    sequence: int
    what: str


def breaks_of(entries: Iterable[AuditEntry]) -> Iterator[Break]:
    """Where the chain of one object does not hold, its entries given oldest first."""
    before, sequence = GENESIS, 1
    for entry in entries:
        place = (entry.object_type, entry.object_id, entry.sequence)
        if (entry.previous_hash, entry.sequence) != (before, sequence):
            yield Break(*place, "does not follow the entry before it")
        if entry.hash != entry_hash(entry):
            yield Break(*place, "was altered")
        before, sequence = entry.hash, entry.sequence + 1


def verify() -> tuple[int, list[Break]]:
    """Walk every chain; return how many entries were read and every break found."""
    query = select(AuditEntry).order_by(AuditEntry.object_type, AuditEntry.object_id, AuditEntry.sequence)
    read, breaks = 0, list[Break]()
    rows = db.session.scalars(query.execution_options(yield_per=2000))
    for _object, chain in groupby(rows, key=lambda entry: (entry.object_type, entry.object_id)):
        entries = list(chain)
        read += len(entries)
        breaks += breaks_of(entries)
    return read, breaks
