"""The embedded PostgreSQL 18: there when `DATABASE_URL` is not set, gone when nobody needs it.

The programs come from a wheel; everything else is ours, because a server that is shared by several
commands and must survive none of them is a question of ownership:

*   **Owners hold leases.** Every process that needs the server keeps a shared `flock` on `lease`. The
    kernel drops it with the process, so `kill -9` counts as leaving. There are no counters to go stale.
*   **A watchdog stops the server.** One small detached process waits for the exclusive lock on `lease`.
    It gets it when the last owner is gone, and stops the server while holding it, so an owner that comes
    at that moment waits and then starts a new one; it can never be given a server about to vanish.
*   **Owners watch the watchdog.** It holds `watchdog` exclusively; a thread in every owner waits for that
    lock, gets it only if the watchdog was killed, and passes it on to a fresh one.
*   **Starting is one at a time**, under `start`. A server already there is adopted, a stopping one waited
    for, a killed one's remains cleared. The next start therefore works after any order of deaths; even if
    all owners and the watchdog are killed in the same instant, it finds the server and takes it over.

As root the server runs under an unprivileged account with folders of its own (`account.py`). It listens
on a socket in a private folder, with random passwords, and on no port. It never runs two on one folder.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from .cluster import Cluster, Endpoint, Purpose
from .errors import PostgresError
from .lease import Lease, Vanished, exclusive, open_lock, try_lock, wait_lock

__all__ = ["Endpoint", "PostgresError", "ensure_running", "release", "remove", "running", "stop"]

#: How often a folder may be removed under a start before we give up: once is a race, more is a fight.
ATTEMPTS = 5

_leases: dict[Path, Lease] = {}
_mutex = threading.Lock()


def ensure_running(home: Path, purpose: Purpose = "instance", *, temporary: bool = False) -> Endpoint:
    """Have a server whose files are in `home`, and keep it until this process ends or calls `release`.

    With `temporary` the files go when the server does.

    Raises:
        PostgresError: it cannot be had; the sentence says why.
    """
    home = home.absolute()
    for _ in range(ATTEMPTS):
        try:
            return _ensure(home, purpose, temporary=temporary)
        except Vanished:
            continue
        except FileNotFoundError:
            if home.exists():  # something else is missing
                raise
    raise PostgresError(f"{home} is being removed again and again by another process: end it and try again.")


def _ensure(home: Path, purpose: Purpose, *, temporary: bool) -> Endpoint:
    _make_home(home)
    with _mutex, exclusive(home / "start", "starting the database server"):
        cluster = Cluster(home, purpose)
        if home in _leases:
            cluster.start()
            return cluster.endpoint()
        lease = Lease(home)
        try:
            cluster.start()
            lease.guard(cluster.data, cluster.folders if temporary else [])
        except BaseException:
            lease.release()
            raise
        _leases[home] = lease
        return cluster.endpoint()


def release(home: Path) -> None:
    """End this process's need of the server; it stops when nobody else has one."""
    with _mutex:
        lease = _leases.pop(home.absolute(), None)
    if lease is not None:
        lease.release()


def running(home: Path) -> Endpoint | None:
    """The server of this folder if it answers now, without keeping it."""
    cluster = Cluster(home.absolute(), "instance")
    return cluster.endpoint() if home.exists() and cluster.running else None


def stop(home: Path) -> None:
    """Stop the server even though others may use it."""
    with exclusive(home.absolute() / "start", "starting the database server"):
        Cluster(home.absolute(), "instance").stop()


def remove(home: Path) -> None:
    """Delete the installation's database for good.

    Raises:
        PostgresError: another process is using it.
    """
    home = home.absolute()
    release(home)
    if not home.exists():
        return
    with exclusive(home / "start", "starting the database server"):
        lease = open_lock(home / "lease")
        try:
            wait_lock(lease, fcntl.LOCK_SH, "stopping the database server")
            if not try_lock(lease, fcntl.LOCK_EX):  # other owners share it
                raise PostgresError(f"The database in {home} is in use by another process: stop that first.")
            Cluster(home, "instance").remove()
        finally:
            os.close(lease)


def _make_home(home: Path) -> None:
    """Ours alone; as root the server's account may pass through to its own folder inside."""
    try:
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        (home / "start").touch(mode=0o600)
    except OSError as error:
        raise PostgresError(
            f"Cannot write to {home} ({error.strerror}): make it writable or choose another folder with INSTANCE_DIR."
        ) from error
