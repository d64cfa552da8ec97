"""What the worker does for contracts."""

from __future__ import annotations

from marketplace.db import unit_of_work

from . import services


def set_deadlines() -> int:
    """Set the deadlines that waited for a calendar."""
    with unit_of_work():
        return services.set_deadlines()
