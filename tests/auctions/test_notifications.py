"""Who is told what about auctions, once, with the number in the subject."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import OrgRole
from auctions import closing, desk, handlers, notifications, reminders, services
from auctions.models import Auction
from auctions.states import AuctionState
from marketplace import outbox
from marketplace.db import db
from marketplace.facts import BidderOutbid, ListingWithdrawn
from marketplace.notices import Notice, render
from marketplace.permissions import SYSTEM
from tests.auctions.time_travel import shift
from tests.factories import auctions as make
from tests.factories.accounts import make_member


@pytest.fixture
def running(app):
    auction, parties = make.room(2, extension_s=0)
    auction.announced_at = auction.starts_at
    db.session.commit()
    return auction, parties


def told(user, event=None):
    query = select(Notice.event, Notice.title).where(Notice.user_id == user.id).order_by(Notice.id)
    found = [(row.event.removeprefix("auctions."), row.title) for row in db.session.execute(query)]
    return [name for name, _title in found] if event is None else [title for name, title in found if name == event]


def close(database, auction):
    shift(database, 7200, auction)
    closing.close_due(10)
    outbox.deliver_due()


def test_at_the_end_winner_loser_and_seller_are_told(running, database):
    auction, (loser, winner) = running
    seller = make_member(auction.organisation, OrgRole.SELLER_EDITOR)
    desk.place(loser.request(auction, 1000))
    desk.place(winner.request(auction, 1500))

    close(database, auction)

    assert told(winner.user, "won") == [f"{auction.number}：贵单位竞得"]
    assert told(loser.user, "lost") == [f"{auction.number}：竞价已结束"]
    assert told(seller, "closed") == [f"{auction.number}：贵单位的竞价已结束"]


def test_nobody_wins_what_nobody_bid_for(running, database):
    auction, (first, second) = running

    close(database, auction)

    assert ["lost" in told(party.user) for party in (first, second)] == [True, True]


def test_who_was_overtaken_is_told_once_in_a_while(running):
    auction, (first, second) = running
    for n in range(6):
        desk.place((first, second)[n % 2].request(auction, 1000 + n * 10))

    outbox.deliver_due()

    assert told(first.user) == ["outbid"]
    # The second leads again by the time the mail would be written.
    assert told(second.user) == []


def test_a_late_fact_of_a_closed_auction_says_nothing(running, database):
    auction, (first, second) = running
    desk.place(first.request(auction, 1000))
    desk.place(second.request(auction, 1010))
    shift(database, 7200, auction)
    closing.close_due(10)
    db.session.rollback()

    handlers.tell_outbid(
        BidderOutbid(
            auction_id=auction.id, number=auction.number, listing_id=auction.listing_id,
            organisation_id=first.organisation.id, price=Decimal(1010),
        )
    )  # fmt: skip

    assert "outbid" not in told(first.user)


def test_bidders_are_reminded_once_before_the_timed_period(app):
    auction, (party,) = make.room(1, begins=-3600, free=4000)
    desk.place(party.request(auction, 1000))

    first, again = reminders.remind_ending(), reminders.remind_ending()

    assert (first, again) == (1, 0)
    assert told(party.user) == ["ending_soon"]


def test_suspension_resumption_and_cancellation_reach_everybody(running):
    auction, (first, second) = running
    desk.place(first.request(auction, 1000))
    db.session.expire_all()

    services.suspend(SYSTEM, auction, "核查权属")
    services.resume(SYSTEM, auction, "核查完毕")
    services.suspend(SYSTEM, auction, "再次核查")
    services.cancel(SYSTEM, auction, "权属异议成立")
    db.session.commit()
    outbox.deliver_due()

    for party in (first, second):
        kinds = [kind for kind in told(party.user) if not kind.startswith("payments.")]
        assert kinds == ["suspended", "resumed", "suspended", "cancelled"]


def test_a_withdrawn_result_takes_its_auction_along(running):
    auction, (first, _second) = running

    handlers.cancel_for_listing(
        ListingWithdrawn(listing_id=auction.listing_id, number="CG", organisation_id=1, reason="成果撤回")
    )

    stored = db.session.get_one(Auction, auction.id)
    assert (stored.state, stored.reason) == (AuctionState.CANCELLED, "成果撤回")
    assert "cancelled" in told(first.user)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("name", notifications.EVENTS)
def test_every_message_has_three_parts_and_its_number(app, language, name):
    from flask_babel import force_locale

    auction = make.auction()
    context = {
        "auction": auction,
        "title": "石墨烯",
        "reason": "材料不全",
        "bidder": 3,
        "price": Decimal(1500),
        "outcome": "sold",
    }

    with force_locale(language):
        parts = render(f"auctions.{name}", {**context, "url": f"/auctions/{auction.number}"})

    assert auction.number in parts.subject
    assert f"/auctions/{auction.number}" in parts.text
    assert "<p>" in parts.html
