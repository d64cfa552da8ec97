"""The desk on PostgreSQL: who may bid, what a key means, what is written, and what one bad bid may not do."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from auctions import batch, desk, evidence, keys
from auctions.engine.evidence import verify_receipt
from auctions.errors import BadBid, DeskBusy, NoSuchAuction
from auctions.states import AuctionState
from marketplace.kernel import settings
from tests.factories import auctions as make


def test_a_valid_bid_leads_and_moves_the_price(app, fresh):
    auction, (company, _) = make.room()

    answer = desk.place(company.request(auction, 1000))

    stored = fresh(auction)
    assert (answer.accepted, answer.leads, answer.refusal) == (True, True, "")
    assert (stored.price, stored.leader.organisation_id) == (Decimal("1000.00"), company.organisation.id)
    assert (stored.state, stored.bid_count, stored.leader_user_id) == (AuctionState.OPEN, 1, company.user.id)


def test_a_low_bid_is_refused_with_the_next_valid_amount_and_goes_on_record(app, rows):
    auction, (first, second) = make.room()
    desk.place(first.request(auction, 1000))

    answer = desk.place(second.request(auction, 1005))

    refused = rows("SELECT * FROM bids WHERE NOT accepted")
    assert (answer.accepted, answer.refusal) == (False, "below_minimum")
    assert (answer.minimum, answer.step) == (Decimal("1010.00"), make.STEP)
    assert [(row["sequence"], row["refusal"], row["at"]) for row in refused] == [
        (answer.sequence, "below_minimum", answer.at)
    ]


def test_a_limit_answers_a_rival_at_once_and_stays_hidden(app, rows, findings):
    auction, (first, second) = make.room()
    desk.place(first.request(auction, 1500, kind="limit"))

    answer = desk.place(second.request(auction, 1200))

    kinds = [(row["kind"], row["amount"]) for row in rows("SELECT * FROM bids ORDER BY sequence")]
    assert (answer.accepted, answer.leads, answer.view.price) == (True, False, Decimal("1210.00"))
    assert kinds == [
        ("limit", Decimal("1500.00")),
        ("auto", Decimal("1000.00")),
        ("bid", Decimal("1200.00")),
        ("auto", Decimal("1210.00")),
    ]
    assert findings(auction) == []


def test_the_same_key_is_one_bid_and_gets_the_same_answer(app, rows):
    auction, (company, _) = make.room()
    request = company.request(auction, 1000)
    first = desk.place(request)

    again = desk.place(request)

    assert again.repeated
    assert (again.accepted, again.sequence, again.at) == (first.accepted, first.sequence, first.at)
    assert len(rows("SELECT * FROM bids")) == 1


def test_a_key_used_for_another_amount_is_refused(app, rows):
    auction, (company, _) = make.room()
    desk.place(company.request(auction, 1000, key="same-key-1"))

    answer = desk.place(company.request(auction, 2000, key="same-key-1"))

    assert (answer.accepted, answer.refusal) == (False, "duplicate_key")
    assert len(rows("SELECT * FROM bids")) == 1


def test_the_receipt_is_signed_and_matches_the_log(app):
    auction, (company, _) = make.room()

    answer = desk.place(company.request(auction, 1000))

    receipt = evidence.receipt(settings(), answer.proof)
    entry = evidence.entries(auction)[answer.sequence - 1]
    assert verify_receipt(receipt, keys.public_key(settings()))
    assert (receipt.leaf, receipt.entry, receipt.head) == (entry.leaf.hex(), entry.entry, entry.head.hex())


def test_whoever_led_before_is_told_once(app, rows):
    auction, (first, second) = make.room()
    desk.place(first.request(auction, 1000))

    desk.place(second.request(auction, 1010))

    facts = rows("SELECT name, key, sequence, payload FROM facts")
    assert [(fact["name"], fact["key"], fact["sequence"]) for fact in facts] == [
        ("BidderOutbid", f"auction:{auction.id}", 1)
    ]
    assert facts[0]["payload"]["organisation_id"] == first.organisation.id


@pytest.mark.parametrize(
    ("amount", "code"), [("1000.005", "not_whole_fen"), ("1e40", "amount_out_of_range"), ("NaN", "amount_out_of_range")]
)
def test_what_is_no_amount_is_an_attempt(app, rows, amount, code):
    auction, (company, _) = make.room()

    answer = desk.place(company.request(auction, amount))

    assert (answer.refusal, answer.proof) == (code, None)
    assert [row["code"] for row in rows("SELECT code FROM auction_attempts")] == [code]


def test_before_the_opening_nothing_is_taken(app):
    auction, (company, _) = make.room(begins=60)

    assert desk.place(company.request(auction, 1000)).refusal == "not_open"


def test_an_unknown_auction_and_an_unreadable_key_are_no_bids(app):
    auction, (company, _) = make.room()

    with pytest.raises(NoSuchAuction):
        desk.place(company.request(auction, 1000, auction_number="PM1999-000001"))
    with pytest.raises(BadBid):
        desk.place(company.request(auction, 1000, key="short"))


def test_a_locked_auction_answers_503_with_the_key_and_the_desk_goes_on(app, database, monkeypatch):
    auction, (company, _) = make.room()
    monkeypatch.setattr(desk, "_LIMITS", " -c lock_timeout=300ms")
    with database.connect() as other, other.transaction():
        other.execute("SELECT 1 FROM auctions WHERE id = %s FOR UPDATE", (auction.id,))

        with pytest.raises(DeskBusy) as caught:
            desk.place(company.request(auction, 1000, key="the-clients-key"))

    assert caught.value.facts["key"] == "the-clients-key"
    assert desk.place(company.request(auction, 1000, key="the-clients-key")).accepted


def test_when_the_answer_to_a_commit_is_lost_the_bid_counts_once(app, rows, monkeypatch):
    auction, (company, _) = make.room()
    lost = []

    def lose(point):
        if point == batch.AFTER_COMMIT and not lost:
            lost.append(point)
            raise psycopg.OperationalError("the server went away")

    monkeypatch.setattr(batch, "fault", lose)

    answer = desk.place(company.request(auction, 1000))

    assert lost
    assert (answer.accepted, answer.repeated) == (True, True)
    assert [row["sequence"] for row in rows("SELECT sequence FROM bids")] == [answer.sequence]


def test_a_bid_outlives_a_connection_that_was_lost(app, database, rows):
    auction, (company, other) = make.room()
    desk.place(other.request(auction, 1000))
    with database.connect() as other_session:
        killed = other_session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'exchange desk'"
        ).fetchall()

    answer = desk.place(company.request(auction, 1010))

    assert killed
    assert answer.accepted
    assert len(rows("SELECT * FROM bids")) == 2


def test_a_bid_after_the_end_closes_the_auction_and_does_not_count(app, fresh, findings):
    auction, (company, _) = make.room(begins=-100, free=99.5, extension_s=0)

    answer = desk.place(company.request(auction, 1000))

    stored = fresh(auction)
    assert (answer.accepted, answer.refusal) == (False, "closed")
    assert (stored.state, stored.outcome, stored.bid_count) == (AuctionState.CLOSED, "no_bid", 0)
    assert findings(auction) == []
