"""A planted limit and a planted reserve are searched for, byte by byte, in everything that leaves the exchange.

While the auction runs nobody but their owners may find them; after the close what may be published is.
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from sqlalchemy import text

from accounts.roles import OrgRole, StaffRole
from auctions import closing, control, desk, live_feed
from auctions.models import Auction
from marketplace import outbox
from marketplace.db import db
from marketplace.kernel import settings
from tests.auctions.time_travel import shift
from tests.factories import auctions as make
from tests.factories.accounts import make_member, make_staff, sign_in

#: Figures that nothing else on any page could have.
LIMIT, RESERVE = Decimal("7654321.09"), Decimal("6543210.98")
FORMS = {
    "limit": ["7654321.09", "7,654,321.09", "765.43", "765.4321", "7.654 million", "765432109"],
    "reserve": ["6543210.98", "6,543,210.98", "654.32", "654.3211", "6.543 million", "654321098"],
}

PUBLIC = [
    "/", "/auctions", "/auctions?phase=over", "/auctions?phase=live&lang=en", "/auctions?format=csv", "/auctions/calendar.ics",
    "/auctions/{n}", "/auctions/{n}?lang=en", "/auctions/{n}/state.json", "/auctions/{n}/state.json?since=1",
    "/auctions/{n}/chart", "/auctions/{n}/evidence", "/auctions/{n}/calendar.ics", "/auctions/{n}/evidence.json",
    "/api/v1/auctions", "/api/v1/auctions/{n}", "/listings/{l}",
]  # fmt: skip
RIVAL = [*PUBLIC, "/desk", "/desk/auctions/bidding", "/auctions/{n}/receipts", "/deposits", "/notices"]
SELLER = [*PUBLIC, "/desk", "/desk/auctions/selling", "/notices"]
OVERSEER = [*PUBLIC, "/desk", "/notices"]


@pytest.fixture
def planted(app):
    """A room where the first bidder left a limit above a hidden reserve, and a rival bid after it."""
    auction, parties = make.room(
        3, opening=Decimal("1000000.00"), increments=((Decimal(0), Decimal("10000.00")),), reserve=RESERVE,
        announce_reserve_status=True, extension_s=0,
    )  # fmt: skip
    auction.announced_at = auction.starts_at
    db.session.commit()
    # Below the reserve first: lifted to it, the price itself would be the reserve.
    assert desk.place(parties[1].request(auction, "1000000")).accepted
    return auction, parties


def leave_limit(planted):
    auction, parties = planted
    assert desk.place(parties[0].request(auction, LIMIT, kind="limit")).accepted
    return auction, parties


def finish(database, auction: Auction) -> Auction:
    """Let the auction's time run out; the closer writes the outcome, and everybody is told. Gives it read anew."""
    shift(database, 7200, auction)
    closing.close_due(10)
    outbox.deliver_due()
    return db.session.get_one(Auction, auction.id)


def found(client, pages, auction, figures):
    """Where any spelling of the figure stands."""
    listing = db.session.execute(
        text("SELECT number FROM listings WHERE id = :id"), {"id": auction.listing_id}
    ).scalar()
    db.session.rollback()
    hits = []
    for page in pages:
        answer = client.get(page.format(n=auction.number, l=listing))
        hits += [(page, figure) for figure in figures if figure.encode() in answer.data]
    return hits


def test_before_the_reserve_is_reached_nobody_finds_it(client, planted):
    auction, parties = planted
    rival, staff = parties[2], make_staff([StaffRole.AUDITOR, StaffRole.SUPERVISOR, StaffRole.FINANCE])
    editor = make_member(auction.organisation, OrgRole.SELLER_EDITOR)
    assert found(client, PUBLIC, auction, FORMS["reserve"]) == []

    sign_in(client, rival.user, rival.organisation)
    assert found(client, RIVAL, auction, FORMS["reserve"]) == []
    sign_in(client, editor, auction.organisation)
    assert found(client, SELLER, auction, FORMS["reserve"]) == []
    sign_in(client, staff)
    assert found(client, OVERSEER, auction, FORMS["reserve"]) == []


def test_the_auctioneer_sees_the_reserve_on_its_own_page_alone(client, planted):
    auction, _parties = planted
    sign_in(client, make_staff(StaffRole.AUCTIONEER))

    assert found(client, [*PUBLIC, "/desk", "/desk/auctions"], auction, FORMS["reserve"]) == []
    assert found(client, ["/desk/auctions/{n}"], auction, FORMS["reserve"][1:2]) != []


def test_while_it_runs_nobody_but_its_owner_finds_a_limit(client, planted):
    auction, parties = leave_limit(planted)
    rival, auctioneer = parties[1], make_staff(StaffRole.AUCTIONEER)
    editor = make_member(auction.organisation, OrgRole.SELLER_EDITOR)
    assert found(client, PUBLIC, auction, FORMS["limit"]) == []

    sign_in(client, rival.user, rival.organisation)
    assert found(client, RIVAL, auction, FORMS["limit"]) == []
    sign_in(client, editor, auction.organisation)
    assert found(client, SELLER, auction, FORMS["limit"]) == []
    sign_in(client, auctioneer)
    assert found(client, [*OVERSEER, "/desk/auctions", "/desk/auctions/{n}"], auction, FORMS["limit"]) == []


def test_its_owner_sees_the_limit(client, planted):
    auction, parties = leave_limit(planted)
    sign_in(client, parties[0].user, parties[0].organisation)

    assert found(client, ["/auctions/{n}/receipts"], auction, FORMS["limit"][1:2]) != []


def test_the_live_stream_holds_neither(planted):
    auction, _parties = leave_limit(planted)
    with closing.connect(settings()) as connection:
        seen = live_feed.read(connection, {}, [auction.number])

    told = json.dumps([[one.view, one.bids] for one in seen])

    assert [figure for figure in FORMS["limit"] if figure in told] == []


def test_after_the_close_the_unused_limit_stays_sealed(client, planted, database):
    auction, parties = leave_limit(planted)
    auction = finish(database, auction)
    assert auction.outcome == "sold"

    assert found(client, PUBLIC, auction, FORMS["limit"]) == []
    for party in parties[1:]:
        sign_in(client, party.user, party.organisation)
        assert found(client, RIVAL, auction, FORMS["limit"]) == []


def test_a_reserve_that_was_not_reached_stays_sealed(client, planted, database):
    auction, parties = planted
    auction = finish(database, auction)
    assert auction.outcome == "reserve_not_met"

    sign_in(client, make_staff(StaffRole.AUCTIONEER))
    assert found(client, [*PUBLIC, "/desk/auctions/{n}"], auction, FORMS["reserve"]) == []
    sign_in(client, parties[1].user, parties[1].organisation)
    assert found(client, RIVAL, auction, FORMS["reserve"]) == []


def test_a_reserve_that_was_reached_is_published_with_the_log(client, planted, database):
    auction, _parties = leave_limit(planted)
    finish(database, auction)

    assert found(client, ["/auctions/{n}/evidence.json"], auction, ["6543210.98"]) != []


def test_the_rules_that_pages_read_hold_no_reserve(planted):
    auction, _parties = planted

    assert "reserve" not in {name for name, value in auction.rules.items() if value is not None and name == "reserve"}
    assert control.reserve_of(auction) == RESERVE


def test_neither_stands_in_the_audit_trail_facts_or_mails(planted, database):
    auction, _parties = leave_limit(planted)
    finish(database, auction)

    everything = "".join(
        str(row)
        for table in ("audit_entries", "facts", "notices", "mails", "state_changes")
        for row in db.session.execute(text(f"SELECT * FROM {table}"))
    )
    assert [figure for figure in FORMS["limit"] if figure in everything] == []
