"""`script/server`, `script/flask` and `script/test`: killed in every order, and refused in one clear sentence."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
from pathlib import Path

import pytest

from marketplace import postgres
from tests.ground.commands import SOON, Commands, children, within
from tests.ground.owners import server, standing_watchdog
from tests.support.processes import ROOT

pytestmark = pytest.mark.process

LONG_RUNNING = Path(__file__).with_name("long_running.py")
TERM, KILL = signal.SIGTERM, signal.SIGKILL


@pytest.fixture
def commands(tmp_path):
    running = Commands(tmp_path / "instance")
    yield running
    running.clean_up()
    postgres.remove(running.instance / "postgres")


def orders():
    """Who dies first and how: every order of three commands, with both deaths in turn."""
    for number, order in enumerate(itertools.permutations(("server", "flask", "test"))):
        deaths = [KILL if number >> place & 1 else TERM for place in range(3)]
        yield pytest.param(order, deaths, id="-".join(f"{n}.{d.name[3:]}" for n, d in zip(order, deaths, strict=True)))


@pytest.mark.heavy
@pytest.mark.parametrize(("order", "deaths"), list(orders()))
def test_killed_in_any_order_nothing_is_orphaned_and_nothing_lost(commands, order, deaths):
    processes = {
        "server": commands.start("server"),
        "flask": commands.start("flask", "worker"),
        "test": commands.start("test", str(LONG_RUNNING), "-p", "no:cacheprovider"),
    }
    home = commands.instance / "postgres"
    note = commands.instance / "test-home"
    assert within(SOON, commands.serves), commands.log("server")
    assert within(SOON, lambda: "worker_started" in commands.log("flask")), commands.log("flask")
    assert within(SOON, note.exists), commands.log("test")
    pid, tests_home = server(home), Path(note.read_text())
    assert server(tests_home)

    for name, death in zip(order, deaths, strict=True):
        needed = any(processes[other].poll() is None for other in ("server", "flask") if other != name)
        processes[name].send_signal(death)
        processes[name].wait(SOON)
        if needed:
            assert server(home) == pid

    assert commands.nothing_remains(), commands.processes()
    assert server(home) is None
    assert within(SOON, lambda: not tests_home.exists())
    assert commands.say("flask", "db", "current").returncode == 0


@pytest.mark.parametrize("death", [TERM, KILL], ids=["term", "kill"])
def test_a_killed_server_leaves_nothing_and_starts_again(commands, death):
    first = commands.start("server")
    assert within(SOON, commands.serves), commands.log("server")

    first.send_signal(death)
    first.wait(SOON)

    assert commands.nothing_remains(), commands.processes()
    commands.start("server")
    assert within(SOON, commands.serves), commands.log("server")


def test_a_killed_web_process_and_watchdog_do_not_survive_a_killed_server(commands):
    running = commands.start("server")
    assert within(SOON, commands.serves), commands.log("server")

    running.send_signal(signal.SIGSTOP)  # it must not tidy up before it dies
    [web] = [pid for pid in children(running.pid) if "wsgi:app" in commands.processes().get(pid, "")]
    os.kill(web, KILL)
    os.kill(standing_watchdog(commands.instance / "postgres"), KILL)
    running.send_signal(KILL)
    running.wait(SOON)

    assert commands.nothing_remains(), commands.processes()
    assert commands.say("flask", "db", "current").returncode == 0
    assert commands.nothing_remains(), commands.processes()
    assert server(commands.instance / "postgres") is None


@pytest.mark.parametrize("death", [signal.SIGINT, TERM, KILL], ids=["ctrl-c", "term", "kill"])
def test_a_start_that_is_stopped_while_preparing_leaves_nothing(commands, death):
    running = commands.start("server")
    assert within(SOON, lambda: "Preparing the database" in commands.log("server")), commands.log("server")

    running.send_signal(death)
    running.wait(SOON)

    assert commands.nothing_remains(), commands.processes()
    assert "Traceback" not in commands.log("server")


def test_a_command_uses_the_running_servers_database(commands):
    commands.start("server")
    assert within(SOON, commands.serves), commands.log("server")
    pid = server(commands.instance / "postgres")

    done = commands.say("flask", "db", "current")

    assert done.returncode == 0, done.stderr
    assert server(commands.instance / "postgres") == pid
    assert commands.serves()


def test_a_command_starts_a_database_and_stops_it_again(commands):
    done = commands.say("flask", "db", "upgrade")

    assert done.returncode == 0, done.stderr
    assert commands.nothing_remains(), commands.processes()


def refusal(done) -> str:
    """What a refused command says: one sentence, and nothing of Python's."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    [line] = done.stderr.strip().splitlines()
    return line


def test_a_port_in_use_is_one_sentence(commands):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", commands.port))
        taken.listen()

        assert f"Port {commands.port} is in use" in refusal(commands.say("server"))


def test_a_port_that_is_none_is_one_sentence(commands):
    assert "PORT=many is not a port" in refusal(commands.say("server", PORT="many"))


def test_a_dead_database_is_one_sentence(commands):
    url = f"postgresql://exchange_app@127.0.0.1:{commands.port}/exchange"

    for command in (["server"], ["flask", "db", "current"]):
        assert "The database that DATABASE_URL names does not answer" in refusal(
            commands.say(*command, DATABASE_URL=url)
        )


def test_a_folder_that_cannot_be_written_is_one_sentence(commands):
    commands.instance.touch()

    assert "make it writable, or choose another with INSTANCE_DIR" in refusal(commands.say("server"))
    commands.instance.unlink()


def test_an_old_python_is_one_sentence(commands, tmp_path):
    checkout, old = tmp_path / "checkout", tmp_path / "old"
    shutil.copytree(ROOT / "script", checkout / "script")
    old.mkdir()
    for name in ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (old / name).write_text("#!/bin/sh\nexit 1\n")  # the answer of an old one to whether it is new enough
        (old / name).chmod(0o755)

    done = commands.say("server", root=checkout, PATH=f"{old}:{os.defpath}")

    assert "needs Python 3.11 or newer and found none" in refusal(done)


def test_fresh_deletes_the_data_and_a_wrong_word_is_refused(commands):
    assert commands.say("flask", "db", "upgrade").returncode == 0
    kept = commands.instance / "files"
    kept.mkdir()

    commands.start("server", "--fresh")

    assert within(SOON, commands.serves), commands.log("server")
    assert not list(kept.glob("*"))
    assert "usage: script/server" in refusal(commands.say("server", "--frsh"))
