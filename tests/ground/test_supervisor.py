"""The embedded database belongs to whoever needs it: no death in any order leaves it orphaned or loses it."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from marketplace.postgres.cluster import Cluster
from marketplace.postgres.watchdog import members, server_pid

pytestmark = pytest.mark.process

OWNER = """
import sys, time
from pathlib import Path
from marketplace.postgres import ensure_running
print(ensure_running(Path(sys.argv[1]), "tests").owner_url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "postgres"
    yield place
    for pid in members(Cluster(place, "tests").data):
        os.kill(pid, signal.SIGKILL)


def owner(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE, text=True)


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def answers(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def gone_soon(home: Path, seconds: float = 15) -> bool:
    data, deadline = Cluster(home, "tests").data, time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server_pid(data) is None and not any(members(data)):
            return True
        time.sleep(0.05)
    return False


def watchdogs(home: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "watchdog.py" in line and str(home / "lease") in line:
            found.append(int(entry.name))
    return found


def test_owners_started_at_once_share_one_server(home):
    owners = [owner(home) for _ in range(4)]

    urls = {url_of(process) for process in owners}

    assert len(urls) == 1
    assert answers(urls.pop())
    for process in owners:
        end(process, signal.SIGKILL)
    assert gone_soon(home)


@pytest.mark.parametrize("order", list(itertools.product([signal.SIGTERM, signal.SIGKILL], repeat=2)))
def test_the_server_outlives_the_first_owner_and_not_the_last(home, order):
    first, second = owner(home), owner(home)
    url = url_of(first)
    url_of(second)

    end(first, order[0])

    assert answers(url)
    end(second, order[1])
    assert gone_soon(home)


def test_after_a_killed_watchdog_another_stands_by(home):
    process = owner(home)
    url_of(process)
    for pid in watchdogs(home):
        os.kill(pid, signal.SIGKILL)
    time.sleep(1)

    assert watchdogs(home)
    end(process, signal.SIGKILL)
    assert gone_soon(home)


def test_after_a_killed_server_the_next_start_works(home):
    process = owner(home)
    url_of(process)
    os.kill(server_pid(Cluster(home, "tests").data) or 0, signal.SIGKILL)

    other = owner(home)

    assert answers(url_of(other))
    end(process, signal.SIGKILL)
    end(other, signal.SIGTERM)
    assert gone_soon(home)


def test_even_if_owner_and_watchdog_die_together_the_next_start_takes_the_server_over(home):
    process = owner(home)
    url = url_of(process)
    for pid in watchdogs(home):
        os.kill(pid, signal.SIGKILL)
    end(process, signal.SIGKILL)

    other = owner(home)

    assert url_of(other) == url
    assert answers(url)
    end(other, signal.SIGKILL)
    assert gone_soon(home)
