"""The commands of `script/` as people start and kill them, each on an installation of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from marketplace.reaper import marked
from tests.support.processes import ROOT, free_port

#: As for somebody who has set nothing.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("PYTEST", "EXCHANGE", "DATABASE", "INSTANCE", "SECRET", "EVIDENCE"))
}


#: Long enough for a busy machine.
SOON = 60


class Commands:
    """Commands on one instance folder. The demo data are left out: their making is not what is tried here."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.port, self.live_port = free_port(), free_port()
        self.started: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "EXCHANGE_ENV": "test",
            "INSTANCE_DIR": str(self.instance),
            "PORT": str(self.port),
            "LIVE_PORT": str(self.live_port),
            "WEB_WORKERS": "1",
            "GROUND_INSTANCE": str(self.instance),  # inherited by everything they start, so that we find it
        }
        return {**CLEAN, **own}

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one and leave it running."""
        self.instance.parent.mkdir(parents=True, exist_ok=True)
        with (self.instance.parent / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [ROOT / "script" / name, *arguments], cwd=ROOT, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)
        return process

    def say(self, name: str, *arguments: str, root: Path = ROOT, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run one to its end."""
        return subprocess.run(
            [root / "script" / name, *arguments], cwd=root, env={**self.environment, **changes},
            check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.instance.parent / f"{name}.log").read_text(errors="replace")

    def serves(self) -> bool:
        """Whether the web process answers."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def processes(self) -> dict[int, str]:
        """Everything our commands started that still runs, by its number, with its command line."""
        lines = {}
        for pid in marked(str(self.instance), name="GROUND_INSTANCE"):
            with suppress(OSError):
                lines[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
        return {pid: line for pid, line in lines.items() if line}

    def nothing_remains(self) -> bool:
        return within(SOON, lambda: not self.processes())

    def clean_up(self) -> None:
        """End what a failed test may have left."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in self.started:
            process.wait(SOON)


def children(parent: int) -> list[int]:
    """Processes that this one started itself."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def within(seconds: float, true: Callable[[], object]) -> bool:
    """Whether the callable becomes true in this time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
