"""Keeping a bulk of ordinary writes quick: small transactions, facts handled as they come, fresh statistics.

A new database has no statistics, so its first plans read whole tables and stay in use while these grow. The owner
looks at the tables anew each time the work has doubled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

import psycopg
from sqlalchemy import event

from marketplace import outbox, outbox_bulk
from marketplace.db import db
from marketplace.kernel import settings

T = TypeVar("T")


def batched(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`; between them facts are handled and, now and then, statistics taken."""
    iterator, count = iter(items), 0
    while batch := list(islice(iterator, size)):
        yield batch
        count += 1
        deliver()
        if count & (count - 1) == 0:
            analyse()


def deliver() -> int:
    """Let the packages hear of everything that happened, as the worker would."""
    count = 0
    while done := outbox_bulk.deliver_together(500) or outbox.deliver_due(500):
        count += done
    return count


def analyse() -> None:
    """Let PostgreSQL see how large the tables are by now."""
    with psycopg.connect(settings().owner_url or settings().database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def hurry() -> None:
    """Let this process's commits not wait for the disk: a load that a power cut spoils is simply made again."""
    if not event.contains(db.engine, "checkout", _do_not_wait):
        event.listen(db.engine, "checkout", _do_not_wait)


def _do_not_wait(connection: psycopg.Connection, *_: object) -> None:
    connection.execute("SET synchronous_commit = off")
