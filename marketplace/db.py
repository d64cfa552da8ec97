"""The one database: base class, column types, session, and who commits when.

A request is one transaction, committed by the kernel after the view returns (`marketplace.edge`).
Commands and jobs wrap their work in `unit_of_work()`. Services never commit.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Identity,
    MetaData,
    String,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from .settings import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Column types used everywhere, so that one word means one thing.
BigId = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())]


class Base(DeclarativeBase):
    """Every table of ours: typed columns, named constraints, big integer keys, UTC moments."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            int: BigInteger,
            datetime: DateTime(timezone=True),
            dict[str, Any]: JSONB,
            list[Any]: JSONB,
            list[str]: JSONB,
        },
    )


M = TypeVar("M", bound=Base)

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class EnumText(TypeDecorator[Any]):
    """Stores a `StrEnum` member's value as text and gives the member back."""

    impl = String
    cache_ok = True

    def __init__(self, values: type[enum.StrEnum]) -> None:
        super().__init__(40)
        self.values = values

    def process_bind_param(self, value: Any, _dialect: Any) -> str | None:
        return None if value is None else str(self.values(value).value)

    def process_result_value(self, value: Any, _dialect: Any) -> Any:
        return None if value is None else self.values(value)


def enum_column(values: type[enum.StrEnum], **options: Any) -> Any:
    """A column holding one of `values`; pair it with `enum_check` in `__table_args__`."""
    return mapped_column(EnumText(values), **options)


def enum_check(column: str, values: type[enum.StrEnum]) -> CheckConstraint:
    """The database itself refuses a value that the enum does not have."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


#: Tables whose rows are facts about the past: the application role may only INSERT and SELECT,
#: and a trigger refuses UPDATE, DELETE and TRUNCATE to everybody. Filled by `append_only`.
APPEND_ONLY: set[str] = set()


def append_only(model: type[M]) -> type[M]:
    """Class decorator: rows of this table never change (see `marketplace.guards`)."""
    APPEND_ONLY.add(model.__tablename__)
    return model


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction for a command or a job: committed at the end, rolled back on any error."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.remove()


def engine_options(settings: Settings) -> dict[str, Any]:
    """Pool and connection options of the ordinary engine; an empty pool raises instead of hanging."""
    return {
        "pool_size": settings.pool_size,
        "max_overflow": 0,
        "pool_timeout": settings.pool_timeout,
        "pool_pre_ping": False,
        "connect_args": connect_options(settings),
    }


def connect_options(settings: Settings) -> dict[str, Any]:
    """Psycopg options: UTC, and the guarded role where one login serves both purposes."""
    options = "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s"
    if settings.owner_url == settings.database_url and settings.database_role:
        options += f" -c role={settings.database_role}"
    return {"options": options, "application_name": "exchange"}


def sqlalchemy_url(url: str) -> str:
    """The same address for SQLAlchemy, which wants the driver in the scheme."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the session to this installation's database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = sqlalchemy_url(settings.database_url) or "postgresql+psycopg://"
    options = engine_options(settings)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    # See `marketplace.side`: what a rolled-back request must not take back.
    side = {**options, "pool_size": settings.side_pool_size, "isolation_level": "AUTOCOMMIT"}
    app.config["SQLALCHEMY_BINDS"] = {"side": {"url": app.config["SQLALCHEMY_DATABASE_URI"], **side}}
    db.init_app(app)
