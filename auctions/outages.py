"""An outage is not a hammer: time in which nobody could bid is given back, with a full cycle to bid in.

The closer's heartbeat says since when the exchange was away. Longer than the announced tolerance, in an auction's
last period, counts as a suspension from then until now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .engine import Phase, Resume, State, Suspend, decide
from .engine.lifecycle import RUNNING
from .storage import Book, Connection

HEARTBEAT = "closer"
#: A shorter silence of the closer is no interruption for any auction.
SHORTEST = timedelta(seconds=5)
REASON = "系统中断，时间顺延 / The exchange was interrupted; the time lost is given back."

CANDIDATES = """
    SELECT id FROM auctions WHERE state IN ('announced', 'open') AND starts_at <= clock_timestamp() AND ends_at > %s
    ORDER BY id"""


def last_beat(connection: Connection) -> datetime | None:
    """When the closer last said that it works; None before it ever ran."""
    row = connection.execute("SELECT at FROM heartbeats WHERE name = %s", (HEARTBEAT,)).fetchone()
    return row[0] if row else None


def interrupted_since(state: State, tolerance_s: int, beat: datetime | None, now: datetime) -> datetime | None:
    """Since when this auction was cut off in its last period, or None where the end stands as it is.

    Whatever was decided proves that the exchange was there: the interruption begins after it.
    """
    if beat is None or state.phase not in RUNNING:
        return None
    since = beat if state.last_at is None or state.last_at < beat else state.last_at
    if now - since <= timedelta(seconds=tolerance_s):
        return None
    return since if since < state.ends_at and now >= _last_period(state, tolerance_s) else None


def _last_period(state: State, tolerance_s: int) -> datetime:
    """Where the last period begins: with the timed cycles, or one extension before a fixed end."""
    if state.phase is Phase.TIMED or state.free_ends_at < state.ends_at:
        return state.free_ends_at
    return state.ends_at - timedelta(seconds=state.rules.extension_s or tolerance_s)


def forgive(book: Book, since: datetime, now: datetime) -> None:
    """Suspend from then, resume now."""
    for command in (Suspend(REASON, since), Resume(REASON)):
        decision = decide(book.state, command, now)
        book.add(decision.state, decision.events)
