"""Under whose name the server runs, and what that account can reach.

PostgreSQL refuses to run as root. As root we lend it an unprivileged account and give that account
folders of its own; permissions of folders that are not ours stay as they are.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import PostgresError

#: Accounts every Unix has one of; the first that exists is used.
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server, and whether that is somebody else than us."""

    uid: int
    gid: int
    borrowed: bool

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments that start a child under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.borrowed else {}

    def own(self, path: Path) -> None:
        """Give a file or folder that we made to this account."""
        if self.borrowed:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the account may pass through every folder on the way (plain permission bits)."""
        if not self.borrowed:
            return True
        real = folder.resolve()
        return all(self._passes(step) for step in (real, *real.parents) if step.exists())

    def _passes(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account(data: Path) -> Account:
    """The owner of existing data; for new data ourselves, or as root an unprivileged account.

    Raises:
        PostgresError: the data belong to an account that we cannot act for.
    """
    me = os.geteuid()
    owner = data.stat() if data.exists() else None
    if owner and me not in (0, owner.st_uid):
        raise PostgresError(
            f"The database in {data} belongs to another account (it was first started by another user): "
            "start as that user, or choose another folder with INSTANCE_DIR."
        )
    if me:
        return Account(me, os.getegid(), borrowed=False)
    if owner and owner.st_uid:
        return Account(owner.st_uid, owner.st_gid, borrowed=True)
    return _unprivileged()


def _unprivileged() -> Account:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, borrowed=True)
    raise PostgresError(
        "PostgreSQL does not run as root and there is no account 'postgres' or 'nobody' to lend it: "
        "start as an ordinary user, or set DATABASE_URL."
    )
