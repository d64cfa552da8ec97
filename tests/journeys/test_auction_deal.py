"""The main job, from a listed result to the counted contract, by everybody who takes part, in real browsers."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import OrganisationKind, OrgRole, StaffRole
from auctions import control
from auctions.engine import rules_from_json
from auctions.models import Auction
from auctions.states import AuctionState
from listings.kinds import PriceMode
from marketplace import audit, clock
from marketplace.clock import beijing, db_now
from marketplace.db import db
from tests.factories.accounts import make_member, make_organisation, make_staff
from tests.factories.listings import make_listing
from tests.journeys import contracting, figures
from tests.journeys.contracting import Side
from tests.journeys.steps import Stage, fill, press, sees, until

pytestmark = [pytest.mark.browser, pytest.mark.process]


def bring_forward(auction: Auction) -> None:
    """Let the auction begin now: nobody waits eleven days in a test. Its free period lasts a few seconds."""
    now = db_now()
    rules = replace(
        rules_from_json({**auction.rules, "reserve": None}),
        opens_at=now,
        free_ends_at=now + timedelta(seconds=11),
        extension_s=4,
    )
    auction.state = AuctionState.DRAFT
    control.set_rules(auction, rules)
    auction.state = AuctionState.ANNOUNCED
    control.put_on_calendar(auction)
    db.session.commit()


def test_a_result_is_auctioned_contracted_registered_and_counted(app, server, new_page):  # noqa: PLR0915 - one long day
    university = make_organisation(OrganisationKind.UNIVERSITY, name="北境理工大学")
    seller = make_member(university, [OrgRole.SELLER_EDITOR])
    seller_signer = make_member(university, [OrgRole.SELLER_SIGNER])
    companies = [make_organisation(name=name) for name in ("松江精工有限公司", "龙沙新材料有限公司")]
    bidders = [make_member(one, [OrgRole.BUYER_EDITOR]) for one in companies]
    signers = [make_member(one, [OrgRole.BUYER_SIGNER]) for one in companies]
    listing = make_listing(organisation=university, price_mode=PriceMode.AUCTION, price=Decimal("1000000.00"))
    running = server(closer=True, worker=True, live=True)
    stage = Stage(app, running, new_page)

    # The seller asks for an auction with the proposed terms; the auctioneer announces it.
    desk = stage.person(seller, university)
    desk.goto(f"/auctions/new?listing={listing.number}")
    fill(desk, opening="100", bands="1", deposit="10")
    press(desk, "Hand to the auctioneer")
    auction = db.session.scalars(select(Auction)).one()
    auctioneer = stage.person(make_staff(StaffRole.AUCTIONEER))
    auctioneer.goto(f"/desk/auctions/{auction.number}")
    press(auctioneer, "Announce the auction")

    # Two companies register; the auctioneer approves; two finance officers take in the deposits.
    rooms = [stage.person(user, company) for user, company in zip(bidders, companies, strict=True)]
    for room in rooms:
        room.goto(f"/auctions/{auction.number}/register")
        for box in room.locator("main input[type=checkbox]").all():
            box.check()
        press(room, "Register")
    for _ in companies:
        auctioneer.goto(f"/desk/auctions/{auction.number}")
        press(auctioneer, "Approve")
    recorder, confirmer = (stage.person(make_staff(StaffRole.FINANCE)) for _ in range(2))
    for serial, company in enumerate(companies):
        recorder.goto("/desk/deposits")
        recorder.get_by_role("row").filter(has_text=company.name).get_by_role("link").first.click()
        arrived = beijing(db_now()).strftime("%Y-%m-%dT%H:%M")
        fill(recorder, amount="100000", bank_reference=f"20261125-{serial}", payer=company.name, paid_at=arrived)
        press(recorder, "Record the receipt")
        confirmer.goto(recorder.url)
        press(confirmer, "Confirm and lock")
        sees(confirmer, "Locked")

    # The room: each sees the other's bid within a second.
    db.session.expire_all()
    before = figures.shown(running)
    auction = db.session.scalars(select(Auction)).one()
    bring_forward(auction)
    for room in rooms:
        until(room, f"/auctions/{auction.number}", lambda page: page.locator("[data-quick] button").count() > 0)
        room.locator("[data-ask-first] input").uncheck()
    first, second = rooms
    first.locator("[data-quick] button").first.click()
    sees(first, "You lead")
    started = time.monotonic()
    # Only the other's bid can say this: the amount stood there before, as the opening price.
    sees(second, "Bidder no. 1 leads", 1.5)
    assert time.monotonic() - started < 1.5
    second.locator("[data-quick] button").first.click()
    sees(second, "You lead")
    sees(first, "You are outbid", 1.5)

    # The closer closes; the contract is drafted, completed, signed by both, registered.
    until(second, f"/auctions/{auction.number}", lambda page: "You have won" in page.inner_text("main"), 60)
    address = contracting.drafted(desk)
    seller_side, buyer_side = Side(university, desk, seller_signer), Side(companies[1], rooms[1], signers[1])
    contracting.conclude(stage, address, seller_side, buyer_side)
    registration = contracting.register(stage, address, seller_side)
    assert "Valid The contract with this number is registered." in figures.check_page(running, registration)

    # The running window rises by exactly that amount in every breakdown; the closed one does not move.
    price = db.session.scalars(select(Auction.price)).one()
    assert price == Decimal("1010000.00")
    assert figures.risen(running, before) == {
        "whole": {"": price}, "year": {str(clock.today().year): price}, "city": {"230100": price},
        "kind": {"transfer": price}, "field": {"materials": price}, "source": {"auction": price},
    }  # fmt: skip
    assert figures.of_window(running, "plan-2022") == 0
    trail = [entry.action for entry in audit.trail(db.session.scalars(select(Auction)).one())]
    assert trail
    app_report = app.test_cli_runner().invoke(args=["targets", "recount", "--check"])
    assert app_report.exit_code == 0, app_report.output
