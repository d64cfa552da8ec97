"""The closer's process: a heartbeat and two sweeps each second, on connections of their own, until TERM."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from marketplace import jobs
from marketplace.settings import Settings

from . import closing, outages
from .storage import Connection

log = structlog.get_logger(__name__)

SECONDS = 1
#: They take turns; in a storm of ends one computes while the other's writes are under way.
SWEEPERS = 2


class Line:
    """A connection that is made anew when it was lost: the closer must outlive any restart of the server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Connection | None = None

    def run(self, work: Callable[[Connection], Any]) -> Any:
        """Do the work; a lost server is logged, and the next second tries again."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = closing.connect(self._settings)
            return work(self._connection)
        except psycopg.OperationalError as error:
            log.warning("closer_lost_database", error=str(error).strip())
            self.close()
        return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def run_closer(app: Flask, settings: Settings) -> None:
    """Run until TERM or INT; the transaction in hand is finished first."""
    beating, *sweeping = lines = [Line(settings) for _ in range(1 + SWEEPERS)]
    scheduler = BlockingScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )

    def beat() -> None:
        # The sweep may take its time; the heart beats beside it. What an interruption cost is given back first:
        # once it beats, nothing tells any more that it stood still.
        if beating.run(closing.after_outage) is not None:
            with app.app_context():
                jobs.beat(outages.HEARTBEAT)

    now = datetime.now(UTC)
    scheduler.add_job(beat, "interval", seconds=SECONDS, id="beat", next_run_time=now)
    for n, line in enumerate(sweeping):
        first = now + timedelta(seconds=n * SECONDS / SWEEPERS)
        scheduler.add_job(line.run, "interval", (closing.sweep,), seconds=SECONDS, id=f"sweep-{n}", next_run_time=first)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.shutdown(wait=True))
    log.info("closer_started")
    scheduler.start()
    for line in lines:
        line.close()
    log.info("closer_stopped")
