"""`script/database`: a backup holds everything, and what comes back from it is guarded as before."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from tests.support.processes import ROOT

pytestmark = pytest.mark.process


@pytest.fixture
def run(database, tmp_path):
    """The command on this test's database."""
    own = {
        "EXCHANGE_ENV": "test",
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "INSTANCE_DIR": str(tmp_path / "instance"),
    }

    def command(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "marketplace.database", *arguments],
            cwd=ROOT, env={**os.environ, **own}, check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return command


def counters(database):
    with database.connect() as connection:
        return connection.execute("SELECT series, value FROM counters").fetchall()


def change(database, statement):
    with database.connect_owner() as connection:
        connection.execute(statement)


def test_a_backup_brings_everything_back(run, database, tmp_path):
    change(database, "INSERT INTO counters (series, value) VALUES ('kept', 7)")
    assert run("dump", str(tmp_path / "backup")).returncode == 0
    change(database, "DELETE FROM counters")

    done = run("restore", str(tmp_path / "backup"))

    assert done.returncode == 0, done.stderr
    assert ("kept", 7) in counters(database)


def test_after_a_restore_the_past_is_guarded_as_before(run, database, tmp_path):
    assert run("dump", str(tmp_path / "backup")).returncode == 0
    assert run("restore", str(tmp_path / "backup")).returncode == 0

    with database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_entries")


def test_a_broken_backup_changes_nothing(run, database, tmp_path):
    change(database, "INSERT INTO counters (series, value) VALUES ('kept', 7)")
    assert run("dump", str(tmp_path / "backup")).returncode == 0
    whole = (tmp_path / "backup").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])

    assert run("restore", str(tmp_path / "half")).returncode != 0

    assert ("kept", 7) in counters(database)


def test_a_restore_under_a_running_exchange_is_refused(run, database, tmp_path):
    assert run("dump", str(tmp_path / "backup")).returncode == 0

    with database.connect():
        done = run("restore", str(tmp_path / "backup"))

    assert done.returncode == 1
    assert "1 connections are using the database" in done.stderr


def test_status_names_version_and_size(run):
    done = run("status")

    assert done.returncode == 0
    assert done.stdout.startswith("PostgreSQL 18")
