"""Figures for Prometheus at /metrics: requests by endpoint, and what waits in the background.

Web processes count into memory-mapped files that any of them adds up; what the database knows (backlogs, ages)
is read when asked.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from . import jobs, mail, outbox
from .errors import NotFound
from .logs import quiet
from .permissions import public
from .settings import Settings

blueprint = Blueprint("metrics", __name__)

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_claimed: list[Path] = []


@dataclass(frozen=True, slots=True)
class Figures:
    """What a web process counts."""

    requests: Histogram


@cache
def figures() -> Figures:
    """This process's counters, made once: the library finds its folder in the environment at that moment."""
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    return Figures(
        requests=Histogram(
            "exchange_request_seconds",
            "Time to answer, by endpoint and status.",
            ("method", "endpoint", "status"),
            buckets=BUCKETS,
            registry=registry,
        )
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Count every request."""
    if not _claimed:
        # Once a process, whatever its parent had set: files that are open stay where they are.
        folder = settings.instance_dir.resolve() / "metrics"
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[_FOLDER] = str(folder)
        _claimed.append(folder)
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.counted_from = time.perf_counter()


def _count(response: Response) -> Response:
    started = g.get("counted_from")
    if started is not None and request.endpoint != "static":
        labels = (request.method, request.endpoint or "none", str(response.status_code))
        figures().requests.labels(*labels).observe(time.perf_counter() - started)
    return response


@blueprint.get("/metrics", endpoint="metrics")
@quiet
@public
def metrics() -> Response:
    """Everything counted, for whoever holds the token (anybody in development and tests)."""
    settings: Settings = current_app.extensions["exchange.settings"]
    if not may_read(settings, request.headers.get("Authorization", "")):
        raise NotFound
    counted = CollectorRegistry()
    MultiProcessCollector(counted, path=os.environ[_FOLDER])  # type: ignore[no-untyped-call]
    counted.register(Waiting())
    return Response(generate_latest(counted), content_type=CONTENT_TYPE_LATEST)


def may_read(settings: Settings, authorization: str) -> bool:
    """True outside production, or with the token of the settings."""
    if not settings.production:
        return True
    expected = f"Bearer {settings.metrics_token}"
    return bool(settings.metrics_token) and hmac.compare_digest(authorization.encode(), expected.encode())


class Waiting(Collector):
    """What the database knows, read at the moment it is asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        facts, mails, beats = outbox.backlog(), mail.backlog(), jobs.heartbeats()
        for name, meaning, value in (
            ("outbox_pending", "Facts that wait for a handler.", facts.pending),
            ("outbox_failing", "Facts whose handler failed at least once.", facts.failing),
            ("outbox_oldest_seconds", "Age of the oldest fact that is due.", facts.oldest_seconds),
            ("mail_pending", "Mails to be sent.", mails.pending),
            ("mail_failing", "Mails that failed at least once.", mails.failing),
            ("closer_lag_seconds", "Since the closer last swept.", beats.get("closer", float("nan"))),
        ):
            yield GaugeMetricFamily(f"exchange_{name}", meaning, value=value)
        ages = GaugeMetricFamily(
            "exchange_heartbeat_age_seconds", "Since a process last said that it works.", labels=("process",)
        )
        for name, age in beats.items():
            ages.add_metric((name,), age)
        yield ages
