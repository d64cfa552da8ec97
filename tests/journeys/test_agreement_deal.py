"""A result from an untidy file, sold by agreement: imported, completed, reviewed, in public for its days, counted.

The file is what a university's office exports from its list of publications: clipped titles, broken characters,
twenty keywords, one sentence instead of a summary. One of its rows becomes the result that is sold.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from accounts.models import Organisation, User
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from contracts.models import Contract
from contracts.states import ContractState
from listings.models import Listing, Publicity
from listings.states import ListingState
from marketplace import audit, clock, outbox
from marketplace.db import db
from tests.factories.accounts import make_member, make_organisation, make_staff
from tests.factories.contracts import make_deal
from tests.factories.listings import patent_number
from tests.journeys import contracting, figures
from tests.journeys.contracting import Side
from tests.journeys.steps import Stage, fill, press, sees
from tests.support.databases import Database

pytestmark = [pytest.mark.browser, pytest.mark.process]

FILE = Path(__file__).parent / "data" / "results.csv"
TITLE = "奥氮平的合成"
SELLERS = (OrgRole.SELLER_EDITOR, OrgRole.SELLER_APPROVER, OrgRole.SELLER_SIGNER)
PRICE = Decimal("2860000.00")
#: What happened to the result, in order, as the audit trail must tell it.
STEPS = [
    "import", "save", "save_rights", "save", "propose_sale", "sale_confirmed", "submit", "org_approve", "announce",
    "objection", "objection_decided", "publish", "agree", "sign", "register",
]  # fmt: skip
CONTRACT_STEPS = [
    "drafted", "changed", "confirmed", "confirmed", "confirm", "signed_by_side", "signed_by_side", "sign",
    "apply", "register",
]  # fmt: skip


def write(editor: Page, number: str) -> None:
    """Complete the imported draft, step by step, as its editor."""
    editor.goto(f"/desk/listings/{number}/edit/result")
    fill(
        editor, problem="进口原料药价格高", current_solution="以苯二胺为原料的旧路线，收率低", field="bio", trl="6",
        phase="pilot", **{"advantages-0-metric": "总收率", "advantages-0-ours": "29", "advantages-0-conventional": "18"},
    )  # fmt: skip
    press(editor, "Save and go on")
    fill(editor, inventors="王立新\n赵敏", contact_name="李老师", contact_phone="0451-86410000")
    editor.locator("[name=security_class][value=public]").check()
    press(editor, "Save and go on")
    fill(
        editor, **{"items-0-kind": "invention", "items-0-status": "granted", "items-0-number": patent_number(),
                   "items-0-title": "一种奥氮平的合成方法", "items-0-holder": "北境理工大学", "items-0-filed_on": "2020-03-06",
                   "items-0-granted_on": "2022-08-09"},
    )  # fmt: skip
    press(editor, "Save and go on")
    editor.locator("[name=transfer_modes][value=assignment]").check()
    editor.locator("[name=price_mode][value=agreed]").check()
    press(editor, "Save and go on")


def run(app: Flask, *arguments: str) -> str:
    """One of our commands on the journey's database; what it says."""
    db.session.rollback()
    answer = app.test_cli_runner().invoke(args=list(arguments))
    assert answer.exit_code == 0, answer.output
    return str(answer.output)


def pass_days(database: Database, days: int) -> None:
    """Let so many days pass for the publicity: what was announced and objected to lies that much further back."""
    db.session.rollback()
    with database.connect_owner() as owner:
        owner.execute(
            "UPDATE listing_publicities SET announced_on = announced_on - %s, last_day = last_day - %s", (days, days)
        )
        owner.execute("UPDATE listing_objections SET created_at = created_at - make_interval(days => %s)", (days,))


def run_of(number: str) -> tuple[Listing, Publicity]:
    """The result and its present publicity, as they are now."""
    db.session.rollback()
    db.session.expire_all()
    listing = db.session.scalars(select(Listing).where(Listing.number == number)).one()
    runs = select(Publicity).where(Publicity.listing_id == listing.id).order_by(Publicity.id.desc())
    return listing, db.session.scalars(runs.limit(1)).one()


def assert_trails(number: str) -> None:
    """The audit trail shows every step of the result and of its contract, each once and in order."""
    deadline = time.monotonic() + 20
    listing, _run = run_of(number)
    while listing.state is not ListingState.SETTLED and time.monotonic() < deadline:
        time.sleep(0.2)
        listing, _run = run_of(number)
    contract = db.session.scalars(select(Contract).where(Contract.listing_id == listing.id)).one()
    assert told(listing) == STEPS
    assert told(contract) == CONTRACT_STEPS


def told(obj: Listing | Contract) -> list[str]:
    """The steps that the trail tells; saving again and again while one writes is one step."""
    names = [entry.action.partition(".")[2] for entry in audit.trail(obj)]
    return [name for before, name in pairwise(["", *names]) if (before, name) != ("save", "save")]


@dataclass
class Play:
    """The sale on its installation, with the windows of those who act in it."""

    stage: Stage
    database: Database
    university: Organisation
    company: Organisation
    desk: Page
    buyer: Page
    reviewing: Page
    number: str = ""

    def names_buyer(self) -> None:
        """The editor names buyer and price; the buyer's bidder finds it on the desk and stands to it."""
        self.desk.goto(f"/desk/listings/{self.number}/buyer")
        fill(self.desk, buyer=self.company.name, price=f"{PRICE / 10_000:f}", mode="assignment")
        press(self.desk, "Ask the buyer to confirm")
        self.buyer.goto("/desk")
        self.buyer.get_by_role("link", name=TITLE).first.click()
        press(self.buyer, "Confirm the sale")
        sees(self.buyer, "Confirmed by the buyer")

    def goes_public(self, approver: User) -> Page:
        """Approved by the university and reviewed by the exchange; a visitor reads name, price and buyer."""
        self.desk.goto(f"/desk/listings/{self.number}")
        press(self.desk, "Submit for approval")
        approving = self.stage.person(approver, self.university)
        approving.goto(f"/desk/listings/{self.number}")
        press(approving, "Approve")
        self.reviewing.goto(f"/desk/reviews/{self.number}")
        press(self.reviewing, "Begin the publicity")
        visitor = self.stage.new_page(self.stage.server.url, locale="en")
        visitor.goto(f"/publicity/{self.number}")
        for text in (TITLE, self.company.name, f"{PRICE:,}"):
            sees(visitor, text)
        return visitor

    def is_objected_to(self, visitor: Page) -> None:
        """After five days somebody objects: the clock stands still, whatever the calendar says."""
        pass_days(self.database, 5)
        visitor.reload()
        fill(visitor, name="张三", contact="13900000000", text="价格明显偏低")
        press(visitor, "Lodge the objection")
        sees(visitor, "Stopped by an objection")
        pass_days(self.database, 3)
        assert self.state() is ListingState.PUBLICITY
        assert run_of(self.number)[1].last_day is None

    def goes_on(self, visitor: Page) -> None:
        """The objection is rejected with a published reason: its days do not count, the rest runs on to the end."""
        self.reviewing.goto(f"/publicity/{self.number}")
        self.reviewing.locator("[name=upheld][value=no]").check()
        fill(self.reviewing, decision="评估报告支持该价格。")
        press(self.reviewing, "Decide")
        visitor.goto(f"/publicity/{self.number}")
        sees(visitor, "评估报告支持该价格。")
        listing, run = run_of(self.number)
        assert listing.state is ListingState.PUBLICITY
        assert run.last_day is not None
        # The day it was lodged, the day it was decided and the two between do not count.
        assert (run.last_day - run.announced_on).days >= 15 + 4
        pass_days(self.database, (run.last_day - clock.today()).days)
        assert self.state() is ListingState.PUBLICITY, "it stands until its last day is over"
        pass_days(self.database, 1)
        assert self.state() is ListingState.DEAL_PENDING

    def state(self) -> ListingState:
        """Do once what the worker does every two minutes; where the result stands then."""
        run(self.stage.app, "listings", "end-publicity")
        return run_of(self.number)[0].state


def test_an_imported_result_is_sold_by_agreement_and_counted(app, server, database, new_page):
    university = make_organisation(OrganisationKind.UNIVERSITY, name="北境理工大学")
    company = make_organisation(name="松江制药有限公司", region="230200")
    editor, approver, signer = (make_member(university, role) for role in SELLERS)
    bidder, buyer_signer = (make_member(company, role) for role in (OrgRole.BUYER_EDITOR, OrgRole.BUYER_SIGNER))
    make_deal(ContractState.REGISTERED, amount="1234567.89", region="230600")
    outbox.deliver_due()
    running = server(worker=True)
    stage = Stage(app, running, new_page)
    before, closed = figures.shown(running), figures.of_window(running, "plan-2022")

    # The file comes in; its editor completes one row and sells it by agreement.
    said = run(app, "listings", "import", str(FILE), "--organisation", university.uscc, "--as", editor.email)
    assert "40 rows: 40 became drafts" in said
    windows = (
        stage.person(editor, university),
        stage.person(bidder, company),
        stage.person(make_staff(StaffRole.REVIEWER)),
    )
    play = Play(stage, database, university, company, *windows)
    db.session.rollback()
    play.number = db.session.scalars(select(Listing.number).where(Listing.title == TITLE)).one()
    write(play.desk, play.number)
    play.names_buyer()
    visitor = play.goes_public(approver)
    play.is_objected_to(visitor)
    play.goes_on(visitor)

    # The contract is drafted, settled and signed by both, registered; its certificate can be checked by anybody.
    address = contracting.drafted(play.desk)
    seller, buyer = Side(university, play.desk, signer), Side(company, play.buyer, buyer_signer)
    contracting.conclude(stage, address, seller, buyer)
    registration = contracting.register(stage, address, seller)
    assert "Valid The contract with this number is registered." in figures.check_page(running, registration)

    # The running window rises by exactly that amount in every breakdown; the closed one does not move.
    assert figures.risen(running, before) == {
        "whole": {"": PRICE}, "year": {str(clock.today().year): PRICE}, "city": {"230100": PRICE},
        "kind": {"transfer": PRICE}, "field": {"bio": PRICE}, "source": {"listing": PRICE},
    }  # fmt: skip
    assert figures.of_window(running, "plan-2022") == closed
    assert_trails(play.number)
    assert "2 contracts" in run(app, "targets", "recount", "--check")
    assert ", 0 breaks" in run(app, "audit", "verify")
