"""A few connections beside the request's own, each statement its own transaction.

What must be kept although the request is rolled back (a failed password counted), and what may never
wait behind a request's locks (heartbeats), goes through here. They have a small pool of their own: taking a
second connection from the ordinary pool while holding a first could stop all requests at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, RowMapping, text

from .db import db

BIND = "side"


@contextmanager
def connection() -> Iterator[Connection]:
    """A connection in autocommit."""
    with db.engines[BIND].connect() as connected:
        yield connected


def run(statement: str, **values: Any) -> None:
    """Run one statement, committed at once."""
    with connection() as connected:
        connected.execute(text(statement), values)


def row(statement: str, **values: Any) -> RowMapping | None:
    """The first row of one statement, committed at once."""
    with connection() as connected:
        return connected.execute(text(statement), values).mappings().first()


def init_app(app: Flask) -> None:
    """Let whoever disposes of the application's connections dispose of these too."""

    def dispose() -> None:
        with app.app_context():
            db.engines[BIND].dispose()

    app.extensions.setdefault("exchange.disposers", []).append(dispose)
