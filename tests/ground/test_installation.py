"""What a start looks at before anything runs."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.script import ScriptDirectory
from flask import current_app

from marketplace import installation
from marketplace.installation import NotReady
from marketplace.secrets_file import kept


def test_the_newest_migration_is_found_without_loading_any(app):
    folder = current_app.extensions["migrate"].directory

    assert installation.latest_revision() == ScriptDirectory(folder).get_current_head()


def test_pools_larger_than_the_server_are_refused(monkeypatch):
    monkeypatch.setenv("POOL_SIZE", "40")
    monkeypatch.setenv("WEB_WORKERS", "4")

    with pytest.raises(NotReady, match=r"The pools may take 266 connections and the database gives 100"):
        installation.check_connections(100)


def test_pools_that_fit_are_accepted(monkeypatch):
    monkeypatch.setenv("POOL_SIZE", "8")
    monkeypatch.setenv("WEB_WORKERS", "2")

    installation.check_connections(50)


def test_of_secrets_made_at_once_all_read_the_same(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        values = list(pool.map(lambda _: kept(tmp_path / "keys", "secret"), range(64)))

    assert len(set(values)) == 1
    assert len(values[0]) == 64
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret"]


def test_secrets_are_for_us_alone(tmp_path):
    kept(tmp_path / "keys", "secret")

    assert stat.S_IMODE((tmp_path / "keys" / "secret").stat().st_mode) == 0o600
