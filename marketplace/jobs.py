"""The worker: facts to their handlers, mails to their readers, and what must happen every so often.

Packages register periodic work with `every` in their `init_app`. Several workers may run at once: facts and mails
are claimed row by row, and a periodic job runs in one worker at a time (an advisory lock per job).
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from . import mail, outbox, side
from .db import Base, CreatedAt, db

log = structlog.get_logger(__name__)

#: Pause of an idle loop: the delay a fact or a mail has at most when nothing else waits.
POLL_SECONDS = 0.15
BEAT_SECONDS = 5


class Heartbeat(Base):
    """When a background process last said that it works."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[CreatedAt]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


_BEAT = """
    INSERT INTO heartbeats (name, at, detail) VALUES (:name, clock_timestamp(), CAST(:detail AS jsonb))
    ON CONFLICT (name) DO UPDATE SET at = clock_timestamp(), detail = EXCLUDED.detail
"""


def beat(name: str, **detail: Any) -> None:
    """Say that the process `name` (`closer`, `worker`) works; committed at once."""
    side.run(_BEAT, name=name, detail=json.dumps(detail))


def heartbeats() -> dict[str, float]:
    """Age in seconds of every heartbeat, by name."""
    rows = db.session.execute(
        text("SELECT name, extract(epoch FROM clock_timestamp() - at) AS age FROM heartbeats ORDER BY name")
    )
    return {row.name: float(row.age) for row in rows}


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due every so many seconds."""

    name: str
    seconds: float
    function: Callable[[], Any]


JOBS: dict[str, Job] = {}


def every(seconds: float, name: str, function: Callable[[], Any]) -> None:
    """Let the worker call `function` this often; it owns its transactions and may be run twice at once."""
    JOBS[name] = Job(name, seconds, function)


def run_job(app: Flask, job: Job) -> bool:
    """Run one job now unless another worker is at it; an error is logged, never passed on."""
    with app.app_context(), _alone(job.name) as mine:
        if not mine:
            return False
        try:
            job.function()
        except Exception:
            log.exception("job_failed", job=job.name)
        finally:
            db.session.remove()
        return True


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Hold the job's advisory lock for as long as the block runs."""
    key = {"key": f"job:{name}"}
    with side.connection() as connection:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(hashtextextended(:key, 11))"), key).scalar_one()
        try:
            yield bool(taken)
        finally:
            if taken:
                connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 11))"), key)


def scheduler(app: Flask, jobs: list[Job]) -> BackgroundScheduler:
    """A scheduler of these jobs: late runs are made up for once, and never dropped."""
    made = BackgroundScheduler(
        timezone="Asia/Shanghai", job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )
    for job in jobs:
        made.add_job(run_job, "interval", args=(app, job), seconds=job.seconds, id=job.name)
    return made


def loop(app: Flask, stop: threading.Event, step: Callable[[], int], name: str = "") -> None:
    """Call `step` until told to stop, pausing when it found nothing; beats as `name` if one is given."""
    next_beat = 0.0
    while not stop.is_set():
        done = 0
        try:
            with app.app_context():
                if name and time.monotonic() >= next_beat:
                    beat(name)
                    next_beat = time.monotonic() + BEAT_SECONDS
                done = step()
        except Exception:
            # The database may be away for a moment; the loop must outlive that.
            log.exception("worker_step_failed", step=name or "mail")
            stop.wait(2)
        if not done:
            stop.wait(POLL_SECONDS)


def stop_on_signals() -> threading.Event:
    """An event that TERM or INT sets, so that the work in hand is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def run_worker(app: Flask) -> None:
    """Run until TERM: facts here, mails in a thread of their own so that a slow server delays no fact."""
    stop = stop_on_signals()
    timer = scheduler(app, list(JOBS.values()))
    mails = threading.Thread(target=loop, args=(app, stop, lambda: mail.send_due(20)), name="mail", daemon=True)
    timer.start()
    mails.start()
    log.info("worker_started", jobs=sorted(JOBS))
    loop(app, stop, lambda: outbox.deliver_due(100), "worker")
    timer.shutdown(wait=True)
    mails.join(timeout=mail.TIMEOUT_SECONDS + 5)
    log.info("worker_stopped")
