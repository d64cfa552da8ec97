"""What the kernel may know of a person: how to reach them, in which language, and what they want to hear.

`accounts` owns the table; the kernel reads these few columns by name, because it imports no feature.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from .db import db


@dataclass(frozen=True, slots=True)
class Person:
    """A user who can be told something."""

    id: int
    name: str
    email: str
    locale: str
    #: `{event: {channel: bool}}`; what is not there has its default.
    preferences: dict[str, Any]


_READ = text("""
    SELECT id, name, email, locale, notice_preferences AS preferences FROM users
    WHERE id = ANY(:ids) AND disabled_at IS NULL ORDER BY id
""")


def people(ids: Iterable[int]) -> list[Person]:
    """The active people with these ids, each once."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    return [Person(**row) for row in db.session.execute(_READ, {"ids": wanted}).mappings()]


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id, of disabled people too: lists of the past show them."""
    wanted = sorted({one for one in ids if one is not None})
    rows = db.session.execute(text("SELECT id, name FROM users WHERE id = ANY(:ids)"), {"ids": wanted})
    return {row.id: row.name for row in rows}


def set_preferences(user_id: int, preferences: dict[str, Any]) -> None:
    """Store what a person wants to hear."""
    statement = text("UPDATE users SET notice_preferences = CAST(:value AS jsonb) WHERE id = :id")
    db.session.execute(statement, {"id": user_id, "value": json.dumps(preferences)})
