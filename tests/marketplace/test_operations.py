"""Health, metrics, logs, the worker: what those who run the exchange look at."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from dataclasses import replace

import pytest
from sqlalchemy import text

from marketplace import jobs, logs, metrics, outbox, security
from marketplace.db import db
from marketplace.facts import ListingListed
from marketplace.permissions import Permission
from marketplace.settings import Settings


def test_alive_asks_nothing_of_the_database(client, queries):
    assert client.get("/health/live").json == {"status": "alive"}
    assert queries == []


def test_ready_says_who_is_silent(client):
    jobs.beat("closer")

    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    assert answer.json["heartbeats"]["closer"]["late"] is False
    assert answer.json["heartbeats"]["worker"] == {"age_seconds": None, "late": True}


def test_ready_when_all_work(client):
    jobs.beat("closer")
    jobs.beat("worker")

    assert client.get("/health/ready").json["status"] == "ready"


def test_not_ready_on_older_tables(client, database):
    with database.connect_owner() as owner:
        owner.execute("UPDATE alembic_version SET version_num = 'a001'")

    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json["migrations"]) == (503, False)


def test_a_beat_is_kept_through_a_rollback(app):
    db.session.execute(text("SELECT 1"))
    jobs.beat("closer", swept=3)
    db.session.rollback()

    assert jobs.heartbeats()["closer"] < 5


def test_metrics_count_requests_and_what_waits(client):
    jobs.beat("worker")
    client.get("/health/live")

    page = client.get("/metrics").get_data(as_text=True)

    assert 'exchange_request_seconds_count{endpoint="health.live",method="GET",status="200"}' in page
    assert "exchange_outbox_pending 0.0" in page
    assert 'exchange_heartbeat_age_seconds{process="worker"}' in page
    assert "exchange_closer_lag_seconds NaN" in page


PRODUCTION = Settings(exchange_env="production", metrics_token="t" * 20)


@pytest.mark.parametrize(
    ("settings", "authorization", "open_"),
    [
        (PRODUCTION, "", False),
        (PRODUCTION, "Bearer wrong", False),
        (PRODUCTION, "Bearer " + "t" * 20, True),
        (replace(PRODUCTION, metrics_token=""), "Bearer ", False),
        (Settings(exchange_env="development"), "", True),
    ],
)
def test_metrics_are_guarded_in_production(settings, authorization, open_):
    assert metrics.may_read(settings, authorization) is open_


def test_production_asks_browsers_for_https_for_ever(app, client, monkeypatch):
    monkeypatch.setattr(security.talisman, "strict_transport_security", True)

    assert "max-age=31536000" in client.get("/health/live", base_url="https://x").headers["Strict-Transport-Security"]


def test_the_stream_may_be_connected_to_and_nothing_else():
    policy = security.policy(Settings(exchange_env="development", live_port=8001))

    assert policy["connect-src"] == "'self' http://localhost:8001"
    assert security.policy(Settings(exchange_env="production"))["connect-src"] == "'self'"
    assert "unsafe" not in " ".join(policy.values())


def test_an_access_line_says_who_what_and_how_long(app, client, capsys, monkeypatch):
    logs.configure(replace(app.extensions["exchange.settings"], log_format="json", log_level="INFO"))
    try:
        answer = client.get("/developers?lang=en")
        quiet = client.get("/health/live")
    finally:
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
        logs.configure(app.extensions["exchange.settings"])

    [line] = [one for one in lines if one["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/developers", 200)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["ms"] > 0
    assert quiet.status_code == 200


def test_a_log_line_covers_secrets():
    line = logs._mask(None, "info", {"event": "x", "password": "a", "new_totp_secret": "b", "path": "/"})

    assert line == {"event": "x", "password": "***", "new_totp_secret": "***", "path": "/"}


def test_a_path_that_opens_something_is_covered(app):
    with app.test_request_context("/reset/abcdef") as context:
        context.request.view_args = {"token": "abcdef"}

        assert logs.shown_path() == "/reset/***"


def test_a_job_runs_in_one_worker_at_a_time(app):
    ran: list[int] = []
    inner = jobs.Job("test", 1, lambda: ran.append(2))
    outer = jobs.Job("test", 1, lambda: ran.append(1) or ran.append(int(jobs.run_job(app, inner))))

    assert jobs.run_job(app, outer) is True
    assert ran == [1, 0]
    assert jobs.run_job(app, inner) is True


def test_a_failing_job_does_not_end_the_worker(app):
    def fail() -> None:
        raise ValueError("job")

    assert jobs.run_job(app, jobs.Job("test", 1, fail)) is True


@pytest.mark.process
def test_the_worker_handles_facts_sends_mails_and_stops_when_asked(app, server, smtp):
    from marketplace import mail

    installation = server(worker=True)
    outbox.publish(ListingListed(listing_id=1, number="CG2026-000001", organisation_id=1))
    mail.queue("li@example.cn", "s", "t", "", "k")
    db.session.commit()

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (smtp.messages and "worker" in jobs.heartbeats()):
        db.session.rollback()
        time.sleep(0.1)
    process = installation.processes["worker"]
    installation.kill("worker", signal.SIGTERM)

    assert len(smtp.messages) == 1
    assert process.returncode == 0
    assert "worker_stopped" in installation.log("worker")


def test_the_operators_desk_shows_what_is_silent_and_leads_on(client, acting):
    acting(Permission.SYSTEM_OPERATE)

    page = client.get("/desk").get_data(as_text=True)

    assert 'href="/desk/operations"' in page
    assert 'href="/desk/holidays"' in page


def test_others_see_nothing_of_the_system_on_their_desk(client, acting):
    acting()

    assert "/desk/operations" not in client.get("/desk").get_data(as_text=True)


def fetch(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode()


@pytest.mark.process
def test_metrics_add_up_what_all_web_processes_counted(server):
    installation = server(workers=2)

    for _ in range(30):
        fetch(f"{installation.url}/developers")

    pages = [fetch(f"{installation.url}/metrics") for _ in range(4)]
    counted = 'exchange_request_seconds_count{endpoint="tokens.developers",method="GET",status="200"} 30.0'
    assert [counted in page for page in pages] == [True] * 4
