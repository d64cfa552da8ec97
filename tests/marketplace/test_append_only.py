"""The past stays as it was: the role may not change it, the triggers refuse everybody, the chain shows a forgery."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from marketplace import audit
from marketplace.db import APPEND_ONLY, db
from marketplace.permissions import SYSTEM, Actor


class Thing:
    """Something with an audit trail."""

    __tablename__ = "kernel_things"

    def __init__(self, number: int) -> None:
        self.id = number


def guarded_tables() -> list[str]:
    return sorted(APPEND_ONLY)


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.parametrize("table", guarded_tables())
def test_the_application_has_no_right_to_change_the_past(database, table, verb):
    with database.connect() as connection:
        allowed = connection.execute("SELECT has_table_privilege(%s, %s)", (table, verb)).fetchone()

    assert allowed == (False,)


@pytest.mark.parametrize("table", guarded_tables())
def test_triggers_refuse_row_changes_and_truncation(database, table):
    query = """
        SELECT count(*) FILTER (WHERE tgtype & 16 > 0 AND tgtype & 8 > 0 AND tgtype & 1 > 0),
               count(*) FILTER (WHERE tgtype & 32 > 0)
        FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'O'
          AND tgfoid = 'refuse_change'::regproc"""
    with database.connect_owner() as owner:
        assert owner.execute(query, (table,)).fetchone() == (1, 1)


def write_trail() -> None:
    for number in (1, 2):
        for step in range(3):
            audit.record(SYSTEM, f"thing.step{step}", Thing(number), {"n": step}, {"n": step + 1})
    db.session.commit()


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
)
def test_neither_the_application_nor_the_owner_changes_the_trail(app, database, statement):
    write_trail()

    with database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
    with database.connect_owner() as owner, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        owner.execute(statement)


def test_an_honest_trail_holds(app):
    write_trail()

    assert audit.verify() == (6, [])


@pytest.mark.parametrize(
    ("forgery", "places"),
    [
        ("UPDATE audit_entries SET actor_name = 'x' WHERE object_id = 1 AND sequence = 2", [(1, 2)]),
        ("UPDATE audit_entries SET after = '{\"n\": 9}' WHERE object_id = 2 AND sequence = 3", [(2, 3)]),
        ("UPDATE audit_entries SET at = at - interval '1 day' WHERE object_id = 1 AND sequence = 1", [(1, 1)]),
        ("DELETE FROM audit_entries WHERE object_id = 1 AND sequence = 2", [(1, 3)]),
        ("DELETE FROM audit_entries WHERE object_id = 1 AND sequence = 1", [(1, 2)]),
    ],
)
def test_a_forgery_past_the_triggers_is_found(app, database, forgery, places):
    write_trail()
    with database.connect_owner() as owner:
        owner.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        owner.execute(forgery)

    _read, breaks = audit.verify()

    assert sorted({(found.object_id, found.sequence) for found in breaks}) == places


def test_the_command_reports_a_forgery(app, database):
    write_trail()
    with database.connect_owner() as owner:
        owner.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        owner.execute("UPDATE audit_entries SET action = 'x' WHERE object_id = 1 AND sequence = 2")

    result = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert result.exit_code == 1
    assert "kernel_things 1, entry 2: was altered" in result.output


def test_entries_say_who_and_from_where(app):
    actor = Actor(None, "王五", organisation_id=None)
    audit.record(actor, "thing.change", Thing(1), {"n": 1}, {"n": 2}, label="T-1")
    db.session.commit()

    row = db.session.execute(text("SELECT actor_name, object_label, before, after FROM audit_entries")).one()
    assert tuple(row) == ("王五", "T-1", {"n": 1}, {"n": 2})
