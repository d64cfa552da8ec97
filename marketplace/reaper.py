"""Ends what a killed `script/server` left running.

Run by its path with a bare interpreter. It sleeps on a pipe whose other end the server alone holds; when
that closes without the word `done`, the server was killed, and every process that carries its mark in the
environment is ended: politely first, then by force.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

PATIENCE = 8.0


def marked(mark: str, name: str = "EXCHANGE_RUN") -> list[int]:
    """Processes with this mark in their environment, but for ourselves."""
    found = []
    wanted = f"{name}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in environment and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def end(mark: str) -> None:
    """TERM, then KILL what stays."""
    for number, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 2.0)):
        deadline = time.monotonic() + patience
        for pid in marked(mark):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        while marked(mark) and time.monotonic() < deadline:
            time.sleep(0.1)


def main(pipe: int, mark: str) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if os.read(pipe, 4) != b"done":
        end(mark)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
