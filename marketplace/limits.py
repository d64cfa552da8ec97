"""Rate limits and lock-outs, counted in PostgreSQL for all processes together.

Each count is one upsert in a transaction of its own (`marketplace.side`), so that a refused request, whose own
transaction is rolled back, has still been counted. Keys say what is limited: `sign_in:<address>`, `token:17`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from . import side
from .db import Base, db
from .errors import TooMany

#: Wrong tries that pass without a wait; from then on each one locks for longer.
FREE_TRIES = 5
#: Seconds locked after the 5th, 6th, … wrong try; the last repeats.
LOCK_SECONDS = (30, 60, 300, 900, 3600)
#: A series of wrong tries is forgotten after this many seconds without one.
FORGET_SECONDS = 24 * 3600


class RateCounter(Base):
    """Hits within the present window of one key."""

    __tablename__ = "rate_counters"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    hits: Mapped[int]
    window_ends_at: Mapped[datetime] = mapped_column(index=True)


class Lockout(Base):
    """Wrong tries in a row for one key, and until when it is locked."""

    __tablename__ = "lockouts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


_HIT = """
    INSERT INTO rate_counters AS c (key, hits, window_ends_at)
    VALUES (:key, :cost, clock_timestamp() + make_interval(secs => :window))
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN c.window_ends_at <= clock_timestamp() THEN :cost ELSE c.hits + :cost END,
        window_ends_at = CASE WHEN c.window_ends_at <= clock_timestamp()
                              THEN clock_timestamp() + make_interval(secs => :window) ELSE c.window_ends_at END
    RETURNING hits, extract(epoch FROM window_ends_at - clock_timestamp()) AS rest
"""


def hit(key: str, limit: int, window_s: int, cost: int = 1) -> int:
    """Count one use of `key`; returns what is left in the window.

    Raises:
        TooMany: the window's limit is used up.
    """
    counted = side.row(_HIT, key=key[:200], window=window_s, cost=cost)
    assert counted is not None  # noqa: S101 - an upsert always returns its row
    if counted["hits"] > limit:
        raise TooMany(retry_after=max(1, ceil(counted["rest"])))
    return limit - int(counted["hits"])


def lock_seconds(failures: int) -> int:
    """How long the key is locked after this many wrong tries in a row; 0: not at all."""
    if failures < FREE_TRIES:
        return 0
    return LOCK_SECONDS[min(failures - FREE_TRIES, len(LOCK_SECONDS) - 1)]


_FAILED = """
    INSERT INTO lockouts AS l (key, failures, last_failed_at) VALUES (:key, 1, clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET last_failed_at = clock_timestamp(),
        failures = CASE WHEN l.last_failed_at < clock_timestamp() - make_interval(secs => :forget)
                        THEN 1 ELSE l.failures + 1 END
    RETURNING failures
"""
_LOCK = """
    UPDATE lockouts SET locked_until = clock_timestamp() + make_interval(secs => :seconds) WHERE key = :key
"""


def failed(key: str) -> int:
    """Count a wrong try and lock the key for as long as the table says; returns the tries in a row."""
    counted = side.row(_FAILED, key=key[:200], forget=FORGET_SECONDS)
    failures = int(counted["failures"]) if counted else 0
    seconds = lock_seconds(failures)
    if seconds:
        side.run(_LOCK, key=key[:200], seconds=seconds)
    return failures


def succeeded(key: str) -> None:
    """Forget the wrong tries: the right one came."""
    side.run("DELETE FROM lockouts WHERE key = :key", key=key[:200])


def check_lock(key: str) -> None:
    """Let through unless the key is locked; call before looking at a password.

    Raises:
        TooMany: locked, with the seconds that remain.
    """
    locked = side.row(
        "SELECT extract(epoch FROM locked_until - clock_timestamp()) AS rest FROM lockouts"
        " WHERE key = :key AND locked_until > clock_timestamp()",
        key=key[:200],
    )
    if locked is not None:
        raise TooMany(retry_after=max(1, ceil(locked["rest"])))


@dataclass(frozen=True, slots=True)
class Locked:
    """A key that is locked: how many wrong tries in a row, and for how many seconds still."""

    key: str
    failures: int
    seconds: int


def locked() -> list[Locked]:
    """Every key that is locked now, the longest first."""
    rest = func.extract("epoch", Lockout.locked_until - func.clock_timestamp())
    query = select(Lockout.key, Lockout.failures, rest).where(Lockout.locked_until > func.clock_timestamp())
    return [Locked(key, tries, ceil(left)) for key, tries, left in db.session.execute(query.order_by(rest.desc()))]


def forget_old() -> None:
    """Remove counters whose window is over and locks that nobody tried for a day."""
    side.run("DELETE FROM rate_counters WHERE window_ends_at < clock_timestamp() - interval '1 hour'")
    side.run(
        "DELETE FROM lockouts WHERE last_failed_at < clock_timestamp() - make_interval(secs => :forget)",
        forget=FORGET_SECONDS,
    )
