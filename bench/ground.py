"""What every benchmark stands on: a database server that loses nothing, the migrated schema, the real web process."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from flask_migrate import upgrade

from auctions import storage
from marketplace.app import create_app
from marketplace.edge import Exchange
from marketplace.postgres import Endpoint, ensure_running, release
from marketplace.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATE = "bench_template"
#: As the Procfile starts the web process.
WORKERS, THREADS = 2, 64


@dataclass
class Site:
    """One database with the application's view of it, and the addresses of its processes."""

    database_url: str
    owner_url: str
    admin_url: str
    instance: Path
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    seed: str = field(default_factory=lambda: secrets.token_hex(32))

    @property
    def environment(self) -> dict[str, str]:
        """Settings as in production, whose values the bench chose."""
        return {
            "EXCHANGE_ENV": "production",
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "INSTANCE_DIR": str(self.instance),
            "SECRET_KEY": self.secret,
            "EVIDENCE_SEED": self.seed,
            "PUBLIC_URL": "http://localhost",
            "LOG_LEVEL": "WARNING",
        }

    def connect(self) -> psycopg.Connection:
        """A connection with the application's rights."""
        return psycopg.connect(self.database_url, autocommit=True, options="-c timezone=UTC")

    def connect_owner(self) -> psycopg.Connection:
        return psycopg.connect(self.owner_url, autocommit=True, options="-c timezone=UTC")

    def app(self) -> Exchange:
        """The application in this process, for what is prepared through its services."""
        return create_app(load_settings(self.environment))

    def settle(self) -> None:
        """Let no benchmark pay for what prepared it."""
        with psycopg.connect(_named(self.admin_url, urlsplit(self.owner_url).path[1:]), autocommit=True) as admin:
            admin.execute("VACUUM ANALYZE")
            admin.execute("CHECKPOINT")

    def value(self, query: str, *parameters: object) -> int:
        """One figure from the database, in which every claim is counted again."""
        with self.connect() as connection:
            row = connection.execute(query, parameters).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def web(self, target: str = "wsgi:app") -> Iterator[int]:
        """Granian with this application; gives the port once it answers."""
        port = free_port()
        command = [
            str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
            "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--backlog", "2048",
            "--log-level", "error", target,
        ]  # fmt: skip
        with self.process(command):
            try:
                wait_for(f"http://127.0.0.1:{port}/health/live")
            except RuntimeError as error:
                raise RuntimeError((self.instance / "processes.log").read_text()[-3000:]) from error
            yield port

    @contextmanager
    def process(self, command: list[str], **extra: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process of this site with all it starts, ended at the end."""
        self.instance.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, **self.environment, **extra}
        with (self.instance / "processes.log").open("ab") as log:
            started = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            yield started
        finally:
            end(started)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process group to stop, then insist."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            continue


class Ground:
    """One server for the run, on which each benchmark gets a fresh copy of the migrated schema."""

    def __init__(self, home: Path, endpoint: Endpoint) -> None:
        self.home, self.endpoint = home, endpoint
        with psycopg.connect(endpoint.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER exchange_owner")
            self._must_be_safe(admin)
        with self._site(TEMPLATE).app().app_context():
            upgrade()

    def site(self, name: str) -> Site:
        """A database of this name, empty but for the schema."""
        # What this process keeps of auctions belongs to the database before.
        storage.forget()
        database = f"bench_{name.replace('-', '_')}"
        with psycopg.connect(self.endpoint.admin_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (TEMPLATE,),
            )
            admin.execute(f"CREATE DATABASE {database} TEMPLATE {TEMPLATE} OWNER exchange_owner STRATEGY FILE_COPY")
        return self._site(database)

    def _site(self, database: str) -> Site:
        urls = (self.endpoint.app_url, self.endpoint.owner_url, self.endpoint.admin_url)
        app_url, owner_url, _ = (_named(url, database) for url in urls)
        return Site(app_url, owner_url, self.endpoint.admin_url, self.home / database)

    @staticmethod
    def _must_be_safe(admin: psycopg.Connection) -> None:
        """A figure from a server that may lose commits would mean nothing."""
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            (value,) = admin.execute("SELECT current_setting(%s)", (name,)).fetchone() or ("",)
            if value != "on":
                raise RuntimeError(f"{name} is {value}")


@contextmanager
def ground() -> Iterator[Ground]:
    """A server in a folder of its own, gone at the end."""
    home = Path(tempfile.mkdtemp(prefix="exchange-bench-"))
    home.chmod(0o711)
    try:
        yield Ground(home, ensure_running(home / "postgres", "bench", temporary=True))
    finally:
        release(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, seconds: float = 60) -> None:
    """Until the address answers at all."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{address} does not answer")
