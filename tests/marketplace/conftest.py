"""People for the kernel's tests: rows of their own and an actor put in their place, without signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from marketplace.db import db
from marketplace.edge import Exchange
from marketplace.permissions import Actor, Permission


def make_person(name: str = "张三", email: str = "", locale: str = "zh_CN") -> int:
    """A user's id; committed."""
    statement = text("INSERT INTO users (email, name, locale) VALUES (:email, :name, :locale) RETURNING id")
    values = {"email": email or f"{name}@example.cn".lower(), "name": name, "locale": locale}
    made = db.session.execute(statement, values).scalar_one()
    db.session.commit()
    return int(made)


@pytest.fixture
def person(app: Exchange) -> int:
    return make_person()


@pytest.fixture
def acting(app: Exchange, person: int) -> Iterator[Callable[..., Actor]]:
    """Let the client's requests be this actor's: `acting(Permission.SYSTEM_OPERATE)`."""
    before = app.actor_loader

    def act(*permissions: Permission, user_id: int | None = None) -> Actor:
        actor = Actor(user_id or person, "张三", frozenset({Permission.ACCOUNT_USE, *permissions}))
        app.actor_loader = lambda: actor
        return actor

    yield act
    app.actor_loader = before
