"""Processes killed inside a service: what was not committed never was, and doing it again does it once."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from contracts.states import ContractState
from marketplace.db import db
from tests.factories.contracts import make_deal
from tests.support.processes import ROOT, Installation

pytestmark = pytest.mark.process

PAPER = b"The paper of one organisation.\n"

_BEGIN = """
import io
from marketplace.app import create_app
from marketplace.db import db, unit_of_work
from marketplace.permissions import SYSTEM
app = create_app()
with app.app_context(), unit_of_work():
"""
STORE = f"""{_BEGIN}
    from marketplace import files
    files.store(io.BytesIO({PAPER!r}), "paper.txt", owner=("users", 1), visibility="private", actor=SYSTEM,
                kinds=frozenset({{files.TXT}}))
"""
REGISTER = f"""{_BEGIN}
    from accounts.models import User
    from contracts import services
    from contracts.models import Contract
    from tests.factories.accounts import actor_for
    services.register_contract(actor_for(db.session.get_one(User, %d), None), db.session.get_one(Contract, %d))
"""


def rows(query):
    """Rows of a query, with no transaction left open behind it."""
    found = [dict(row) for row in db.session.execute(text(query)).mappings()]
    db.session.rollback()
    return found


@pytest.fixture
def run(app, database, tmp_path):
    """Run a script on this test's installation, armed to die at a place if one is named; gives its exit code."""
    installation = Installation(database, tmp_path / "instance")
    installation.instance.mkdir()

    def start(script: str, point: str = "") -> int:
        environment = {**installation.environment, "PYTHONPATH": str(ROOT), "FAULT_AT": point}
        done = subprocess.run(
            [sys.executable, "-c", script],
            check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode

    start.instance = installation.instance
    return start


def test_killed_after_the_bytes_are_written_no_file_is_known_and_the_next_try_keeps_one(run):
    killed = run(STORE, "files.after_write")
    known = rows("SELECT * FROM files")

    run(STORE)

    digest = hashlib.sha256(PAPER).hexdigest()
    stored = [path for path in (run.instance / "files").rglob("*") if path.is_file()]
    assert (killed, known) == (-signal.SIGKILL, [])
    assert [row["sha256"] for row in rows("SELECT sha256 FROM files")] == [digest]
    assert [(path.name, path.read_bytes()) for path in stored] == [(digest, PAPER)]


def test_killed_before_a_registration_commits_its_number_is_given_to_the_next(run):
    deal = make_deal(ContractState.APPLIED)
    script = REGISTER % (deal.registrar.id, deal.contract.id)
    db.session.rollback()

    killed = run(script, "contracts.before_registered")
    before = rows("SELECT state FROM contracts")
    run(script)

    registrations = rows("SELECT number FROM contract_registrations WHERE number IS NOT NULL")
    facts = rows("SELECT payload FROM facts WHERE name = 'ContractRegistered'")
    assert (killed, before) == (-signal.SIGKILL, [{"state": "applied"}])
    assert rows("SELECT state FROM contracts") == [{"state": "registered"}]
    assert [row["number"][-4:] for row in registrations] == ["0001"]
    assert [fact["payload"]["registration_number"] for fact in facts] == [registrations[0]["number"]]
