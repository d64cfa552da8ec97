"""协议定价: who may be named, who answers, and what follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import OrgRole
from listings import queries, services
from listings.deal_states import SaleState
from listings.errors import NotThisBuyer, ReasonNeeded
from listings.kinds import PriceMode, TransferMode
from listings.states import ListingState
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.notices import Notice
from marketplace.outbox import StoredFact
from tests.factories.accounts import actor_for, make_member, make_organisation
from tests.factories.listings import Cast, make_buyer, make_listing

S, M = ListingState, TransferMode
PRICE = Decimal("650000.00")


def test_a_named_buyer_is_told_and_asked(cast: Cast) -> None:
    company, person = make_buyer()
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    sale = services.propose_sale(cast.editing, listing, company, PRICE, M.ASSIGNMENT)

    assert (listing.state, sale.state) == (S.NEGOTIATING, SaleState.PROPOSED)
    told = db.session.scalars(select(Notice).where(Notice.user_id == person.id)).one()
    assert (told.event, told.url) == ("listings.sale_proposed", f"/desk/sales/{sale.id}")
    assert "650,000.00" in told.body


def test_a_confirmed_price_goes_into_publicity(cast: Cast) -> None:
    company, person = make_buyer()
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    sale = services.propose_sale(cast.editing, listing, company, PRICE, M.ASSIGNMENT)

    services.confirm_sale(actor_for(person, company), sale)

    assert (listing.state, listing.price_mode, listing.price) == (S.PUBLICITY, PriceMode.AGREED, PRICE)
    assert queries.publicities(listing)[0].price == PRICE


def test_the_listed_fixed_price_needs_no_second_publicity(cast: Cast) -> None:
    company, person = make_buyer()
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    sale = services.propose_sale(cast.editing, listing, company, listing.price, M.ASSIGNMENT)

    services.confirm_sale(actor_for(person, company), sale)

    assert (listing.state, sale.state) == (S.DEAL_PENDING, SaleState.AGREED)
    assert queries.publicities(listing) == []
    assert "ListingSaleAgreed" in db.session.scalars(select(StoredFact.name)).all()


def test_a_buyer_says_no_with_a_reason(cast: Cast) -> None:
    company, person = make_buyer()
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    sale = services.propose_sale(cast.editing, listing, company, PRICE, M.ASSIGNMENT)

    with pytest.raises(ReasonNeeded):
        services.decline_sale(actor_for(person, company), sale, "")
    services.decline_sale(actor_for(person, company), sale, "超出预算")

    assert (listing.state, sale.state) == (S.LISTED, SaleState.DECLINED)
    assert queries.sale_of(listing) is None


def test_a_sale_is_answered_once_and_by_the_named_buyer_alone(cast: Cast) -> None:
    company, person = make_buyer()
    other, stranger = make_buyer()
    reader = make_member(company, OrgRole.BUYER_FINANCE)
    listing = make_listing(S.LISTED, organisation=cast.organisation)
    sale = services.propose_sale(cast.editing, listing, company, PRICE, M.ASSIGNMENT)

    for actor in (cast.editing, actor_for(stranger, other), actor_for(reader, company)):
        with pytest.raises(Forbidden):
            services.confirm_sale(actor, sale)
    services.confirm_sale(actor_for(person, company), sale)
    with pytest.raises(Forbidden):
        services.decline_sale(actor_for(person, company), sale, "反悔")


def test_the_owner_and_the_unverified_are_no_buyers(cast: Cast) -> None:
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    for buyer in (cast.organisation, make_organisation(verified=False)):
        with pytest.raises(NotThisBuyer):
            services.propose_sale(cast.editing, listing, buyer, PRICE, M.ASSIGNMENT)


def test_price_and_mode_must_fit(cast: Cast) -> None:
    company, _ = make_buyer()
    listing = make_listing(S.LISTED, organisation=cast.organisation)

    with pytest.raises(Invalid):
        services.propose_sale(cast.editing, listing, company, Decimal(0), M.ASSIGNMENT)
    with pytest.raises(Invalid):
        services.propose_sale(cast.editing, listing, company, PRICE, M.OPEN)


def test_naming_the_same_buyer_twice_asks_once(cast: Cast) -> None:
    company, _ = make_buyer()
    listing = make_listing(S.DRAFT, organisation=cast.organisation)

    first = services.propose_sale(cast.editing, listing, company, PRICE, M.ASSIGNMENT)
    again = services.propose_sale(cast.editing, listing, company, PRICE, M.ASSIGNMENT)

    assert first is again


def test_another_buyer_replaces_the_first(cast: Cast) -> None:
    (first, _), (second, _) = make_buyer(), make_buyer()
    listing = make_listing(S.DRAFT, organisation=cast.organisation)

    old = services.propose_sale(cast.editing, listing, first, PRICE, M.ASSIGNMENT)
    new = services.propose_sale(cast.editing, listing, second, PRICE, M.ASSIGNMENT)

    assert (old.state, queries.sale_of(listing)) == (SaleState.REPLACED, new)


def test_the_seller_takes_the_buyer_back(cast: Cast) -> None:
    listing = make_listing(S.NEGOTIATING, organisation=cast.organisation)

    services.withdraw_sale(cast.editing, listing, "改为竞价")

    assert listing.state is S.LISTED
    assert queries.sale_of(listing) is None
