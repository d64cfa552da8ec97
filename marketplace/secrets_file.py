"""Secrets that a development installation makes for itself, once, and keeps in its own folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept(folder: Path, name: str, size: int = 32) -> str:
    """The secret of this name (hexadecimal): read from `folder`, or made and written there first."""
    path = folder / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as stream:
        value = secrets.token_hex(size)
        stream.write(value)
        stream.flush()
        os.fsync(stream.fileno())
    return value
