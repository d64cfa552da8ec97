"""The closer on PostgreSQL: openings, ends, what follows from them, bad auctions, outages, and locked rows."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from auctions import closing, control, desk, outages
from auctions.errors import NotPossibleNow
from auctions.models import Auction
from auctions.states import AuctionState
from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.kernel import settings
from marketplace.permissions import SYSTEM
from marketplace.states import history
from tests.factories import auctions as make


def shift(database, seconds, *auctions):
    """Let these auctions' times lie so many seconds earlier, as if that long had passed."""
    with database.connect_owner() as owner:
        for auction in auctions:
            owner.execute(
                """UPDATE auctions SET starts_at = starts_at - %(s)s, free_ends_at = free_ends_at - %(s)s,
                       ends_at = ends_at - %(s)s, due_at = due_at - %(s)s, rules_version = rules_version + 1,
                       rules = rules || jsonb_build_object(
                           'opens_at', (rules ->> 'opens_at')::timestamptz - %(s)s,
                           'free_ends_at', (rules ->> 'free_ends_at')::timestamptz - %(s)s),
                       state_json = state_json || jsonb_build_object(
                           'free_ends_at', (state_json ->> 'free_ends_at')::timestamptz - %(s)s,
                           'ends_at', (state_json ->> 'ends_at')::timestamptz - %(s)s,
                           'last_at', (state_json ->> 'last_at')::timestamptz - %(s)s)
                   WHERE id = %(id)s""",
                {"s": timedelta(seconds=seconds), "id": auction.id},
            )
    desk.storage.forget()


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


def beat(seconds_ago):
    db.session.execute(
        text("INSERT INTO heartbeats (name, at, detail) VALUES ('closer', clock_timestamp() - :ago, '{}')"),
        {"ago": timedelta(seconds=seconds_ago)},
    )
    db.session.commit()


def test_an_outage_in_the_last_period_gives_a_full_cycle_back(app, database, fresh, findings):
    auction, (company, _) = make.room(begins=-10, free=9)
    desk.place(company.request(auction, 1000))
    shift(database, 200, auction)
    beat(190)

    closing.close_due()

    stored, now = fresh(auction), db_now()
    assert stored.state is AuctionState.OPEN
    assert stored.ends_at - now > timedelta(seconds=115)
    assert [step.action for step in history(stored)] == ["open", "suspend", "resume"]


def test_the_desk_forgives_an_outage_too_and_takes_the_bid(app, database, fresh):
    auction, (company, other) = make.room(begins=-10, free=9)
    desk.place(company.request(auction, 1000))
    shift(database, 200, auction)
    beat(190)

    answer = desk.place(other.request(auction, 1010))

    assert answer.accepted
    assert fresh(auction).state is AuctionState.OPEN


def test_a_short_silence_of_the_closer_moves_no_end(app, database, fresh):
    auction, (company, _) = make.room(begins=-10, free=9)
    desk.place(company.request(auction, 1000))
    shift(database, 125, auction)
    beat(30)

    closing.close_due()

    assert fresh(auction).outcome == "sold"


def test_an_end_before_the_outage_stands(app, database, fresh):
    auction, (company, _) = make.room(begins=-10, free=9)
    desk.place(company.request(auction, 1000))
    shift(database, 400, auction)
    beat(200)

    closing.close_due()

    assert fresh(auction).outcome == "sold"


def test_time_is_given_back_before_the_closer_beats_again(app, database, fresh):
    auction, (company, _) = make.room(begins=-10, free=9)
    desk.place(company.request(auction, 1000))
    shift(database, 100, auction)
    beat(95)

    with closing.connect(settings()) as connection:
        given = closing.after_outage(connection)

    assert given == 1
    assert fresh(auction).ends_at - db_now() > timedelta(seconds=110)
    assert outages.REASON in [step.reason for step in history(fresh(auction))]


def test_the_auctioneer_suspends_and_resumes_with_the_lost_time(app, fresh, findings):
    auction, (company, _) = make.room()
    desk.place(company.request(auction, 1000))
    auction = fresh(auction)
    ends = auction.ends_at

    control.suspend(SYSTEM, auction, "court order")
    db.session.commit()
    refused = desk.place(company.request(auction, 1010))
    control.resume(SYSTEM, fresh(auction), "order lifted")
    db.session.commit()

    stored = fresh(auction)
    assert refused.refusal == "suspended"
    assert (stored.state, stored.reason) == (AuctionState.OPEN, "order lifted")
    assert stored.ends_at > ends
    assert findings(auction) == []


def test_a_cancelled_auction_returns_deposits_and_closes_its_log(app, fresh, rows, findings):
    auction, (company, _) = make.room()
    desk.place(company.request(auction, 1000))

    control.cancel(SYSTEM, fresh(auction), "withdrawn by the owner")
    db.session.commit()

    stored = fresh(auction)
    facts = rows("SELECT payload FROM facts WHERE name = 'AuctionClosed'")
    assert (stored.state, stored.outcome, stored.due_at) == (AuctionState.CANCELLED, "cancelled", None)
    assert [fact["payload"]["outcome"] for fact in facts] == ["cancelled"]
    assert {row["state"] for row in rows("SELECT state FROM deposits")} == {"released"}
    assert findings(auction) == []


def test_an_auction_cancelled_before_it_opened_has_a_sound_log(app, fresh, findings):
    auction, _ = make.room(begins=60)

    control.cancel(SYSTEM, fresh(auction), "withdrawn")
    db.session.commit()

    assert fresh(auction).state is AuctionState.CANCELLED
    assert findings(auction) == []


def test_a_closed_auction_cannot_be_cancelled(sold, fresh):
    auction, _ = sold
    closing.close_due()

    with pytest.raises(NotPossibleNow):
        control.cancel(SYSTEM, fresh(auction), "too late")


def test_many_auctions_close_in_one_sweep_with_one_fact_each(app, database, rows):
    auctions = [make.room(free=3600, extension_s=0)[0] for _ in range(40)]
    shift(database, 3600, *auctions)

    assert closing.close_due() == len(auctions)

    counted = rows("SELECT count(*) AS facts, count(DISTINCT key) AS keys FROM facts WHERE name = 'AuctionClosed'")
    assert counted == [{"facts": 40, "keys": 40}]
    assert db.session.query(Auction).filter_by(state=AuctionState.CLOSED).count() == len(auctions)
