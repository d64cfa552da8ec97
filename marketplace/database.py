"""`script/database`: what an operator does with the database itself, whichever server holds it.

script/database status            who answers, which version, how large
script/database psql [ARGUMENT…]  a prompt as the owner
script/database dump FILE         everything into one file (pg_dump's custom format)
script/database restore FILE      empty the database and fill it from such a file
script/database stop              stop the embedded server although others use it
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from .installation import NotReady, database_home, enter, folder, owner_connection
from .postgres import PostgresError, stop
from .postgres.binaries import bundled


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands above."""
    commands: dict[str, tuple[int | None, Callable[..., int]]] = {
        "status": (0, status),
        "psql": (None, psql),
        "dump": (1, dump),
        "restore": (1, restore),
        "stop": (0, halt),
    }
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    count, command = commands.get(name, (0, None))
    if command is None or count not in (None, len(rest)):
        sys.exit((__doc__ or "").strip())
    try:
        return command(*rest)
    except (NotReady, PostgresError) as error:
        sys.exit(str(error))


def status() -> int:
    """Say what is there without starting anything that is not."""
    embedded = not os.environ.get("DATABASE_URL")
    if embedded and not (database_home() / "prepared").exists():
        print(f"There is no database in {folder()} yet: script/server makes it.")
        return 1
    enter()
    with owner_connection() as connection:
        row = connection.execute("SELECT version(), pg_size_pretty(pg_database_size(current_database()))").fetchone()
        used = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'exchange_app'").fetchone()
    version, size = row or ("", "")
    print(f"{version.split(' on ')[0]}, {size}, {used[0] if used else 0} connections of the application")
    print(f"embedded in {database_home()}" if embedded else "named by DATABASE_URL")
    return 0


def psql(*arguments: str) -> int:
    enter()
    return _run("psql", _owner_url(), *arguments)


def dump(file: str) -> int:
    """Written aside and renamed, so that a file of this name is always a whole backup."""
    enter()
    target = Path(file).absolute()
    aside = target.with_name(f"{target.name}.part")
    code = _run("pg_dump", "--format=custom", f"--file={aside}", _owner_url())
    if code == 0:
        aside.rename(target)
    return code


def restore(file: str) -> int:
    """All or nothing: one transaction empties the database and fills it.

    Emptied by `DROP OWNED`, because default privileges that stayed behind would give the restored append-only
    tables rights that the backup does not name and so does not take away.
    """
    enter()
    _refuse_while_in_use()
    with tempfile.TemporaryDirectory() as aside:
        script = Path(aside, "restore.sql")
        code = _run("pg_restore", "--no-owner", f"--file={script}", file)
        whole = ("--single-transaction", "--set=ON_ERROR_STOP=1", "--quiet", "--output=/dev/null")
        return code or _run("psql", _owner_url(), *whole, "--command=DROP OWNED BY CURRENT_USER", f"--file={script}")


def halt() -> int:
    stop(database_home())
    return 0


def _refuse_while_in_use() -> None:
    with owner_connection() as connection:
        others = _others(connection)
    if others:
        raise NotReady(f"{others} connections are using the database: stop script/server and other commands first.")


def _others(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchone()
    return int(row[0]) if row else 0


def _owner_url() -> str:
    return os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


def _run(program: str, *arguments: str) -> int:
    return subprocess.run([str(bundled() / program), *arguments], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
