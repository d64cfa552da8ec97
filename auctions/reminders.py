"""Telling admitted bidders that an auction ends soon; idempotent, each is told once per auction."""

from __future__ import annotations

from datetime import timedelta

from marketplace.db import unit_of_work

from . import notifications, queries

NOTICE = timedelta(minutes=15)


def remind_ending() -> int:
    """Remind the bidders of every auction whose timed period or end is near; returns how many people were told."""
    with unit_of_work():
        return sum(notifications.ending_soon(auction) for auction in queries.ending_soon(NOTICE))
