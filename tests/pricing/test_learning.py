"""A sale is observed once, whoever tells of it, and shown only among others."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from listings.models import Listing
from listings.states import ListingState
from marketplace.db import db
from marketplace.facts import AuctionClosed, ContractCancelled, ContractEnded, ContractRegistered
from pricing import handlers, queries, services
from pricing.models import ObservedPrice
from tests.factories.accounts import sign_in
from tests.factories.listings import Cast, make_cast, make_listing

AT = datetime(2026, 11, 25, tzinfo=UTC)


def closed(listing: Listing, price: int | None = 650_000, outcome: str = "sold") -> AuctionClosed:
    return AuctionClosed(
        auction_id=1,
        number="PM2026-000001",
        listing_id=listing.id,
        outcome=outcome,
        seller_organisation_id=listing.organisation_id,
        price=None if price is None else Decimal(price),
        closed_at=AT,
    )


def registered(listing_id: int | None, **values: Any) -> ContractRegistered:
    facts: dict[str, Any] = {
        "contract_id": 1,
        "number": "HT2026-000001",
        "registration_number": "1",
        "registered_at": AT,
        "amount": Decimal(700_000),
        "technical_amount": Decimal(660_000),
        "kind": "transfer",
        "field": "energy",
        "source": "auction",
        "sale": "auction:PM2026-000001",
        "seller_region": "230100",
        "buyer_region": "230100",
        "seller_kind": "university",
        "listing_id": listing_id,
    }
    return ContractRegistered(**{**facts, **values})


def observed() -> list[ObservedPrice]:
    db.session.expire_all()
    return list(db.session.scalars(select(ObservedPrice)))


def test_a_sale_at_auction_is_observed_with_field_mode_and_maturity(app: object) -> None:
    listing = make_listing(transfer_modes=["assignment"], trl=6)

    handlers.auction_closed(closed(listing))
    handlers.auction_closed(closed(listing))

    (one,) = observed()
    assert (one.field, one.transfer_mode, one.band, one.price) == ("materials", "assignment", "pilot", Decimal(650_000))


def test_an_auction_without_a_sale_teaches_nothing(app: object) -> None:
    handlers.auction_closed(closed(make_listing(), None, "no_bid"))

    assert observed() == []


def test_the_contract_of_an_auction_is_the_same_sale(app: object) -> None:
    listing = make_listing(transfer_modes=["assignment"])
    handlers.auction_closed(closed(listing))

    handlers.contract_registered(registered(listing.id))

    (one,) = observed()
    assert (one.price, one.contract_number) == (Decimal(660_000), "HT2026-000001")


def test_told_the_other_way_round_the_contract_still_stands(app: object) -> None:
    listing = make_listing(transfer_modes=["assignment"])
    handlers.contract_registered(registered(listing.id))

    handlers.auction_closed(closed(listing))

    assert [one.price for one in observed()] == [Decimal(660_000)]


def test_a_contract_without_a_result_is_observed_by_its_own_field(app: object) -> None:
    handlers.contract_registered(registered(None, source=""))

    (one,) = observed()
    assert (one.source, one.field) == ("contract:HT2026-000001", "energy")


def test_a_cancelled_registration_is_kept_and_counts_no_more(app: object) -> None:
    handlers.contract_registered(registered(None))
    handlers.contract_cancelled(ContractCancelled(contract_id=1, number="HT2026-000001", amount=Decimal(1)))

    assert [one.void for one in observed()] == [True]
    assert queries.comparables("energy") == []


def test_registered_contracts_of_several_auctions_are_several_sales(app: object) -> None:
    for place in (1, 2):
        listing = make_listing()
        sale, number = f"auction:PM2026-00000{place}", f"HT2026-00000{place}"
        handlers.contract_registered(registered(listing.id, sale=sale, number=number, contract_id=place))

    assert [one.source for one in observed()] == ["auction:PM2026-000001", "auction:PM2026-000002"]


def test_a_deal_that_came_to_nothing_counts_no_more(app: object) -> None:
    handlers.auction_closed(closed(make_listing()))

    handlers.contract_ended(
        ContractEnded(contract_id=1, number="HT2026-000001", source="auction:PM2026-000001", cause="buyer")
    )

    assert [one.void for one in observed()] == [True]


def teach(field: str, *prices: int, mode: str = "assignment") -> None:
    for place, price in enumerate(prices):
        services.observe(
            f"x:{field}:{mode}:{place}",
            price=Decimal(price),
            field=field,
            observed_at=AT,
            transfer_mode=mode,
            band="pilot",
        )
    db.session.commit()


def test_the_public_page_shows_the_range_from_five_sales_on(client: FlaskClient) -> None:
    listing = make_listing(ListingState.LISTED, field="materials")
    teach("materials", 100_000, 200_000, 300_000, 400_000)
    assert "同类成果成交参考" not in client.get(f"/listings/{listing.number}").text

    teach("materials", 100_000, 200_000, 300_000, 400_000, 500_000)

    shown = client.get(f"/listings/{listing.number}").text
    assert "同类成果成交参考" in shown
    assert "20 万元" in shown
    assert "40 万元" in shown


def test_the_seller_sees_the_range_where_the_price_is_given(client: FlaskClient) -> None:
    cast: Cast = make_cast()
    listing = make_listing(ListingState.DRAFT, organisation=cast.organisation, editor=cast.editing)
    teach("materials", 100_000, 200_000, 300_000, 400_000, 500_000)
    sign_in(client, cast.editor)

    assert "30.00 万元" in client.get(f"/desk/listings/{listing.number}/edit/terms").text


def test_the_page_of_a_field_never_shows_a_single_sale(client: FlaskClient) -> None:
    teach("energy", 123_400, 200_000, 300_000, 400_000, 987_600)
    teach("energy", 777_700, mode="open")

    shown = client.get("/pricing/energy").text

    assert "不足 5 笔" in shown
    assert "77.77" not in shown
    assert "98.76" not in shown
    assert client.get("/pricing/bio").status_code == 200
    assert client.get("/pricing/unknown").status_code == 404


@pytest.mark.parametrize(("kind", "seen"), [("transfer", 1), ("licence", 1), ("development", 0), ("service", 0)])
def test_only_contracts_by_which_a_result_changes_hands_tell_its_price(app: object, kind: str, seen: int) -> None:
    handlers.contract_registered(registered(None, kind=kind))

    assert len(observed()) == seen
