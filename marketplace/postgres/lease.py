"""Who needs the server: shared locks that the kernel drops when their process ends, even by `kill -9`."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from . import watchdog
from .errors import PostgresError

#: Longer than a server needs to stop or to recover after a crash.
WAIT = 120.0


def open_lock(path: Path) -> int:
    """A lock file's own descriptor, private to its owner."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, kind: int) -> bool:
    """Take the lock if it is free."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_lock(descriptor: int, kind: int, what: str) -> None:
    """Take the lock, waiting a reasonable time for others.

    Raises:
        PostgresError: somebody has held it for too long.
    """
    deadline = time.monotonic() + WAIT
    while not try_lock(descriptor, kind):
        if time.monotonic() > deadline:
            raise PostgresError(f"Another process has been {what} for {WAIT:.0f} seconds; end it and try again.")
        time.sleep(0.01)


def _still_there(path: Path, descriptor: int) -> bool:
    """Whether the path still names the locked file; a lock on a removed one keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[None]:
    """One process at a time in here."""
    descriptor = open_lock(path)
    try:
        wait_lock(descriptor, fcntl.LOCK_EX, what)
        yield
    finally:
        os.close(descriptor)


class Vanished(Exception):
    """The folder was removed while we waited for it; whoever wants it makes it anew."""


class Lease:
    """A process's claim on a running server.

    While one lives, the watchdog cannot stop the server. Should the watchdog itself be killed, a thread
    of each owner is waiting for its lock and the first to get it starts another.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._descriptor = open_lock(home / "lease")
        self._released = False
        try:
            wait_lock(self._descriptor, fcntl.LOCK_SH, "stopping the database server")
        except BaseException:
            os.close(self._descriptor)
            raise
        if not _still_there(home / "lease", self._descriptor):
            self.release()
            raise Vanished

    def guard(self, data: Path, doomed: Sequence[Path]) -> None:
        """See that a watchdog stands by, now and as long as this lease lasts."""
        post = open_lock(self._home / "watchdog")
        if try_lock(post, fcntl.LOCK_EX):
            self._send_watchdog(post, data, doomed)
            post = open_lock(self._home / "watchdog")
        threading.Thread(target=self._relieve, args=(post, data, doomed), name="postgres-lease", daemon=True).start()

    def release(self) -> None:
        """Give the claim up before the process ends."""
        if not self._released:
            self._released = True
            os.close(self._descriptor)

    def _relieve(self, post: int, data: Path, doomed: Sequence[Path]) -> None:
        with suppress(OSError):  # the folder was removed under us: nothing is left to guard
            while True:
                fcntl.flock(post, fcntl.LOCK_EX)  # granted only when the watchdog is dead
                if self._released:
                    os.close(post)
                    return
                self._send_watchdog(post, data, doomed)
                time.sleep(0.05)
                post = open_lock(self._home / "watchdog")

    def _send_watchdog(self, post: int, data: Path, doomed: Sequence[Path]) -> None:
        """Start one; it inherits the locked post, so that there is never a moment with two.

        Should it be killed before it stands, the post is free again and the waiting thread sends the next.
        """
        arguments = [str(post), str(self._home / "lease"), str(data), *map(str, doomed)]
        subprocess.run(  # noqa: S603 - our own file
            [sys.executable, "-I", "-S", watchdog.__file__, *arguments],
            check=False,
            pass_fds=(post,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        os.close(post)
