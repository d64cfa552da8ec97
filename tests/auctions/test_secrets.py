"""A planted limit and a planted reserve are searched for, byte by byte, in everything that leaves the exchange.

While the auction runs nobody but their owners may find them; after the close what may be published is. Every route
that answers to GET is walked for every kind of visitor, with every number and id that the world holds.
"""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import text

from accounts.roles import OrgRole, StaffRole
from auctions import closing, control, live_feed
from marketplace import outbox
from marketplace.db import db
from marketplace.kernel import settings
from tests.auctions import planting
from tests.auctions.planting import LIMIT_SPELT, RESERVE, RESERVE_SPELT, finish, found, leave_limit
from tests.factories.accounts import make_member, make_staff, sign_in

#: A walk takes seconds: the staff who come near auctions each time, the others with the large tests.
NEAR = ("auctioneer", "auditor")
OTHERS = [role.value for role in StaffRole if role.value not in NEAR]
STRANGERS = ["nobody", "rival", "seller", *NEAR, *(pytest.param(role, marks=pytest.mark.heavy) for role in OTHERS)]
#: Where the auctioneer reads the reserve that the seller entrusted to it, and where a bidder reads its own limit.
AUCTIONEERS_OWN = {"/desk/auctions/<number>"}
OWNERS_OWN = re.compile(r"^/auctions/<number>")


@pytest.fixture
def planted(app):
    """The auction and its bidders; the second has bid, the reserve is not reached."""
    return planting.plant()


@pytest.fixture
def enter(client, planted):
    """Come in as this kind of visitor."""
    auction, parties = planted

    def visit(visitor):
        if visitor == "rival":
            sign_in(client, parties[2].user, parties[2].organisation)
        elif visitor == "owner":
            sign_in(client, parties[0].user, parties[0].organisation)
        elif visitor == "seller":
            roles = [role for role in OrgRole if role.value.startswith("seller")] + [OrgRole.MANAGER]
            sign_in(client, make_member(auction.organisation, roles), auction.organisation)
        elif visitor != "nobody":
            sign_in(client, make_staff(StaffRole(visitor)))
        outbox.deliver_due()
        return client

    return visit


@pytest.mark.parametrize("visitor", STRANGERS)
def test_neither_is_anywhere_before_and_after_the_close(visitor, enter, planted, database):
    below_its_reserve, _parties = planted
    with_limit, parties = planting.plant(reserve=None)
    leave_limit(with_limit, parties[0])
    allowed = AUCTIONEERS_OWN if visitor == StaffRole.AUCTIONEER else set()
    client = enter(visitor)

    seen = found(client, LIMIT_SPELT + RESERVE_SPELT)
    assert {one for one in seen if one[0] not in allowed or one[1] in LIMIT_SPELT} == set()

    assert finish(database, below_its_reserve, with_limit) == ["reserve_not_met", "sold"]
    assert found(client, LIMIT_SPELT + RESERVE_SPELT) == set()


def test_the_walk_finds_what_the_auctioneer_may_see(enter, planted):
    seen = found(enter("auctioneer"), RESERVE_SPELT, re.compile("^/desk/auctions"))

    assert {route for route, _figure in seen} == AUCTIONEERS_OWN


def test_its_owner_sees_the_limit(enter, planted):
    auction, parties = planted
    leave_limit(auction, parties[0])

    assert "/auctions/<number>/receipts" in {route for route, _ in found(enter("owner"), LIMIT_SPELT, OWNERS_OWN)}


def test_a_reserve_that_was_reached_is_published_with_the_log(client, planted, database):
    auction, parties = planted
    leave_limit(auction, parties[0])
    finish(database, auction)

    seen = found(client, RESERVE_SPELT, re.compile("/evidence"))

    assert "/auctions/<number>/evidence.json" in {route for route, _figure in seen}


def test_the_live_stream_holds_neither(planted):
    auction, parties = planted
    assert [figure for figure in RESERVE_SPELT if figure in _streamed(auction)] == []

    # From here on the price is the reserve, which is why it was reached.
    leave_limit(auction, parties[0])
    assert [figure for figure in LIMIT_SPELT if figure in _streamed(auction)] == []


def _streamed(auction):
    with closing.connect(settings()) as connection:
        [seen] = live_feed.read(connection, {}, [auction.number])
    return json.dumps([seen.view, seen.bids])


def test_the_rules_that_pages_read_hold_no_reserve(planted):
    auction, _parties = planted

    assert "reserve" not in {name for name, value in auction.rules.items() if value is not None and name == "reserve"}
    assert control.reserve_of(auction) == RESERVE


def test_neither_stands_in_the_audit_trail_facts_or_mails(planted, database):
    auction, parties = planted
    leave_limit(auction, parties[0])
    finish(database, auction)

    everything = "".join(
        str(row)
        for table in ("audit_entries", "facts", "notices", "mails", "state_changes")
        for row in db.session.execute(text(f"SELECT * FROM {table}"))
    )
    assert [figure for figure in LIMIT_SPELT if figure in everything] == []
