"""The kernel's commands, as an operator types them."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace import cli, holidays, i18n, limits, mail, outbox, states
from marketplace.db import db
from marketplace.facts import ListingListed


@pytest.fixture
def run(app):
    """`run("outbox", "pending")`: the command's result."""
    return lambda *words: app.test_cli_runner().invoke(args=list(words))


def test_what_waits_can_be_shown_and_handled(run, monkeypatch):
    monkeypatch.setitem(outbox._handlers, "ListingListed", {"kernel.test": lambda _fact: None})
    outbox.publish(ListingListed(listing_id=1, number="CG2026-000001", organisation_id=1))
    db.session.commit()

    assert run("outbox", "pending").output.startswith("1 waiting, 0 failing")
    assert run("outbox", "run").output == "1 handled\n"
    assert run("outbox", "pending").output.startswith("0 waiting")


def test_a_failing_fact_can_be_tried_again(run, monkeypatch):
    def fail(fact: object) -> None:
        raise ValueError("no")

    monkeypatch.setitem(outbox._handlers, "ListingListed", {"kernel.test": fail})
    outbox.publish(ListingListed(listing_id=1, number="CG2026-000001", organisation_id=1))
    db.session.commit()
    run("outbox", "run")
    assert "kernel.test ×1: ValueError: no" in run("outbox", "pending").output

    monkeypatch.setitem(outbox._handlers, "ListingListed", {"kernel.test": lambda _fact: None})
    [(_delivery, fact)] = outbox.failing()

    assert run("outbox", "retry", str(fact.id), "kernel.test").output == "1 handled\n"


def test_due_mails_can_be_sent(run, smtp):
    mail.queue("li@example.cn", "s", "t", "", "k")
    db.session.commit()

    assert run("mail", "send-due").output == "1 tried\n"
    assert len(smtp.messages) == 1


def test_a_year_can_be_imported_and_shown(run, tmp_path):
    source = tmp_path / "2027.csv"
    source.write_text("date,kind,name\n2027-01-01,holiday,元旦\n")

    assert "1 days of 2027" in run("holidays", "import", str(source), "--year", "2027").output
    assert not holidays.is_working_day(date(2027, 1, 1))
    assert "2027-01-01 holiday 元旦" in run("holidays", "show", "2027").output
    assert "248 working days" in run("holidays", "show", "2026").output


def test_every_state_machine_is_drawn(run):
    page = cli.states_page()

    assert [name for name in states.MACHINES if f"## {name}\n" not in page] == []
    assert "stateDiagram-v2" in page


def test_the_drawn_machines_are_those_of_the_code(run):
    assert run("docs", "states", "--check").exit_code == 0, "run `flask docs states` and commit docs/states.md"


def test_routes_are_listed_with_their_permissions(run):
    lines = run("routes-permissions").output.splitlines()

    assert any("/desk/operations " in line and "staff:system:operate" in line for line in lines)
    assert not [line for line in lines if "(nothing declared)" in line]


def test_every_kernel_text_has_its_chinese():
    assert i18n.missing("marketplace") == []


def test_what_is_locked_is_listed_and_opened(run):
    for _ in range(limits.FREE_TRIES):
        limits.failed("sign_in:a@example.cn")

    listed = run("limits", "locked").output
    opened = run("limits", "unlock", "sign_in:a@example.cn")

    assert listed.startswith("sign_in:a@example.cn: 5 wrong tries")
    assert opened.exit_code == 0
    assert run("limits", "locked").output == ""
    assert run("limits", "unlock", "sign_in:a@example.cn").exit_code == 1
