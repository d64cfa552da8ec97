"""What interrupts an auction: an outage that is given back, and the auctioneer who suspends, resumes or cancels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from auctions import closing, control, desk, outages
from auctions.errors import NotPossibleNow
from auctions.states import AuctionState
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.kernel import settings
from marketplace.permissions import SYSTEM
from marketplace.states import history
from tests.auctions.time_travel import shift
from tests.factories import auctions as make


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


def test_a_closed_auction_cannot_be_cancelled(app, fresh):
    auction, _ = make.room(begins=-100, free=99, extension_s=0)
    closing.close_due()

    with pytest.raises(NotPossibleNow):
        control.cancel(SYSTEM, fresh(auction), "too late")
