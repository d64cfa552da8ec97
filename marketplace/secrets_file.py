"""Secrets that a development installation makes for itself, once, and keeps in its own folder."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def kept(folder: Path, name: str, size: int = 32) -> str:
    """The secret of this name (hexadecimal): read from `folder`, or made and written there first."""
    path = folder / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        aside = folder / f"{name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_hex(size))
            stream.flush()
            os.fsync(stream.fileno())
        # A link appears complete and never replaces one: of two that start at once, both read the first.
        with suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return path.read_text().strip()
