"""Facts on their way: written with what made them true, handled later, in order per object.

`publish` writes the fact and one delivery per subscribed handler in the caller's transaction. The
worker's relay (`deliver_due`) takes deliveries one transaction each: a handler's effects inside
PostgreSQL commit together with the delivery's mark, so they happen once. A failing handler blocks only
its own object's facts, is tried again with growing pauses, and stands on the operators' screen.
"""

from __future__ import annotations

import enum
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_type_hints

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from . import audit
from . import facts as schemas
from .db import Base, BigId, CreatedAt, append_only, db, enum_check, enum_column
from .errors import Conflict, Invalid
from .facts import Fact
from .fault import fault
from .jsons import plain
from .permissions import Actor

log = structlog.get_logger(__name__)

Handler = Callable[[Any], None]
#: Pauses before the next try, in seconds; the last one repeats.
BACK_OFF = (1, 5, 30, 120, 600, 3600)


class DeliveryState(enum.StrEnum):
    PENDING = "pending"
    DONE = "done"
    DISMISSED = "dismissed"


@append_only
class StoredFact(Base):
    """A fact as it was published."""

    __tablename__ = "facts"
    __table_args__ = (UniqueConstraint("key", "sequence"),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    #: 1, 2, 3 … within the key.
    sequence: Mapped[int]
    payload: Mapped[dict[str, Any]]
    at: Mapped[CreatedAt]


class Delivery(Base):
    """One fact for one handler."""

    __tablename__ = "fact_deliveries"
    __table_args__ = (
        enum_check("state", DeliveryState),
        Index("ix_fact_deliveries_due", "next_try_at", postgresql_where=text("state = 'pending'")),
        Index("ix_fact_deliveries_order", "handler", "key", "fact_id", postgresql_where=text("state = 'pending'")),
    )

    fact_id: Mapped[int] = mapped_column(ForeignKey("facts.id"), primary_key=True)
    handler: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    state: Mapped[DeliveryState] = enum_column(DeliveryState, default=DeliveryState.PENDING, server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[CreatedAt]
    last_error: Mapped[str] = mapped_column(default="", server_default="")
    done_at: Mapped[datetime | None]


_handlers: dict[str, dict[str, Handler]] = defaultdict(dict)


def subscribe(fact: type[Fact], name: str, handler: Handler) -> None:
    """Call `handler(fact)` for every fact of this type; `name` (`contracts.draft`) is stored, keep it."""
    _handlers[fact.__name__][name] = handler


def handlers_of(fact_name: str) -> list[str]:
    """Names of the handlers subscribed to a fact."""
    return sorted(_handlers[fact_name])


_PUBLISH = text("""
    WITH published AS (
        INSERT INTO facts (name, version, key, sequence, payload)
        VALUES (:name, :version, CAST(:key AS varchar),
                (SELECT coalesce(max(sequence), 0) + 1 FROM facts WHERE key = CAST(:key AS varchar)),
                CAST(:payload AS jsonb))
        RETURNING id, key)
    INSERT INTO fact_deliveries (fact_id, handler, key)
    SELECT published.id, handler, published.key
    FROM published, unnest(CAST(:handlers AS varchar[])) AS handler
""")


def publish(*published: Fact) -> None:
    """Store facts in the present transaction; they are handled after it commits.

    The object a fact speaks of must be locked by the caller where two transactions could speak of it
    at once: its facts are numbered.
    """
    db.session.flush()
    rows = [row_of(fact) for fact in published]
    if rows:
        db.session.execute(_PUBLISH, rows)


_text = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=128)
def _field_names(schema: type[Fact]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(schema))


def row_of(fact: Fact) -> dict[str, Any]:
    """A fact as parameters of `_PUBLISH`, for callers that write many at once on their own connection."""
    name = type(fact).__name__
    return {
        "name": name,
        "version": fact.version,
        "key": fact.key,
        # Facts are flat: the general way of copying them would cost ten times as much in a storm of ends.
        "payload": json.dumps(
            plain({field.name: getattr(fact, field.name) for field in fields(fact)}), ensure_ascii=False
        ),
        "handlers": handlers_of(name),
    }


def load(stored: StoredFact) -> Fact:
    """The fact object of a stored row, with Decimals and moments restored."""
    schema: type[Fact] = getattr(schemas, stored.name)
    hints = get_type_hints(schema)
    known = {field.name for field in fields(schema)}
    values = {name: _restore(hints[name], value) for name, value in stored.payload.items() if name in known}
    return schema(**values)


def _restore(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if "Decimal" in str(hint):
        return Decimal(value)
    if "datetime" in str(hint):
        return datetime.fromisoformat(value)
    return value


def handle(stored: StoredFact, handler: str) -> None:
    """Let one handler hear of a fact, in the present transaction."""
    _handlers[stored.name][handler](load(stored))


# A delivery may run when no earlier fact of the same object still waits for the same handler.
_NEXT = text("""
    SELECT d.fact_id, d.handler FROM fact_deliveries d
    WHERE d.state = 'pending' AND d.next_try_at <= clock_timestamp()
      AND NOT EXISTS (SELECT 1 FROM fact_deliveries e
                      WHERE e.handler = d.handler AND e.key = d.key
                        AND e.state = 'pending' AND e.fact_id < d.fact_id)
    ORDER BY d.fact_id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
""")


def deliver_one() -> bool:
    """Handle the next due delivery in a transaction of its own; False if there is none."""
    found = db.session.execute(_NEXT).one_or_none()
    if found is None:
        db.session.rollback()
        return False
    delivery = db.session.get_one(Delivery, (found.fact_id, found.handler))
    stored = db.session.get_one(StoredFact, found.fact_id)
    try:
        handle(stored, found.handler)
        delivery.state, delivery.done_at = DeliveryState.DONE, _now()
        fault("outbox.before_mark")
        db.session.commit()
        fault("outbox.after_mark")
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is stored and tried again
        db.session.rollback()
        _postpone(found.fact_id, found.handler, error)
    finally:
        db.session.remove()
    return True


def _postpone(fact_id: int, handler: str, error: Exception) -> None:
    log.error("fact_handler_failed", fact=fact_id, handler=handler, exc_info=error)
    delivery = db.session.get_one(Delivery, (fact_id, handler), with_for_update=True)
    pause = BACK_OFF[min(delivery.attempts, len(BACK_OFF) - 1)]
    delivery.attempts += 1
    delivery.last_error = f"{type(error).__name__}: {error}"[:2000]
    later = text("SELECT clock_timestamp() + make_interval(secs => :pause)")
    delivery.next_try_at = db.session.execute(later, {"pause": pause}).scalar_one()
    db.session.commit()


def deliver_due(limit: int = 500) -> int:
    """Handle due deliveries until none is left or `limit` is reached; returns how many."""
    count = 0
    while count < limit and deliver_one():
        count += 1
    return count


def retry(fact_id: int, handler: str) -> None:
    """An operator asks for another try at once."""
    delivery = db.session.get_one(Delivery, (fact_id, handler), with_for_update=True)
    delivery.next_try_at = _now()


def dismiss(actor: Actor, fact_id: int, handler: str, reason: str) -> None:
    """An operator decides that this handler shall never hear of the fact; the object's next facts go on.

    Raises:
        Invalid: no reason is given.
        Conflict: the delivery is no longer waiting.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Say why this may be left out.")]})
    delivery = db.session.get_one(Delivery, (fact_id, handler), with_for_update=True)
    if delivery.state is not DeliveryState.PENDING:
        raise Conflict
    delivery.state, delivery.done_at = DeliveryState.DISMISSED, _now()
    stored = db.session.get_one(StoredFact, fact_id)
    audit.record(actor, "fact.dismiss", stored, after={"handler": handler, "reason": reason.strip()}, label=stored.key)


def _now() -> datetime:
    return db.session.execute(text("SELECT clock_timestamp()")).scalar_one()  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits and what fails, for health, metrics and the operators' screen."""

    pending: int
    failing: int
    oldest_seconds: float


def backlog() -> Backlog:
    """Counts of waiting and failing deliveries, and the age of the oldest that is due."""
    row = db.session.execute(
        text("""SELECT count(*) AS pending, count(*) FILTER (WHERE attempts > 0) AS failing,
                  coalesce(extract(epoch FROM clock_timestamp() - min(next_try_at)), 0) AS oldest
                FROM fact_deliveries WHERE state = 'pending'""")
    ).one()
    return Backlog(row.pending, row.failing, max(float(row.oldest), 0.0))


def failing(limit: int = 100) -> Sequence[tuple[Delivery, StoredFact]]:
    """Deliveries that failed at least once and still wait, oldest first."""
    query = (
        select(Delivery, StoredFact)
        .join(StoredFact, StoredFact.id == Delivery.fact_id)
        .where(Delivery.state == DeliveryState.PENDING, Delivery.attempts > 0)
        .order_by(Delivery.fact_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]
