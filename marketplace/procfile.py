"""The Procfile's processes as one: the first one first, each line under its name, all ended together.

`python -m marketplace.procfile NAME` becomes one of them, for an init system that looks after each.
"""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from queue import SimpleQueue

from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from . import lifeline

#: Seconds for a clean end before processes are killed, and for the first to answer before the rest start anyway.
PATIENCE = 8.0
HEAD_START = 30.0
COLOURS = ("36", "33", "32", "35")  # of names on a terminal: cyan, yellow, green, magenta


class Procfile:
    """Runs until a process ends by itself or somebody asks for the end."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._commands: dict[str, str] = parse_procfile(path.read_text()).processes
        self._folder = path.parent
        self._environment = dict(environment)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._events: SimpleQueue[tuple[str, int]] = SimpleQueue()
        self._printer = Printer(sys.stdout, width=max(map(len, self._commands)))
        self._colours = cycle(COLOURS)

    def run(self, port: int, greet: Callable[[], None]) -> int:
        """Start the first process; when it answers on `port`, greet and start the others. Returns the exit code.

        Starting all at once would make the first page wait for work that nobody is waiting for.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _: self._events.put(("", 128 + got)))
        first, *others = self._commands
        self._start(first)
        threading.Thread(target=self._await_answer, args=(port,), daemon=True).start()
        name, code = self._events.get()
        if name == "answered":
            greet()
            for other in others:
                self._start(other)
            name, code = self._events.get()
        if name:
            self._say(f"{name} ended by itself with code {code}; stopping the others")
        self._stop()
        return code if name == "" else (code or 1)

    def _start(self, name: str) -> None:
        """In a session of its own, so that Ctrl-C reaches us alone; its life is tied to ours."""
        process = subprocess.Popen(  # noqa: S602 - the Procfile is ours, and its variables are the shell's to fill in
            f"exec {self._commands[name]}",
            shell=True,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(lifeline.follow, os.getpid()),  # noqa: PLW1509 - it calls the kernel and nothing else
        )
        self._running[name] = process
        threading.Thread(target=self._relay, args=(name, process, next(self._colours)), daemon=True).start()

    def _relay(self, name: str, process: subprocess.Popen[bytes], colour: str) -> None:
        for line in process.stdout or ():
            self._printer.write(Message("line", line, datetime.now().astimezone(), name, colour))
        self._events.put((name, process.wait()))

    def _await_answer(self, port: int) -> None:
        """Any answer will do: even an error page is the web process speaking."""
        deadline = time.monotonic() + HEAD_START
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HEAD_START)
            try:
                connection.request("GET", "/health/live")
                connection.getresponse().read()
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.03)
            finally:
                connection.close()
        self._events.put(("answered", 0))

    def _stop(self) -> None:
        """TERM to all, KILL to whoever stays, workers of a killed parent included."""
        self._signal_groups(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                break
        self._signal_groups(signal.SIGKILL)
        self._say("everything is stopped; the data are kept")

    def _signal_groups(self, number: signal.Signals) -> None:
        for process in self._running.values():
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                continue

    def _say(self, text: str) -> None:
        self._printer.write(Message("line", text, datetime.now().astimezone(), "server", None))


def become(name: str) -> None:
    """Replace this process by the one of that name, so that signals reach it directly."""
    path = Path(__file__).resolve().parent.parent / "Procfile"
    commands: dict[str, str] = parse_procfile(path.read_text()).processes
    if name not in commands:
        sys.exit(f"usage: python -m marketplace.procfile {'|'.join(commands)}")
    os.chdir(path.parent)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execv("/bin/sh", ["sh", "-c", f"exec {commands[name]}"])  # noqa: S606 - the Procfile is ours


if __name__ == "__main__":
    become("".join(sys.argv[1:2]))
