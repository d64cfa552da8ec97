"""Rate limits and lock-outs, counted for all processes and kept through rollbacks."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from marketplace import limits
from marketplace.db import db
from marketplace.errors import TooMany


def test_the_limit_lets_through_and_then_refuses(app):
    left = [limits.hit("k", 2, 60), limits.hit("k", 2, 60)]

    with pytest.raises(TooMany) as refused:
        limits.hit("k", 2, 60)

    assert left == [1, 0]
    assert 0 < refused.value.retry_after <= 60


def test_a_new_window_starts_from_nothing(app, database):
    limits.hit("k", 1, 60)
    with database.connect_owner() as owner:
        owner.execute("UPDATE rate_counters SET window_ends_at = clock_timestamp() - interval '1 second'")

    assert limits.hit("k", 1, 60) == 0


def test_a_rollback_does_not_take_the_count_back(app):
    db.session.execute(text("SELECT 1"))
    limits.hit("k", 5, 60)
    db.session.rollback()

    assert limits.hit("k", 5, 60) == 3


def test_hits_from_many_connections_at_once_are_all_counted(app):
    refused = []

    def use() -> None:
        with app.app_context():
            try:
                limits.hit("k", 10, 60)
            except TooMany:
                refused.append(1)

    threads = [threading.Thread(target=use) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 6


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0), (4, 0), (5, 30), (6, 60), (7, 300), (8, 900), (9, 3600), (50, 3600)]
)
def test_the_lock_grows_with_wrong_tries(failures, seconds):
    assert limits.lock_seconds(failures) == seconds


def test_wrong_tries_lock_the_key_and_the_right_one_forgets_them(app):
    for _ in range(limits.FREE_TRIES):
        limits.check_lock("sign_in:a")
        limits.failed("sign_in:a")

    with pytest.raises(TooMany):
        limits.check_lock("sign_in:a")

    limits.check_lock("sign_in:b")
    limits.succeeded("sign_in:a")
    limits.check_lock("sign_in:a")


def test_wrong_tries_of_yesterday_are_forgotten(app, database):
    for _ in range(4):
        limits.failed("k")
    with database.connect_owner() as owner:
        owner.execute("UPDATE lockouts SET last_failed_at = last_failed_at - interval '25 hours'")

    assert limits.failed("k") == 1


def test_housekeeping_removes_only_what_is_over(app, database):
    limits.hit("old", 5, 60)
    limits.hit("new", 5, 60)
    with database.connect_owner() as owner:
        owner.execute("UPDATE rate_counters SET window_ends_at = now() - interval '2 hours' WHERE key = 'old'")

    limits.forget_old()

    assert limits.hit("new", 5, 60) == 3
    assert limits.hit("old", 5, 60) == 4
