"""The process that stops an embedded server once nobody needs it.

It is run by its path with a bare interpreter (no site-packages, 15 ms), so it imports the standard
library alone. `cluster.py` shares its knowledge of how a running server is found and stopped.

It sleeps in one system call, `flock(lease, EX)`, which the kernel grants when the last owner's shared
lock is gone, however that owner died. Holding it, the watchdog stops the server while no new owner can
come in, lets go, and ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

#: Seconds given to each way of stopping before the next, harder one.
PATIENCE = 20.0
STOPS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)  # PostgreSQL's fast, immediate, and the kernel's


def pid_file(data: Path) -> list[str]:
    """Lines of `postmaster.pid`: pid, folder, start, port, socket, address, memory, status."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def server_pid(data: Path) -> int | None:
    """The running server of this data folder. A stale file or a reused process number is not one."""
    lines = pid_file(data)
    if not lines or not lines[0].strip().lstrip("-").isdigit():
        return None
    pid = abs(int(lines[0]))
    return pid if _works_in(pid, data) else None


def server_status(data: Path) -> str:
    """`starting`, `ready`, `stopping`, or nothing when no server runs."""
    lines = pid_file(data)
    return lines[7].strip() if len(lines) > 7 and server_pid(data) else ""


def _works_in(pid: int, data: Path) -> bool:
    """PostgreSQL's processes all have the data folder as their working folder."""
    if not Path("/proc/self").exists():  # not Linux: the process number has to do
        return _alive(pid)
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except OSError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def members(data: Path) -> Iterator[int]:
    """Every process at work in the data folder, such as backends that outlived a killed server."""
    for entry in Path("/proc").glob("[0-9]*"):
        if _works_in(int(entry.name), data):
            yield int(entry.name)


def gone(data: Path, seconds: float) -> bool:
    """Wait until nothing works in the data folder any more."""
    deadline = time.monotonic() + seconds
    while server_pid(data) or any(members(data)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def stop_server(data: Path, patience: float = PATIENCE) -> bool:
    """Stop the server of this folder: politely, then firmly, then by force. True once it is gone."""
    for stop in STOPS:
        pid = server_pid(data)
        targets = list(members(data)) if stop == signal.SIGKILL else [pid] if pid else []
        for target in targets:
            _signal(target, stop)
        if gone(data, patience):
            return True
    return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _detach() -> None:
    """Leave the family of whoever started us, so that no signal to them reaches us."""
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the owners' end is the only order it takes


def main(lock: int, lease_path: Path, data: Path, doomed: list[Path]) -> None:
    """Wait for the last owner, stop the server, remove what was only temporary."""
    lease = os.open(lease_path, os.O_RDWR)
    _detach()
    fcntl.flock(lease, fcntl.LOCK_EX)
    stop_server(data)
    for folder in doomed:
        shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)  # first, so that the next owner finds the post vacant
    os.close(lease)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), [Path(folder) for folder in sys.argv[4:]])
