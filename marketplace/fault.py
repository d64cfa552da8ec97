"""Named places where the tests kill the process, to prove that a crash loses nothing.

Off unless the environment is `test` and `FAULT_AT` names the place; then the process kills itself with
signal 9, as a power cut would.
"""

from __future__ import annotations

import os
import signal

#: Every fault point in the code; a test enumerates them and fails on one it never reached.
POINTS: dict[str, str] = {
    "outbox.before_mark": "a fact's handler ran, its delivery is not committed",
    "outbox.after_mark": "a fact's delivery is committed",
}

# Read once at start: the check on a hot path is one comparison with None.
_armed: str | None = os.environ.get("FAULT_AT") if os.environ.get("EXCHANGE_ENV") == "test" else None


def declare(name: str, meaning: str) -> str:
    """Name a fault point of a package; returns the name."""
    POINTS[name] = meaning
    return name


def fault(name: str) -> None:
    """Die here if the tests armed this point."""
    if _armed is not None and _armed == name:
        os.kill(os.getpid(), signal.SIGKILL)
