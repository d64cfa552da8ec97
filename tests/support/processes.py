"""The real program in real processes, for what only processes show: browsers, races, crashes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from .databases import EVIDENCE_SEED, SECRET, Database

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Installation:
    """An installation of the exchange: its database, ports, folder, and processes by name."""

    database: Database
    instance: Path
    port: int = field(default_factory=free_port)
    live_port: int = field(default_factory=free_port)
    mail_url: str = ""
    workers: int = 1
    extra: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def live_url(self) -> str:
        return f"http://localhost:{self.live_port}"

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "EXCHANGE_ENV": "test",
            "DATABASE_URL": self.database.app_url,
            "DATABASE_OWNER_URL": self.database.owner_url,
            "INSTANCE_DIR": str(self.instance),
            "SECRET_KEY": SECRET,
            "EVIDENCE_SEED": EVIDENCE_SEED,
            "PORT": str(self.port),
            "LIVE_PORT": str(self.live_port),
            "PUBLIC_URL": self.url,
            "LIVE_URL": self.live_url,
            "MAIL_URL": self.mail_url,
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **own, **self.extra}

    def command(self, name: str) -> list[str]:
        """How each process is started, as in the Procfile."""
        granian = [str(BIN / "granian"), "--host", "127.0.0.1", "--no-ws", "--log-level", "warning"]
        return {
            "web": [
                *granian, "--interface", "wsgi", "--port", str(self.port), "--workers", str(self.workers),
                "--blocking-threads", "64", "--backlog", "2048", "wsgi:app",
            ],
            "live": [*granian, "--interface", "asgi", "--port", str(self.live_port), "--workers", "1", "live:app"],
            "closer": [str(BIN / "flask"), "--app", "wsgi", "auctions", "closer"],
            "worker": [str(BIN / "flask"), "--app", "wsgi", "worker"],
        }[name]  # fmt: skip

    def start(self, *names: str, **extra: str) -> None:
        """Start processes by name and wait until those that listen answer."""
        self.instance.mkdir(parents=True, exist_ok=True)
        for name in names:
            with (self.instance / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.command(name), cwd=ROOT, env={**self.environment, **extra},
                    stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
        for name, address in (("web", f"{self.url}/health/live"), ("live", f"{self.live_url}/health")):
            if name in names:
                self.wait_for(address, name)

    def wait_for(self, address: str, name: str, seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(address, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"{name} does not answer at {address}:\n{self.log(name)}")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a process and everything it started, and wait for its end."""
        process = self.processes.pop(name)
        _signal_group(process, number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGKILL)
            process.wait(10)
        _signal_group(process, signal.SIGKILL)

    def restart(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        self.kill(name, number)
        self.start(name)

    def flask(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of our commands on this installation."""
        return subprocess.run(
            [str(BIN / "flask"), "--app", "wsgi", *arguments], cwd=ROOT, env=self.environment,
            check=check, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    def log(self, name: str) -> str:
        path = self.instance / f"{name}.log"
        return path.read_text(errors="replace")[-6000:] if path.exists() else ""

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
