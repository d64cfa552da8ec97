"""Processes that need the embedded server, to be killed in every order, and ways to see what is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.postgres import watchdog

ROOT = Path(__file__).resolve().parents[2]

#: Needs the server, says where it is, and stays until it is killed.
OWNER = """
import json, sys, threading
from pathlib import Path
from marketplace import postgres
endpoint = postgres.ensure_running(Path(sys.argv[1]), temporary=sys.argv[2] == "temporary")
print(json.dumps({"admin": endpoint.admin_url, "app": endpoint.app_url}), flush=True)
threading.Event().wait()
"""


class Owner:
    """One such process."""

    def __init__(self, home: Path, *, temporary: bool = False) -> None:
        self._said: dict[str, str] = {}
        kind = "temporary" if temporary else "lasting"
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(home), kind], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def url(self, role: str = "app") -> str:
        """Where its server is; waits until it is there."""
        self._said = self._said or json.loads(self.process.stdout.readline())
        return self._said[role]

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Signal it and wait for its end."""
        self.process.send_signal(number)
        self.process.communicate(timeout=20)


@contextmanager
def owners(home: Path, count: int = 1, *, temporary: bool = False) -> Iterator[list[Owner]]:
    """Started at once; whatever happens, none outlives the test."""
    started = [Owner(home, temporary=temporary) for _ in range(count)]
    try:
        yield started
    finally:
        for owner in started:
            owner.end(signal.SIGKILL)


def data_folder(home: Path) -> Path:
    """Inside the home, or where its note says."""
    note = home / "place"
    return (Path(note.read_text().strip()) if note.exists() else home / "server") / "data"


def server(home: Path) -> int | None:
    """The number of the server's process."""
    return watchdog.server_pid(data_folder(home))


def setting_up(home: Path) -> list[int]:
    """Every program that makes the data folder."""
    return _running_with({f"--pgdata={data_folder(home).parent / 'data.new'}"})


def watchdogs(home: Path) -> list[int]:
    """Every watchdog of this server."""
    return _running_with({watchdog.__file__, str(home / "lease")})


def standing_watchdog(home: Path, *, other_than: int = 0) -> int:
    """The one watchdog, once it has settled."""
    found: list[int] = []

    def settled() -> bool:
        found[:] = watchdogs(home)
        return len(found) == 1 and found != [other_than] and _leads_a_session(found[0])

    assert eventually(settled)
    return found[0]


def _running_with(arguments: set[str]) -> list[int]:
    processes = Path("/proc").glob("[0-9]*")
    return [int(entry.name) for entry in processes if arguments <= set(_command(entry))]


def _leads_a_session(pid: int) -> bool:
    """A watchdog has settled once it has left its starter's family; the one seen may be the part that ends for that."""
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return False


def _command(entry: Path) -> list[str]:
    try:
        return (entry / "cmdline").read_text().split("\0")
    except OSError:
        return []


def eventually(true: Callable[[], object], seconds: float = 20) -> bool:
    """Whether it becomes true in reasonable time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def nothing_left(home: Path) -> bool:
    """Neither server nor watchdog remains."""
    return eventually(lambda: server(home) is None and not watchdogs(home) and not any(watchdog.members(home)))
