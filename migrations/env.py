"""Migrations run as the owner, one at a time, and give up rather than block a busy table."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool, text

from marketplace.db import db, sqlalchemy_url

#: Two installations starting at once migrate one after the other.
MIGRATION_LOCK = 7_203_001


def run() -> None:
    settings = current_app.extensions["exchange.settings"]
    engine = create_engine(sqlalchemy_url(settings.owner_url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        # A lock waited for longer than this would stand in front of every other query of the table.
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_type=True,
            transaction_per_migration=True,
            include_object=_ours,
        )
        with context.begin_transaction():
            context.run_migrations()


def _ours(obj: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Partitions and tables made by operators are not ours to compare."""
    return not (kind == "table" and reflected and name not in db.metadata.tables)


run()
