"""What time alone does to auctions: open them, end their free period, close them, and forgive an outage.

The closer sweeps each second; the desk calls the same `end` when a bid arrives late. Nobody leads, so nobody can
hang: rows are taken with SKIP LOCKED, a batch that fails is halved until the bad auction stands alone with an
alarm, and rows that stay locked past their end are waited for, so that a flood of late bids cannot starve the close.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
import structlog

from marketplace.db import connect_options
from marketplace.fault import declare, fault
from marketplace.kernel import settings as current_settings
from marketplace.settings import Settings

from . import outages, settlement, storage
from .engine import Close, advance, decide
from .engine.lifecycle import RUNNING
from .storage import Book, Connection

log = structlog.get_logger(__name__)

BEFORE_COMMIT = declare("close.before_commit", "ends are written with their facts and not committed")
AFTER_COMMIT = declare("close.after_commit", "ends are committed and the closer has not gone on")

BATCH = 500
#: An auction that others still lock this long after it was due is waited for, this long at most.
OVERDUE_SECONDS = 2
WAIT = "SET LOCAL lock_timeout = '3s'"

_QUIET = "NOT EXISTS (SELECT FROM close_alarms c WHERE c.auction_id = a.id AND c.cleared_at IS NULL)"
DUE = f"""SELECT {storage.COLUMNS} FROM auctions a WHERE a.due_at <= clock_timestamp() AND {_QUIET}
    ORDER BY a.due_at, a.id LIMIT %s FOR UPDATE OF a SKIP LOCKED"""  # noqa: S608 - constants of ours
BY_ID = f"""SELECT {storage.COLUMNS} FROM auctions a WHERE a.id = ANY(%s)
    ORDER BY a.id FOR UPDATE OF a"""  # noqa: S608 - constants of ours
OVERDUE = f"""SELECT a.id FROM auctions a
    WHERE a.due_at <= clock_timestamp() - make_interval(secs => %s) AND {_QUIET}
    ORDER BY a.due_at LIMIT 100"""  # noqa: S608 - constants of ours
#: Auctions under alarm are tried again alone, at growing pauses.
ALARMED = """
    SELECT auction_id FROM close_alarms WHERE cleared_at IS NULL
        AND last_at <= clock_timestamp() - least(attempts * 5, 60) * interval '1 second' ORDER BY last_at LIMIT 20"""
RAISE_ALARM = """
    INSERT INTO close_alarms (auction_id, error) VALUES (%s, %s)
    ON CONFLICT (auction_id) WHERE cleared_at IS NULL
    DO UPDATE SET error = EXCLUDED.error, attempts = close_alarms.attempts + 1, last_at = clock_timestamp()"""
CLEAR_ALARM = "UPDATE close_alarms SET cleared_at = clock_timestamp() WHERE auction_id = %s AND cleared_at IS NULL"


def connect(settings: Settings) -> Connection:
    """A connection of the closer's own."""
    return psycopg.connect(
        settings.database_url, **{**connect_options(settings), "application_name": "exchange closer"}
    )


def close_due(limit: int = 100_000) -> int:
    """Move on every auction that is due, up to `limit`; returns how many."""
    with connect(current_settings()) as connection:
        return sweep(connection, limit)


def sweep(connection: Connection, limit: int = 100_000) -> int:
    """One sweep: what is due and free, what is overdue and locked, what stands under alarm."""
    done = 0
    while done < limit:
        count = _take_due(connection, min(BATCH, limit - done))
        done += count
        if not count:
            break
    for auction_id in _ids(connection, OVERDUE, (OVERDUE_SECONDS,)) + _ids(connection, ALARMED):
        done += _alone(connection, auction_id)
    return done


def _take_due(connection: Connection, size: int) -> int:
    rows = connection.execute(DUE, (size,)).fetchall()
    if not _moved(connection, rows):
        _halve(connection, [row[0] for row in rows])
    return len(rows)


def _halve(connection: Connection, ids: list[int]) -> None:
    """Split what failed together until the bad auction stands alone."""
    if len(ids) == 1:
        _alone(connection, ids[0])
        return
    for part in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        if not _moved(connection, connection.execute(BY_ID, (part,)).fetchall()):
            _halve(connection, part)


def _moved(connection: Connection, rows: Sequence[Sequence[Any]]) -> bool:
    """Move locked auctions on; False if something among them fails, which is then looked for."""
    try:
        _move(connection, rows)
    except psycopg.OperationalError:
        # The server is away or stops us: no auction's fault, and the next sweep begins anew.
        raise
    except Exception as error:  # noqa: BLE001 - logged in full when it stands alone
        log.warning("close_batch_failed", auctions=len(rows), error=str(error))
        connection.rollback()
        return False
    return True


def _alone(connection: Connection, auction_id: int) -> int:
    """Move one auction on, waiting for its lock; an error becomes its alarm."""
    try:
        connection.execute(WAIT)
        rows = connection.execute(BY_ID, ([auction_id],)).fetchall()
        connection.execute(CLEAR_ALARM, (auction_id,))
        _move(connection, rows)
    except psycopg.errors.LockNotAvailable:
        log.warning("close_waits_for_lock", auction=auction_id)
        connection.rollback()
        return 0
    except psycopg.OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - logged with its alarm
        _raise_alarm(connection, auction_id, error)
        return 0
    return 1


def _move(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    """Do what is due to locked auctions and commit."""
    if not rows:
        connection.rollback()
        return
    now, beat = storage.now(connection), outages.last_beat(connection)
    books = storage.books(connection, rows)
    for book in books:
        moment = _clamp(book, now)
        due = advance(book.state, moment)
        book.add(due.state, due.events)
        end(book, moment, beat)
        # What is due next is reckoned anew, although bids left the old bound standing.
        book.due_at = None
    settlement.write(connection, books)
    fault(BEFORE_COMMIT)
    connection.commit()
    fault(AFTER_COMMIT)
    storage.remember(books)


def _clamp(book: Book, now: datetime) -> datetime:
    last = book.state.last_at
    return now if last is None or now > last else last


def end(book: Book, now: datetime, beat: datetime | None) -> None:
    """Close an auction whose end has passed, unless nobody could bid towards it: then it goes on."""
    if book.state.phase not in RUNNING or now < book.state.ends_at:
        return
    since = outages.interrupted_since(book.state, book.tolerance_s, beat, now)
    if since is not None:
        outages.forgive(book, since, now)
        return
    decision = decide(book.state, Close(), now)
    book.add(decision.state, decision.events)


def after_outage(connection: Connection) -> int:
    """Give time back to every auction that an interruption has hit. Runs before the closer beats again."""
    beat = outages.last_beat(connection)
    if beat is None or storage.now(connection) - beat < outages.SHORTEST:
        connection.rollback()
        return 0
    log.warning("closer_was_away", since=beat.isoformat())
    return sum(_give_back(connection, auction_id, beat) for auction_id in _ids(connection, outages.CANDIDATES, (beat,)))


def _give_back(connection: Connection, auction_id: int, beat: datetime) -> int:
    try:
        connection.execute(WAIT)
        book, now = storage.lock_one(connection, auction_id)
        moment = _clamp(book, now)
        due = advance(book.state, moment)
        book.add(due.state, due.events)
        since = outages.interrupted_since(book.state, book.tolerance_s, beat, moment)
        if since is None:
            connection.rollback()
            return 0
        outages.forgive(book, since, moment)
        settlement.write(connection, [book])
        connection.commit()
    except psycopg.OperationalError:
        # Locked for long or the server gone again: without our beat, the next round comes back to it.
        raise
    except Exception as error:  # noqa: BLE001 - logged with its alarm
        _raise_alarm(connection, auction_id, error)
        return 0
    log.warning("outage_forgiven", auction=book.number, seconds=(moment - since).total_seconds())
    storage.remember([book])
    return 1


def _raise_alarm(connection: Connection, auction_id: int, error: Exception) -> None:
    log.error("close_failed", auction=auction_id, exc_info=error)
    connection.rollback()
    connection.execute(RAISE_ALARM, (auction_id, f"{type(error).__name__}: {error}"[:2000]))
    connection.commit()


def _ids(connection: Connection, query: str, parameters: tuple[Any, ...] = ()) -> list[int]:
    found = [row[0] for row in connection.execute(query, parameters)]
    connection.rollback()
    return found
