"""One embedded server a run, one migrated template, a clone (some 30 ms) for every test that asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from flask_migrate import upgrade

from marketplace.app import create_app
from marketplace.postgres import Endpoint, ensure_running
from marketplace.postgres.lease import exclusive
from marketplace.settings import Settings

TEMPLATE = "exchange_template"
EVIDENCE_SEED = "5e" * 32
#: What a run's database may need at its largest.
ROOM = 4 * 1024**3
SECRET = "a secret that only the tests know, long enough"


@dataclass(frozen=True)
class Database:
    """One test's own database."""

    name: str
    endpoint: Endpoint

    @property
    def app_url(self) -> str:
        return _named(self.endpoint.app_url, self.name)

    @property
    def owner_url(self) -> str:
        return _named(self.endpoint.owner_url, self.name)

    def connect(self) -> psycopg.Connection:
        """A connection with the application's rights."""
        return psycopg.connect(self.app_url, autocommit=True)

    def connect_owner(self) -> psycopg.Connection:
        """A connection with the owner's rights, as a tampering administrator would have."""
        return psycopg.connect(self.owner_url, autocommit=True)


def _named(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


def run_home() -> Path:
    """The folder that all workers of this run share."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"single-{os.getpid()}"
    return _roomy_folder() / f"exchange-tests-{run}"


def _roomy_folder() -> Path:
    """In memory where there is plenty: a busy disk makes each clone ten times slower."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        return memory
    return Path(tempfile.gettempdir())


def settings_for(database: Database, instance: Path, **changes: object) -> Settings:
    """Settings of a test installation on this database."""
    base = Settings(
        exchange_env="test",
        database_url=database.app_url,
        database_owner_url=database.owner_url,
        instance_dir=instance,
        secret_key=SECRET,
        evidence_seed=EVIDENCE_SEED,
        log_format="text",
        log_level="WARNING",
    )
    return replace(base, **changes)


def prepare(home: Path) -> Endpoint:
    """Have the run's server and its template; the first worker makes them, the others wait."""
    endpoint = ensure_running(home, "tests", temporary=True)
    with (
        exclusive(home / "template", "building the template"),
        psycopg.connect(endpoint.admin_url, autocommit=True) as admin,
    ):
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", (TEMPLATE,))
        if known.fetchone() is None:
            _build_template(admin, endpoint, home)
    return endpoint


def _build_template(admin: psycopg.Connection, endpoint: Endpoint, home: Path) -> None:
    admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
    admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER exchange_owner")
    app = create_app(settings_for(Database(TEMPLATE, endpoint), home / "template-instance"))
    with app.app_context():
        upgrade()
    admin.execute(f"ALTER DATABASE {TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")


def clone(endpoint: Endpoint, name: str, template: str = TEMPLATE) -> Database:
    """A fresh copy of the template under this name; what was there before goes."""
    with psycopg.connect(endpoint.admin_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER exchange_owner STRATEGY FILE_COPY")
    return Database(name, endpoint)
