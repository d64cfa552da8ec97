"""The embedded server under kills in every order: never orphaned, never lost, always there again."""

from __future__ import annotations

import itertools
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from marketplace import postgres
from marketplace.postgres import PostgresError
from tests.ground.owners import data_folder, eventually, nothing_left, owners, server, setting_up, standing_watchdog

pytestmark = pytest.mark.process

DEATHS = pytest.mark.parametrize("death", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "postgres"
    yield folder
    if folder.exists():
        postgres.remove(folder)


def one(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1").fetchone()[0]


def test_starts_at_once_share_one_server(home):
    with owners(home, 4) as group:
        urls = {owner.url() for owner in group}

        assert len(urls) == 1
        assert one(urls.pop()) == 1
        assert standing_watchdog(home)


@DEATHS
def test_the_server_ends_with_its_last_owner(home, death):
    with owners(home) as [owner]:
        owner.url()

        owner.end(death)

        assert nothing_left(home)


@pytest.mark.parametrize("deaths", list(itertools.product([signal.SIGTERM, signal.SIGKILL], repeat=2)))
def test_the_server_stays_while_another_owner_lives(home, deaths):
    with owners(home, 2) as [first, second]:
        pid = first.url() and second.url() and server(home)

        first.end(deaths[0])
        time.sleep(0.5)

        assert server(home) == pid
        assert one(second.url()) == 1
        second.end(deaths[1])
        assert nothing_left(home)


def test_a_killed_watchdog_is_replaced_and_the_server_does_not_notice(home):
    with owners(home, 2) as group:
        pid = [owner.url() for owner in group] and server(home)
        watchdog = standing_watchdog(home)

        os.kill(watchdog, signal.SIGKILL)

        assert standing_watchdog(home, other_than=watchdog)
        assert server(home) == pid
        for owner in group:
            owner.end(signal.SIGKILL)
        assert nothing_left(home)


def test_watchdogs_are_replaced_as_often_as_they_are_killed(home):
    with owners(home) as [owner]:
        owner.url()
        watchdog = standing_watchdog(home)

        for _ in range(3):
            os.kill(watchdog, signal.SIGKILL)
            watchdog = standing_watchdog(home, other_than=watchdog)

        owner.end(signal.SIGKILL)
        assert nothing_left(home)


def test_an_orphan_of_a_massacre_is_adopted_by_the_next_start(home):
    with owners(home) as [owner]:
        pid = owner.url() and server(home)
        watchdog = standing_watchdog(home)
        os.kill(owner.process.pid, signal.SIGSTOP)  # so that neither sees the other die
        os.kill(watchdog, signal.SIGKILL)
        os.kill(owner.process.pid, signal.SIGKILL)
        owner.process.wait(10)
        assert server(home) == pid

    with owners(home) as [heir]:
        assert one(heir.url()) == 1
        assert server(home) == pid
        heir.end(signal.SIGKILL)
        assert nothing_left(home)


def test_a_killed_server_comes_back_with_its_data(home):
    with owners(home) as [owner]:
        with psycopg.connect(owner.url("admin"), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (7)")
            os.kill(server(home), signal.SIGKILL)

        with owners(home) as [second], psycopg.connect(second.url("admin")) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_server_number_that_another_process_now_has_is_not_believed(home):
    with owners(home) as [owner]:
        owner.url()
        os.kill(server(home), signal.SIGKILL)
        owner.end(signal.SIGKILL)
    assert nothing_left(home)

    with subprocess.Popen(["sleep", "60"]) as innocent:
        lines = (data_folder(home) / "postmaster.pid").read_text().splitlines()
        (data_folder(home) / "postmaster.pid").write_text("\n".join([str(innocent.pid), *lines[1:]]))
        with owners(home) as [owner]:
            assert one(owner.url()) == 1
            owner.end()
        assert nothing_left(home)
        assert innocent.poll() is None
        innocent.kill()


def test_whoever_comes_while_the_last_one_leaves_gets_a_server(home):
    with owners(home) as [leaving]:
        leaving.url()
        for turn in range(8):
            leaving.process.send_signal(signal.SIGKILL if turn % 2 else signal.SIGTERM)
            with owners(home) as [coming]:
                assert one(coming.url()) == 1
                time.sleep(0.02 * turn)
                assert one(coming.url()) == 1
            leaving.process.wait(10)
    assert nothing_left(home)


def test_a_start_that_was_killed_is_done_again(home):
    for patience in (0.1, 0.25, 0.4, 0.6):
        with owners(home) as [owner]:
            time.sleep(patience)
            owner.end(signal.SIGKILL)

    with owners(home) as [owner]:
        assert one(owner.url()) == 1
        owner.end()
    assert nothing_left(home)


def test_a_set_up_that_outlives_its_killed_starter_is_waited_for(home):
    with owners(home) as [owner]:
        assert eventually(lambda: setting_up(home))
        [orphan] = setting_up(home)
        os.kill(orphan, signal.SIGSTOP)
        owner.end(signal.SIGKILL)

    with owners(home) as [heir]:
        assert not eventually(lambda: setting_up(home) != [orphan], seconds=1.5)
        os.kill(orphan, signal.SIGCONT)
        assert one(heir.url()) == 1
        heir.end()
    assert nothing_left(home)


def test_a_temporary_server_takes_its_files_along(home):
    with owners(home, temporary=True) as [owner]:
        place = owner.url() and data_folder(home).parent

        owner.end(signal.SIGKILL)

        assert eventually(lambda: not home.exists() and not place.exists())


def test_secrets_are_ours_and_the_way_there_keeps_its_permissions(home):
    before = [stat.S_IMODE(folder.stat().st_mode) for folder in home.parents]

    with owners(home) as [owner]:
        owner.url()

        assert [stat.S_IMODE(folder.stat().st_mode) for folder in home.parents] == before
        assert stat.S_IMODE((home / "passwords.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(data_folder(home).stat().st_mode) == 0o700


def test_no_password_no_entry(home):
    with owners(home) as [owner]:
        wrong = owner.url().replace("exchange_app:", "exchange_app:x")

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_a_path_longer_than_a_socket_may_have_works(tmp_path):
    home = tmp_path / ("long" * 30) / "postgres"
    with owners(home) as [owner]:
        assert one(owner.url()) == 1
        owner.end()
    assert nothing_left(home)
    postgres.remove(home)


def test_removing_a_database_in_use_is_refused(home):
    with owners(home) as [owner]:
        owner.url()

        with pytest.raises(PostgresError, match="in use by another process"):
            postgres.remove(home)

        assert one(owner.url()) == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(PostgresError, match=r"Cannot write to .*INSTANCE_DIR"):
        postgres.ensure_running(tmp_path / "file" / "postgres")


def test_lost_passwords_are_one_sentence(home):
    with owners(home) as [owner]:
        owner.url()
        owner.end()
    assert nothing_left(home)
    (home / "passwords.json").unlink()

    with pytest.raises(PostgresError, match=r"passwords\.json is missing"):
        postgres.ensure_running(home)
    (home / "passwords.json").write_text("{}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another account")
def test_as_root_programs_out_of_reach_are_copied_once(home, tmp_path, monkeypatch):
    from marketplace.postgres import account, binaries

    monkeypatch.setattr(binaries, "SHARED", (tmp_path / "shared",))
    borrowed = account.server_account(home)
    monkeypatch.setattr(account.Account, "can_enter", lambda *_: False)

    first = binaries.runnable_by(borrowed)
    second = binaries.runnable_by(borrowed)

    assert first == second
    assert Path(first).is_relative_to(tmp_path / "shared")
    assert b"PostgreSQL" in subprocess.check_output([first / "psql", "--version"])
