"""This installation, as its commands find it: folder, secrets, and a database that is there.

Used by `script/server` and `script/flask` before the application is built. It imports little, so that a
second start takes no longer than it must.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import psycopg

from . import postgres
from .postgres import PostgresError
from .secrets_file import kept
from .settings import load_settings

ROOT = Path(__file__).resolve().parent.parent


class NotReady(Exception):
    """The installation cannot run; the message is one sentence for a person."""


def folder() -> Path:
    """INSTANCE_DIR, by default `instance/` in the project."""
    return Path(os.environ.get("INSTANCE_DIR") or ROOT / "instance").absolute()


def database_home() -> Path:
    return folder() / "postgres"


def enter() -> None:
    """Set the environment that the application and its processes read; have a database answering.

    Raises:
        NotReady: the folder or the database cannot be had.
    """
    os.environ.setdefault("EXCHANGE_ENV", "development")
    os.environ["INSTANCE_DIR"] = str(folder())
    # Our own programs (granian, flask) before any others of the same name.
    os.environ["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        if os.environ["EXCHANGE_ENV"] != "production":
            os.environ.setdefault("SECRET_KEY", kept(folder() / "keys", "secret"))
            os.environ.setdefault("EVIDENCE_SEED", kept(folder() / "keys", "evidence"))
    except OSError as error:
        raise NotReady(
            f"Cannot write to {folder()} ({error.strerror}): make it writable, or choose another with INSTANCE_DIR."
        ) from error
    if not os.environ.get("DATABASE_URL"):
        try:
            os.environ.update(postgres.ensure_running(database_home()).environment())
        except PostgresError as error:
            raise NotReady(str(error)) from error


def owner_connection() -> psycopg.Connection:
    """A connection as the owner.

    Raises:
        NotReady: the database does not answer.
    """
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise NotReady(f"The database that DATABASE_URL names does not answer: {reason}") from error


def check_connections(limit: int) -> None:
    """Refuse to start with pools that together may ask for more connections than the server gives.

    Raises:
        NotReady: they may; better now than at the busiest moment of an auction.
    """
    settings = load_settings()
    # Closer and worker have pools as the web workers do; the live process reads over a connection or two.
    processes = settings.web_workers + 2
    needed = processes * (settings.pool_size + settings.desk_pool_size + settings.side_pool_size) + 2
    if needed > limit:
        raise NotReady(
            f"The pools may take {needed} connections and the database gives {limit}: lower POOL_SIZE or WEB_WORKERS, "
            "or raise max_connections."
        )


def latest_revision() -> str:
    """The newest migration, read from the files alone: the one that no other builds on."""
    revisions, parents = set(), set()
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        text = path.read_text()
        revision = re.search(r'^revision = "(\w+)"', text, re.MULTILINE)
        parent = re.search(r'^down_revision = "(\w+)"', text, re.MULTILINE)
        revisions |= {revision[1]} if revision else set()
        parents |= {parent[1]} if parent else set()
    return max(revisions - parents)


def _connection_limit(connection: psycopg.Connection) -> int:
    """What is left for ordinary roles."""
    names = ("max_connections", "superuser_reserved_connections", "reserved_connections")
    most, *reserved = (int(connection.execute(f"SHOW {name}").fetchone()[0]) for name in names)  # type: ignore[index]
    return most - sum(reserved)


def database_state() -> tuple[bool, bool]:
    """Whether the schema is the newest, and whether anybody has an account."""
    with owner_connection() as connection:
        check_connections(_connection_limit(connection))
        found = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if found is None or found[0] is None:
            return False, False
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if row is None or row[0] != latest_revision():
            return False, False
        people = connection.execute("SELECT EXISTS (SELECT FROM users)").fetchone()
        return True, bool(people and people[0])
