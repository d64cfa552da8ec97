"""The small sample: loaded once it covers the states, loaded twice it changes nothing, and its turnover adds up."""

from decimal import Decimal
from random import Random

from sqlalchemy import func, select, text

from accounts.models import Organisation, User
from accounts.rules import clean_uscc
from accounts.states import OrganisationState
from auctions.models import Auction
from auctions.states import AuctionState
from contracts.models import Contract
from contracts.states import ContractState
from demo import bidders, bulk, people
from demo.load import load
from listings.ip_rules import is_patent_number
from listings.kinds import PATENTS
from listings.models import IpItem, Listing
from listings.states import ListingState
from marketplace import audit
from marketplace.db import db
from targets.services import recount

#: Tables that a second load must leave as they are.
COUNTED = ("users", "organisations", "listings", "auctions", "bids", "deposits", "contracts", "facts", "audit_entries")


def counts():
    return {name: db.session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in COUNTED}


def states_of(model):
    return set(db.session.scalars(select(model.state).distinct()))


def test_the_small_sample_covers_the_states_and_a_second_load_changes_nothing(app, client):
    load(lambda _line: None, small=True)
    first = counts()

    load(lambda _line: None, small=True)

    assert counts() == first
    assert states_of(Listing) == set(ListingState) - {ListingState.CLOSED}
    # Its eight sales are too few for what seldom happens; the whole sample has these too.
    assert states_of(Contract) == set(ContractState) - {ContractState.REFUSED, ContractState.DISSOLVED}
    assert {AuctionState.ANNOUNCED, AuctionState.OPEN, AuctionState.CLOSED, AuctionState.CANCELLED} <= states_of(
        Auction
    )
    outcomes = set(db.session.scalars(select(Auction.outcome)))
    assert {"sold", "no_bid", "reserve_not_met", "cancelled"} <= outcomes
    _everything_is_marked_and_fits()
    _turnover_is_the_sum_of_registered_contracts()
    _bids_are_placed_and_rooms_let_go()
    listed = _listed()
    assert bulk.fill(60) == 60 - listed
    assert _listed() == 60
    assert "sample" in client.get("/?lang=en").text.lower()


def _everything_is_marked_and_fits():
    for model in (User, Organisation, Listing, Auction, Contract):
        assert db.session.scalar(select(func.count()).select_from(model).where(~model.sample)) == 0
    assert all(clean_uscc(code) for code in db.session.scalars(select(Organisation.uscc)))
    numbers = db.session.scalars(select(IpItem.number).where(IpItem.kind.in_(PATENTS)))
    assert all(is_patent_number(number) for number in numbers)
    verified = db.session.scalars(select(Organisation).where(Organisation.state == OrganisationState.VERIFIED))
    assert all(one.verified_by_id for one in verified)
    read, breaks = audit.verify()
    assert read > 100
    assert breaks == []


def _turnover_is_the_sum_of_registered_contracts():
    found = recount()
    query = select(func.sum(Contract.amount)).where(Contract.state == ContractState.REGISTERED)
    assert found.agrees
    assert found.under_way == 0
    assert found.kept_amount == db.session.scalar(query) > Decimal(0)


def _bids_are_placed_and_rooms_let_go():
    before = db.session.execute(text("SELECT count(*) FROM bids WHERE accepted")).scalar_one()
    placed = sum(bidders.bid() for _ in range(60))
    after = db.session.execute(text("SELECT count(*) FROM bids WHERE accepted")).scalar_one()
    assert after - before == placed > 0


def _listed():
    query = select(func.count()).select_from(Listing)
    return db.session.scalar(query.where(Listing.sample, Listing.state == ListingState.LISTED))


def test_the_accounts_are_printed_with_codes_that_work(app):
    people.make_staff(Random(1))
    db.session.commit()
    run = app.test_cli_runner()

    table = run.invoke(args=["demo", "accounts"]).output
    code = run.invoke(args=["demo", "code", f"reviewer@{people.STAFF_DOMAIN}"]).output.strip()

    assert people.PASSWORD in table
    assert people.TOTP_SECRET in table
    assert f"auctioneer@{people.STAFF_DOMAIN}" in table
    assert len(code) == 6
    assert code.isdigit()
    assert "no sample member" in run.invoke(args=["demo", "code", "nobody@example.cn"]).output
