"""One installation's server: its folders, its first set-up, its start. Who may stop it is `lease.py`'s matter."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg
from psycopg import sql

from .account import Account, server_account
from .binaries import runnable_by, shared_folder
from .errors import PostgresError
from .lease import open_lock, wait_lock
from .watchdog import gone, server_pid, server_status, stop_server

Purpose = Literal["instance", "tests", "bench"]

DATABASE = "exchange"
OWNER, APP, ADMIN = "exchange_owner", "exchange_app", "postgres"
#: The longest socket path the system takes, less the file's own name.
SOCKET_ROOM = 103 - len("/.s.PGSQL.5432")
#: A server that recovers after a crash may take minutes.
START_SECONDS = 300
LEAVE_SECONDS = 30

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    "jit": "off",  # our statements are short; compiling them costs more than it saves
}
#: Tests throw their data away, so nothing there has to survive a power cut.
UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "256MB",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server answers, for each of its three roles (libpq addresses)."""

    owner_url: str
    app_url: str
    admin_url: str

    def environment(self) -> dict[str, str]:
        """What a child process needs to use this database instead of starting one."""
        return {"DATABASE_URL": self.app_url, "DATABASE_OWNER_URL": self.owner_url}


class Cluster:
    """`home` is ours: locks, passwords, the record of the place. `place` is the server account's: data, socket, log."""

    def __init__(self, home: Path, purpose: Purpose) -> None:
        self.home = home
        self.purpose = purpose

    @cached_property
    def place(self) -> Path:
        """In `home`, unless the server's account cannot reach it; then in a folder noted in `home/place`."""
        note = self.home / "place"
        if note.exists():
            return Path(note.read_text().strip())
        inside = self.home / "server"
        if inside.exists() or server_account(inside).can_enter(self.home):
            return inside
        outside = shared_folder() / f"server-{secrets.token_hex(6)}"
        note.write_text(f"{outside}\n")
        return outside

    @cached_property
    def account(self) -> Account:
        return server_account(self.data if self.data.exists() else self.place)

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "log"

    @property
    def socket_folder(self) -> Path:
        """A private folder, short enough for the system's limit on socket paths."""
        inside = self.place / "socket"
        if len(os.fsencode(inside)) <= SOCKET_ROOM:
            return inside
        name = hashlib.sha256(os.fsencode(self.place)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"exchange-{name}"

    @property
    def folders(self) -> list[Path]:
        """Everything on disk, for whoever removes the installation."""
        return [self.place, self.home, self.socket_folder]

    @property
    def running(self) -> bool:
        return server_status(self.data) == "ready"

    def endpoint(self) -> Endpoint:
        """Addresses for the three roles."""
        return Endpoint(self._url(OWNER, DATABASE), self._url(APP, DATABASE), self._url(ADMIN, "postgres"))

    def start(self) -> None:
        """Make the data on the first run; start the server unless one already runs on them."""
        if not self.data.exists():
            self._create()
        if server_status(self.data) == "starting":
            self._wait_until_ready()
        if not self.running:
            # One that is stopping gets its time; what a killed one left behind and will not go is ended.
            if not gone(self.data, LEAVE_SECONDS):
                self.stop()
            self._forget_stale_server()
            self._launch()
        self._ensure_roles()

    def stop(self) -> None:
        """Stop the server whoever uses it."""
        if not stop_server(self.data):
            raise PostgresError(f"The database server in {self.data} does not stop; see {self.log}.")

    def remove(self) -> None:
        """Stop the server and delete everything it kept."""
        self.stop()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    # -- set-up ------------------------------------------------------------------------------------

    @cached_property
    def _passwords(self) -> dict[str, str]:
        path = self.home / "passwords.json"
        if not path.exists():
            if self.data.exists():
                raise PostgresError(f"{path} is missing, so its database cannot be opened: put it back or start anew.")
            _write_private(path, json.dumps({role: secrets.token_urlsafe(32) for role in (OWNER, APP, ADMIN)}))
        passwords: dict[str, str] = json.loads(path.read_text())
        return passwords

    def _url(self, role: str, database: str) -> str:
        folder = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}:{quote(self._passwords[role])}@/{database}?host={folder}&port={SETTINGS['port']}"

    def _create(self) -> None:
        """Build the data folder aside and rename it, so that an interrupted set-up is simply done again.

        The set-up program outlives us if we are killed, and would go on writing into the next one's folder. It
        therefore inherits a lock, which the kernel drops only when it and its children have ended.
        """
        self._private_folder(self.place)
        making = open_lock(self.home / "making")
        try:
            wait_lock(making, fcntl.LOCK_EX, "setting up the database")
            self._create_aside(self.place / "data.new", making)
        finally:
            os.close(making)

    def _create_aside(self, aside: Path, making: int) -> None:
        shutil.rmtree(aside, ignore_errors=True)
        password = self.place / "password"
        _write_private(password, self._passwords[ADMIN])
        self.account.own(password)
        self._run(
            "initdb", f"--pgdata={aside}", f"--username={ADMIN}", f"--pwfile={password}", "--auth=scram-sha-256",
            # Collation comes with PostgreSQL itself: the same order on every machine, whatever it has installed.
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if self.purpose == "tests" else []), inherits=(making,),
        )  # fmt: skip
        password.unlink()
        with (aside / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude '../server.conf'\n")
        aside.rename(self.data)

    def _launch(self) -> None:
        self._private_folder(self.socket_folder)
        self._write_settings()
        if self.log.exists() and self.log.stat().st_size > 10_000_000:
            self.log.unlink()
        self._run("pg_ctl", "start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_SECONDS), "-s")

    def _write_settings(self) -> None:
        values = SETTINGS | {"unix_socket_directories": str(self.socket_folder)}
        if self.purpose == "tests":
            values |= UNSAFE
        lines = ["{} = '{}'".format(name, value.replace("'", "''")) for name, value in values.items()]
        path = self.place / "server.conf"
        path.write_text("\n".join(lines) + "\n")
        self.account.own(path)

    def _private_folder(self, folder: Path) -> None:
        """Make it for the server's account alone; refuse one that somebody else prepared."""
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid not in (os.geteuid(), self.account.uid):
            raise PostgresError(f"{folder} belongs to somebody else; remove it and start again.")
        self.account.own(folder)

    def _forget_stale_server(self) -> None:
        """After `kill -9` the file of the dead server may name a number that another process now has.

        Only called when nothing works in the data folder, so shared memory cannot be in use either.
        """
        if server_pid(self.data) is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for lock in self.socket_folder.glob(".s.PGSQL.*.lock"):
                lock.unlink()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while server_status(self.data) == "starting" and time.monotonic() < deadline:
            time.sleep(0.02)

    def _run(self, program: str, *arguments: str, inherits: tuple[int, ...] = ()) -> None:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(self.place)}
        # pg_ctl's server inherits what we give as output, so a file takes it: a pipe would never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 - the server's own programs
                [runnable_by(self.account) / program, *arguments],
                check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd="/", env=environment, umask=0o077, pass_fds=inherits, **self.account.popen,
            )  # fmt: skip
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if done.returncode:
            tail = self.log.read_text(errors="replace").strip().splitlines()[-3:] if self.log.exists() else []
            raise PostgresError(" ".join([f"The database server did not start ({program}):", said, *tail]))

    def _ensure_roles(self) -> None:
        """Two roles and a database. Repeatable, because a first run may be interrupted anywhere."""
        done = self.home / "prepared"
        if done.exists():
            return
        with psycopg.connect(self._url(ADMIN, "postgres"), autocommit=True) as connection:
            for role in (OWNER, APP):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
                verb = sql.SQL("ALTER" if known else "CREATE")
                statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
                connection.execute(statement.format(verb, sql.Identifier(role), self._passwords[role]))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )
        done.touch()


def _write_private(path: Path, text: str) -> None:
    """Write a secret complete or not at all, readable by us alone from its first byte."""
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
