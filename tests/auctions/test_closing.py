"""The closer on PostgreSQL: openings, ends, what follows from them, bad auctions, outages, and locked rows."""

from __future__ import annotations

import threading
import time
from decimal import Decimal

import pytest

from auctions import closing, desk
from auctions.models import Auction
from auctions.states import AuctionState
from marketplace import audit
from marketplace.db import db
from marketplace.states import history
from tests.auctions.time_travel import shift
from tests.factories import auctions as make


@pytest.fixture
def sold(app, database):
    """An auction with two bids whose end has just passed; the second bidder leads at 1,200."""
    auction, parties = make.room(free=3600, extension_s=0)
    desk.place(parties[0].request(auction, 1000))
    desk.place(parties[1].request(auction, 1200))
    shift(database, 3600, auction)
    return auction, parties


def test_the_sweep_opens_what_is_due_and_leaves_the_rest(app, fresh):
    due, later = make.auction(), make.auction(begins=60)
    db.session.commit()

    assert closing.close_due() == 1
    assert fresh(due).state is AuctionState.OPEN
    assert fresh(later).state is AuctionState.ANNOUNCED


def test_the_sweep_begins_the_timed_period(app, fresh):
    auction, _ = make.room(begins=-100, free=99)

    closing.close_due()

    stored = fresh(auction)
    assert (stored.phase, stored.due_at) == ("timed", stored.ends_at)


def test_an_end_writes_the_outcome_deposits_and_one_fact(sold, fresh, rows):
    auction, (loser, winner) = sold

    closing.close_due()

    stored = fresh(auction)
    deposits = {row["organisation_id"]: row["state"] for row in rows("SELECT * FROM deposits")}
    closed = rows("SELECT payload FROM facts WHERE name = 'AuctionClosed'")
    assert (stored.state, stored.outcome, stored.price) == (AuctionState.CLOSED, "sold", Decimal("1200.00"))
    assert stored.winner.organisation_id == winner.organisation.id
    assert deposits == {loser.organisation.id: "released", winner.organisation.id: "held"}
    assert [fact["payload"]["winner_organisation_id"] for fact in closed] == [winner.organisation.id]


def test_an_end_leaves_history_and_an_unbroken_audit_trail(sold, fresh, findings):
    auction, _ = sold

    closing.close_due()

    steps = [(step.action, step.from_state, step.to_state) for step in history(fresh(auction))]
    assert steps == [("open", "announced", "open"), ("close", "open", "closed")]
    assert [entry.action for entry in audit.trail(auction)] == ["auction.open", "auction.close"]
    assert audit.verify()[1] == []


def test_a_second_sweep_changes_nothing(sold, rows):
    closing.close_due()
    before = rows("SELECT * FROM auctions") + rows("SELECT * FROM facts")

    assert closing.close_due() == 0
    assert rows("SELECT * FROM auctions") + rows("SELECT * FROM facts") == before


def test_an_unmet_reserve_ends_without_a_sale_and_returns_all_deposits(app, database, fresh, rows):
    auction, (one, _) = make.room(extension_s=0, reserve=Decimal(5000))
    desk.place(one.request(auction, 1000))
    shift(database, 3600, auction)

    closing.close_due()

    assert fresh(auction).outcome == "reserve_not_met"
    assert {row["state"] for row in rows("SELECT state FROM deposits")} == {"released"}


def test_a_timed_cycle_without_a_bid_ends_the_auction(app, database, fresh):
    auction, (one, _) = make.room(begins=-100, free=99)
    desk.place(one.request(auction, 1000))
    assert closing.close_due() == 0

    shift(database, 121, auction)
    closing.close_due()

    assert fresh(auction).outcome == "sold"


def test_a_bad_auction_stands_alone_with_an_alarm_and_heals(app, database, fresh, rows):
    auctions = [make.room(begins=-100, free=99, extension_s=0)[0] for _ in range(7)]
    bad = auctions[3]
    with database.connect_owner() as owner:
        owner.execute(
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$"
        )
        owner.execute(
            "CREATE TRIGGER broken BEFORE UPDATE ON auctions FOR EACH ROW"
            f" WHEN (NEW.state = 'closed' AND NEW.id = {bad.id}) EXECUTE FUNCTION broken()"
        )

    closing.close_due()

    states = [fresh(auction).state for auction in auctions if auction is not bad]
    alarms = rows("SELECT auction_id, error FROM close_alarms WHERE cleared_at IS NULL")
    assert set(states) == {AuctionState.CLOSED}
    assert [alarm["auction_id"] for alarm in alarms] == [bad.id]
    assert "broken" in alarms[0]["error"]

    db.session.rollback()
    with database.connect_owner() as owner:
        owner.execute("DROP TRIGGER broken ON auctions")
        owner.execute("UPDATE close_alarms SET last_at = last_at - interval '1 hour'")
    closing.close_due()

    assert fresh(bad).state is AuctionState.CLOSED
    assert rows("SELECT * FROM close_alarms WHERE cleared_at IS NULL") == []


def test_a_locked_row_is_left_alone_at_first_and_waited_for_when_overdue(app, database, fresh):
    auction, _ = make.room(begins=-100, free=99, extension_s=0)
    other, _ = make.room(begins=-100, free=99, extension_s=0)
    shift(database, 10, auction)
    held = threading.Event()

    def hold():
        with database.connect() as holder, holder.transaction():
            holder.execute("SELECT 1 FROM auctions WHERE id = %s FOR UPDATE", (auction.id,))
            held.set()
            time.sleep(1)

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait()
    closing.close_due()
    holding.join()

    assert fresh(other).state is AuctionState.CLOSED
    assert fresh(auction).state is AuctionState.CLOSED


def test_a_lock_held_over_the_end_lets_no_late_bid_in(app, database, fresh, rows):
    auction, (company, _) = make.room(begins=-100, free=101, extension_s=0)
    held, answers = threading.Event(), []

    def hold():
        with database.connect() as holder, holder.transaction():
            holder.execute("SELECT 1 FROM auctions WHERE id = %s FOR UPDATE", (auction.id,))
            held.set()
            time.sleep(1.5)

    def bid():
        with app.app_context():
            answers.append(desk.place(company.request(auction, 1000)))

    threads = [threading.Thread(target=hold), threading.Thread(target=bid)]
    threads[0].start()
    held.wait()
    threads[1].start()
    for thread in threads:
        thread.join()

    assert [answer.refusal for answer in answers] == ["closed"]
    assert fresh(auction).outcome == "no_bid"
    assert rows("SELECT * FROM bids") == []


def test_a_deposit_released_before_the_lock_means_refusal(app, database):
    auction, (company, _) = make.room()
    released, answers = threading.Event(), []

    def release():
        with database.connect() as other, other.transaction():
            other.execute("SELECT 1 FROM auctions WHERE id = %s FOR UPDATE", (auction.id,))
            released.set()
            time.sleep(0.5)
            other.execute(
                "UPDATE deposits SET state = 'released' WHERE organisation_id = %s", (company.organisation.id,)
            )

    releasing = threading.Thread(target=release)
    releasing.start()
    released.wait()
    answers.append(desk.place(company.request(auction, 1000)))
    releasing.join()

    assert [answer.refusal for answer in answers] == ["deposit_missing"]


def test_many_auctions_close_in_one_sweep_with_one_fact_each(app, database, rows):
    auctions = [make.room(free=3600, extension_s=0)[0] for _ in range(40)]
    shift(database, 3600, *auctions)

    assert closing.close_due() == len(auctions)

    counted = rows("SELECT count(*) AS facts, count(DISTINCT key) AS keys FROM facts WHERE name = 'AuctionClosed'")
    assert counted == [{"facts": 40, "keys": 40}]
    assert db.session.query(Auction).filter_by(state=AuctionState.CLOSED).count() == len(auctions)
