"""What every test may ask for: a database of its own, the application, real processes, a browser, mail."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Read by `marketplace.fault` at import, and by nothing else in this process.
os.environ.setdefault("EXCHANGE_ENV", "test")

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import event

from marketplace.app import create_app
from marketplace.db import db
from marketplace.edge import Exchange
from marketplace.postgres import Endpoint
from tests.support import browser as browsers
from tests.support.databases import Database, clone, prepare, run_home, settings_for
from tests.support.mailbox import Mailbox
from tests.support.processes import Installation


@pytest.fixture(scope="session", autouse=True)
def _no_outside() -> Iterator[None]:
    """Nothing leaves this machine: a test that tries to connect elsewhere fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    socket.socket.connect = guarded
    yield
    socket.socket.connect = connect


@pytest.fixture(scope="session")
def endpoint() -> Endpoint:
    """The run's database server."""
    return prepare(run_home())


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1` … or `main` without parallel workers."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture
def database(endpoint: Endpoint, worker_name: str) -> Database:
    """A fresh clone of the migrated template."""
    return clone(endpoint, f"test_{worker_name}")


@pytest.fixture(scope="session")
def _mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def smtp(_mailbox: Mailbox) -> Mailbox:
    """The mail server that everything is sent to, empty."""
    _mailbox.messages.clear()
    return _mailbox


@pytest.fixture(scope="session")
def _application(
    endpoint: Endpoint, worker_name: str, tmp_path_factory: pytest.TempPathFactory, _mailbox: Mailbox
) -> Exchange:
    """One application a worker; every test gives it a fresh database under the same name."""
    instance = tmp_path_factory.mktemp("instance")
    database = Database(f"test_{worker_name}", endpoint)
    return create_app(settings_for(database, instance, mail_url=_mailbox.url))


@pytest.fixture
def app(_application: Exchange, database: Database) -> Iterator[Exchange]:
    """The application on this test's database, with its context pushed."""
    with _application.app_context():
        yield _application
        db.session.remove()
        db.engine.dispose()
        for dispose in _application.extensions.get("exchange.disposers", []):
            dispose()


class Visitor(FlaskClient):
    """Gives each request a context and a database session of its own, as in life; the test's stays apart.

    What a test prepared it must commit, and what a request changed it must read anew.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        # Read to the end, so that a streamed file is closed.
        kwargs.setdefault("buffered", True)
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def client(app: Exchange) -> FlaskClient:
    """A visitor without a browser. Forms' CSRF is off here; the browser tests have it on."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Visitor
    return app.test_client()


@pytest.fixture
def db_session(app: Exchange) -> Any:
    """The session of the pushed context."""
    return db.session


@pytest.fixture
def queries(app: Exchange) -> Iterator[list[str]]:
    """Every statement sent while the test runs; clear it before the part that counts."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def server(database: Database, tmp_path: Path, smtp: Mailbox) -> Iterator[Callable[..., Installation]]:
    """Start the real program: `server(workers=4, closer=True, worker=True, live=True)`."""
    started: list[Installation] = []

    def start(
        workers: int = 1, *, closer: bool = False, worker: bool = False, live: bool = False, **extra: str
    ) -> Installation:
        installation = Installation(database, tmp_path / "instance", workers=workers, mail_url=smtp.url, extra=extra)
        started.append(installation)
        wanted = {"live": live, "closer": closer, "worker": worker}
        installation.start("web", *(name for name, on in wanted.items() if on))
        return installation

    yield start
    for installation in started:
        installation.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker."""
    with browsers.chromium() as running:
        yield running


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A new visitor: `new_page(installation.url, locale="en", width=360)`; its complaints fail the test."""
    opened: list[tuple[Page, list[str]]] = []

    def open_page(url: str, **options: Any) -> Page:
        page = browsers.new_context(browser, url, **options).new_page()
        opened.append((page, browsers.watch(page)))
        return page

    yield open_page
    complaints = [text for _, texts in opened for text in texts]
    for page, _ in opened:
        page.context.close()
    assert complaints == []
