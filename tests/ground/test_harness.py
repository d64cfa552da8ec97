"""The harness itself: clones are fresh, the application uses them, mail arrives."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_a_fresh_database(db_session, turn):
    db_session.execute(text("INSERT INTO counters (series, value) VALUES ('T', 1)"))
    db_session.commit()

    assert db_session.execute(text("SELECT count(*) FROM counters")).scalar_one() == 1


def test_the_application_connects_with_the_guarded_role(db_session):
    assert db_session.execute(text("SELECT current_user")).scalar_one() == "exchange_app"


def test_the_application_may_not_change_the_past(database):
    with database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM audit_entries")


def test_even_the_owner_is_refused_by_the_trigger(database):
    with database.connect_owner() as connection:
        connection.execute(
            "INSERT INTO facts (name, version, key, sequence, payload) VALUES ('X', 1, 'x:1', 1, '{}'::jsonb)"
        )
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            connection.execute("UPDATE facts SET name = 'Y'")


def test_a_page_is_served(client):
    assert client.get("/no-such-page").status_code == 404
