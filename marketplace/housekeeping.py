"""What the worker tidies up: counters, keys and files that nobody will ask for again."""

from __future__ import annotations

from . import api_idempotency, files, jobs, limits
from .db import unit_of_work


def init_app() -> None:
    """Schedule the kernel's own periodic work."""
    jobs.every(3600, "limits", limits.forget_old)
    jobs.every(3600, "idempotency", forget_keys)
    # Daily is enough: an orphan costs only disk, and none younger than a day is touched.
    jobs.every(24 * 3600, "files", files.clean)


def forget_keys() -> None:
    """Remove idempotency keys past their time."""
    with unit_of_work():
        api_idempotency.forget_old()
