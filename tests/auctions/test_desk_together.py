"""Bids that arrive together: they share transactions, fail alone, wait for nobody else, and keep each person's limit."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from auctions import desk
from auctions.errors import DeskBusy
from marketplace.db import db
from tests.factories import auctions as make


def test_bids_in_flight_share_a_transaction_and_every_answer_equals_its_row(app, rows, findings):
    auction, parties = make.room(30)
    requests = [party.request(auction, 1000 + 10 * n) for n, party in enumerate(parties)]
    barrier = threading.Barrier(len(requests))

    def place(request):
        with app.app_context():
            barrier.wait()
            return desk.place(request)

    with ThreadPoolExecutor(len(requests)) as pool:
        answers = list(pool.map(place, requests))

    stored = {row["key"]: row for row in rows("SELECT * FROM bids WHERE kind = 'bid' ORDER BY sequence")}
    transactions = {row["xmin"] for row in rows("SELECT xmin::text FROM bids")}
    assert len(stored) == len(requests)
    assert len(transactions) < len(requests) / 2
    for request, answer in zip(requests, answers, strict=True):
        row = stored[request.key]
        assert (row["accepted"], row["refusal"], row["sequence"], row["at"]) == (
            answer.accepted, answer.refusal, answer.sequence, answer.at,
        )  # fmt: skip
    assert findings(auction) == []


def place_together(app, requests):
    """Answers to bids that arrive at the same moment."""
    barrier = threading.Barrier(len(requests))

    def one(request):
        with app.app_context():
            barrier.wait()
            return desk.place(request)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(one, requests))


def test_bids_on_many_auctions_share_transactions_too(app, rows, findings):
    party = make.company()
    auctions = [make.auction() for _ in range(30)]
    for auction in auctions:
        make.admit(auction, party)
    db.session.commit()

    answers = place_together(app, [party.request(auction, 1000) for auction in auctions])

    transactions = {row["xmin"] for row in rows("SELECT xmin::text FROM bids")}
    assert all(answer.accepted for answer in answers)
    assert len(transactions) < len(auctions) / 2
    assert [findings(auction) for auction in auctions] == [[]] * len(auctions)


def test_a_locked_auction_does_not_hold_up_the_others(app, database):
    party = make.company()
    auctions = [make.auction() for _ in range(12)]
    for auction in auctions:
        make.admit(auction, party)
    db.session.commit()
    locked, done = auctions[5], {}

    def place(auction):
        with app.app_context():
            answer = desk.place(party.request(auction, 1000))
        done[auction.id] = time.monotonic()
        return answer

    with ThreadPoolExecutor(len(auctions)) as pool, database.connect() as holder:
        with holder.transaction():
            holder.execute("SELECT 1 FROM auctions WHERE id = %s FOR UPDATE", (locked.id,))
            waiting = [pool.submit(place, auction) for auction in auctions]
            deadline = time.monotonic() + 3
            while len(done) < len(auctions) - 1 and time.monotonic() < deadline:
                time.sleep(0.02)
            before = set(done)
        answers = [one.result() for one in waiting]

    assert before == {auction.id for auction in auctions} - {locked.id}
    assert all(answer.accepted for answer in answers)


def test_a_limit_holds_over_auctions_decided_in_one_transaction(app, rows):
    buyer = make.company()
    clerk = make.member(buyer.organisation, bid_limit=Decimal("2500.00"))
    auctions = [make.auction() for _ in range(8)]
    for auction in auctions:
        make.admit(auction, buyer)
    db.session.commit()

    answers = place_together(app, [clerk.request(auction, 1000) for auction in auctions])

    assert [answer.accepted for answer in answers].count(True) == 2
    assert {answer.refusal for answer in answers if not answer.accepted} == {"over_authority"}


def test_one_poison_bid_fails_alone(app, database, rows):
    auction, parties = make.room(12)
    requests = [party.request(auction, 1000 + 10 * n, key=f"client-key-{n:02d}") for n, party in enumerate(parties)]
    with database.connect_owner() as owner:
        owner.execute(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.key = 'client-key-05' THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$"
        )
        owner.execute("CREATE TRIGGER poison BEFORE INSERT ON bids FOR EACH ROW EXECUTE FUNCTION poison()")
    barrier = threading.Barrier(len(requests))

    def place(request):
        with app.app_context():
            barrier.wait()
            try:
                return desk.place(request)
            except DeskBusy as error:
                return error

    with ThreadPoolExecutor(len(requests)) as pool:
        answers = list(pool.map(place, requests))

    failed = [request.key for request, answer in zip(requests, answers, strict=True) if isinstance(answer, DeskBusy)]
    assert failed == ["client-key-05"]
    assert len(rows("SELECT * FROM bids WHERE kind = 'bid'")) == len(requests) - 1
