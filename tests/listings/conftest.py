"""The cast of these tests, and time travel: only the tests' owner role may shift what has been stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from marketplace.db import db
from tests.factories.listings import Cast, make_cast
from tests.support.databases import Database


@pytest.fixture
def cast(app: object) -> Cast:
    """A university's editor and approver, and a reviewer."""
    return make_cast()


@pytest.fixture
def shift(app: object, database: Database) -> Callable[..., None]:
    """`shift("UPDATE …", values)`: move what is stored into the past, on a connection of its own."""

    def run(statement: str, *values: Any) -> None:
        db.session.commit()
        with psycopg.connect(database.owner_url) as connection:
            connection.execute(statement, values)
        db.session.expire_all()

    return run
