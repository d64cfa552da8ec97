"""Evidence as stored: nobody changes it, what is exported proves it, and what must stay hidden stays a commitment."""

from __future__ import annotations

import json
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import text

from auctions import closing, control, desk, evidence, keys
from auctions.engine.evidence import chain, sign_receipt, verify
from marketplace.db import db
from marketplace.errors import Conflict
from marketplace.kernel import settings
from marketplace.permissions import SYSTEM
from tests.factories import auctions as make

LIMIT = "77315.37"
RESERVE = "98765.43"


@pytest.fixture
def told(app):
    """An auction with a hidden reserve, a hidden limit and a refused bid."""
    auction, (first, second) = make.room(reserve=Decimal(RESERVE), announce_reserve_status=True)
    answers = [
        desk.place(first.request(auction, LIMIT, kind="limit")),
        desk.place(second.request(auction, 1200)),
        desk.place(second.request(auction, 1000)),
    ]
    return auction, answers


@pytest.fixture
def over(told, fresh):
    """The same after it was cancelled: its log is closed."""
    auction, answers = told
    control.cancel(SYSTEM, fresh(auction), "withdrawn")
    db.session.commit()
    return fresh(auction), answers


@pytest.mark.parametrize("table", ["bids", "auction_events", "auction_attempts"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_application_cannot_change_the_log(told, database, table, statement):
    with database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table))


@pytest.mark.parametrize("table", ["bids", "auction_events"])
def test_even_the_owner_meets_a_trigger(told, database, table):
    with database.connect_owner() as connection, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        connection.execute(f"DELETE FROM {table}")


def test_a_tampered_amount_is_found(told, database, findings):
    auction, _ = told
    with database.connect_owner() as owner:
        owner.execute("ALTER TABLE bids DISABLE TRIGGER USER")
        owner.execute("UPDATE bids SET amount = amount + 1 WHERE kind = 'bid' AND accepted")

    assert {finding.code for finding in findings(auction)} & {"altered", "rules_differ"}


def test_a_removed_bid_is_found(told, database, findings):
    auction, _ = told
    with database.connect_owner() as owner:
        owner.execute("ALTER TABLE bids DISABLE TRIGGER USER")
        owner.execute("DELETE FROM bids WHERE NOT accepted")

    assert "stored_head_differs" in {finding.code for finding in findings(auction)}


def test_a_log_chained_anew_and_signed_fails_against_the_bidders_receipt(over):
    auction, answers = over
    receipt = evidence.receipt(settings(), answers[2].proof)
    kept = [entry for entry in evidence.entries(auction) if entry.sequence != answers[2].sequence]
    moved = [({**entry.entry, "sequence": place}, entry.salt) for place, entry in enumerate(kept, 1)]
    forged = list(chain(auction.number, moved))

    file = evidence.audit_export(auction.number, forged, keys.signing_key(settings()))
    codes = {finding.code for finding in verify(file, [receipt], keys.public_key(settings()))}

    assert "receipt_contradicts_log" in codes


def test_the_audit_file_verifies_with_every_receipt(over):
    auction, answers = over
    receipts = [evidence.receipt(settings(), answer.proof) for answer in answers]

    file = json.loads(json.dumps(evidence.audit_file(settings(), auction)))

    assert verify(file, receipts, keys.public_key(settings())) == []


def test_the_public_file_verifies_and_keeps_limit_refusals_and_reserve(over):
    auction, _ = over

    published = json.dumps(evidence.public_file(settings(), auction))

    assert verify(json.loads(published), [], keys.public_key(settings())) == []
    assert LIMIT not in published
    assert RESERVE not in published
    assert "below_minimum" not in published


def test_while_it_runs_there_is_no_public_file(told, fresh):
    auction, _ = told

    with pytest.raises(Conflict):
        evidence.public_file(settings(), fresh(auction))


def test_a_receipt_is_the_same_whenever_it_is_asked_for(told):
    _, answers = told

    first, again = (evidence.receipt(settings(), answers[0].proof) for _ in range(2))

    assert first == again


def test_a_receipt_forged_with_another_key_is_no_receipt(over):
    auction, answers = over
    proof = answers[1].proof
    stranger = keys.SigningKey.generate()
    forged = sign_receipt(stranger, auction.number, proof.bidder, proof.entry(), proof.salt, proof.leaf, proof.head)

    file = evidence.audit_file(settings(), auction)

    assert [one.code for one in verify(file, [forged], keys.public_key(settings()))] == ["receipt_forged"]


def test_the_commands_export_and_verify_offline(over, app, tmp_path):
    auction, answers = over
    runner = app.test_cli_runner()
    exported = runner.invoke(args=["auctions", "export", auction.number, "--audit"])
    file, receipt = tmp_path / "log.json", tmp_path / "receipt.json"
    file.write_text(exported.output)
    receipt.write_text(json.dumps(evidence.receipt(settings(), answers[0].proof).to_json()))

    stored = runner.invoke(args=["auctions", "verify", auction.number])
    offline = runner.invoke(args=["auctions", "verify", str(file), "--receipt", str(receipt)])
    file.write_text(exported.output.replace("1200.00", "1300.00"))
    altered = runner.invoke(args=["auctions", "verify", str(file)])

    assert (stored.output, stored.exit_code) == ("ok\n", 0)
    assert (offline.output, offline.exit_code) == ("ok\n", 0)
    assert altered.exit_code == 1
    assert "altered" in altered.output


def test_taking_the_audit_file_is_written_down(over, app, rows):
    auction, _ = over

    app.test_cli_runner().invoke(args=["auctions", "export", auction.number, "--audit"])

    assert [row["action"] for row in rows("SELECT action FROM audit_entries WHERE action LIKE '%export%'")] == [
        "auction.export_audit"
    ]


def test_a_key_made_for_development_is_kept(tmp_path, app):
    from dataclasses import replace

    local = replace(settings(), evidence_seed="", instance_dir=tmp_path)

    made = keys.public_key(local)
    keys.signing_key.cache_clear()

    assert keys.public_key(local) == made
    assert made != keys.public_key(settings())


def test_a_head_after_the_close_stands_for_the_whole_log(over, database):
    auction, _ = over
    closing.close_due()

    last = db.session.execute(
        text("SELECT head FROM auction_events WHERE auction_id = :id ORDER BY sequence DESC LIMIT 1"),
        {"id": auction.id},
    ).scalar_one()

    assert bytes(last) == auction.head
