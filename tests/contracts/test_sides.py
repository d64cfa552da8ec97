"""What each side may do: signing alone, taking back, ending, entering a contract of their own."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from accounts.roles import OrgRole, StaffRole
from contracts import handlers, policies, queries, services
from contracts.kinds import ContractKind, EndCause
from contracts.models import Contract
from contracts.services import Entry, Outside, Terms
from contracts.states import ContractState
from listings import queries as listings
from listings.states import ListingState
from marketplace.clock import db_now, today
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.facts import AuctionClosed, ListingSaleAgreed
from marketplace.notices import Notice
from marketplace.permissions import SYSTEM
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, make_uscc, sign_in
from tests.factories.contracts import complete, confirm, make_contract, make_deal, sign
from tests.factories.listings import make_listing

pytestmark = pytest.mark.usefixtures("app")
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_a_company_of_one_signs_what_it_wrote():
    deal = make_deal(ContractState.DRAFT)
    company = make_organisation()
    only = make_member(company, [OrgRole.BUYER_EDITOR, OrgRole.BUYER_SIGNER])
    deal.contract.buyer_id, deal.buyer = company.id, company
    deal.buyer_editor = deal.buyer_signer = only
    complete(deal)
    services.edit_contract(actor_for(only, company), deal.contract, deal.contract.version, {"acceptance": "双方验收"})
    confirm(deal)

    sign(deal)

    assert only.id in deal.contract.editors
    assert deal.contract.state is ContractState.SIGNED


def test_a_text_taken_back_needs_new_signatures_even_if_no_word_changes():
    deal = make_deal(ContractState.SIGNING)
    services.sign_contract(deal.actor("seller_signer"), deal.contract, deal.contract.text_hash)
    services.reopen_contract(deal.actor("buyer_editor"), deal.contract, "付款期限再议")
    confirm(deal)
    db.session.commit()

    assert queries.signatures(deal.contract) == []
    services.sign_contract(deal.actor("seller_signer"), deal.contract, deal.contract.text_hash)
    assert [one.side for one in queries.signatures(deal.contract)] == ["seller"]


def test_finance_of_a_side_does_not_take_a_text_back():
    deal = make_deal(ContractState.SIGNING)
    finance = make_member(deal.seller, OrgRole.SELLER_FINANCE)

    with pytest.raises(Forbidden):
        services.reopen_contract(actor_for(finance, deal.seller), deal.contract, "x")


def test_the_other_side_is_told_to_confirm_and_only_they():
    deal = make_deal()
    complete(deal)
    services.confirm_contract(deal.actor("seller_editor"), deal.contract, deal.contract.version)
    db.session.commit()

    told = db.session.scalars(select(Notice.user_id).where(Notice.event == "contracts.to_confirm")).all()

    assert told == [deal.buyer_editor.id]


def test_no_side_ends_a_contract_by_itself():
    deal = make_deal(ContractState.SIGNING)

    with pytest.raises(Forbidden):
        services.terminate_contract(deal.actor("buyer_signer"), deal.contract, "不买了", EndCause.BUYER)


def test_ending_a_contract_puts_the_result_back_on_the_board():
    seller, buyer = make_organisation(), make_organisation()
    listing = make_listing(ListingState.DEAL_PENDING, organisation=seller)
    handlers.draft_after_agreement(_agreed(listing, buyer.id))
    contract = queries.by_source(listing.deal_source)

    services.terminate_contract(actor_for(make_staff(StaffRole.AUCTIONEER)), contract, "买方拒绝签署", EndCause.BUYER)
    db.session.commit()

    assert contract.state is ContractState.TERMINATED
    assert listings.get_listing(listing.id).state is ListingState.LISTED


def _agreed(listing, buyer_id):
    return ListingSaleAgreed(
        listing_id=listing.id, number=listing.number, organisation_id=listing.organisation_id,
        buyer_organisation_id=buyer_id, price=Decimal("4200000.00"), transfer_mode="assignment",
        source=listing.deal_source,
    )  # fmt: skip


def test_an_agreed_sale_is_drafted_once_with_what_was_sold():
    seller, buyer = make_organisation(), make_organisation()
    listing = make_listing(ListingState.DEAL_PENDING, organisation=seller)
    for _ in range(2):
        handlers.draft_after_agreement(_agreed(listing, buyer.id))

    contract = db.session.scalars(select(Contract)).one()
    assert (contract.kind, contract.subtype) == (ContractKind.TRANSFER, "patent")
    assert (contract.amount, contract.title, contract.field) == (Decimal("4200000.00"), listing.title, listing.field)
    assert contract.buyer["uscc"] == buyer.uscc
    assert contract.ip_items[0]["number"].startswith("ZL")


@pytest.mark.parametrize(("outcome", "drafted"), [("sold", 1), ("no_bid", 0), ("reserve_not_met", 0)])
def test_only_a_sold_auction_is_drafted(outcome, drafted):
    listing, winner = make_listing(ListingState.LISTED), make_organisation()
    sold = outcome == "sold"
    fact = AuctionClosed(
        auction_id=1, number="PM2026-000001", listing_id=listing.id, outcome=outcome, closed_at=db_now(),
        seller_organisation_id=listing.organisation_id, winner_organisation_id=winner.id if sold else None,
        price=Decimal("386.50") if sold else None,
    )  # fmt: skip

    for _ in range(2):
        handlers.draft_after_auction(fact)

    assert db.session.scalar(select(func.count()).select_from(Contract)) == drafted


def entry(**values) -> Entry:
    facts = {
        "title": "油气钻采振动信号分析技术服务", "kind": ContractKind.SERVICE, "subtype": "general", "amount": Decimal("3400000.00"),
        "field": "energy", "signed_on": today() - timedelta(days=3), "starts_on": today(), "ends_on": date(2099, 12, 31),
        "own_number": "KJ-2026-17", "buyer_name": "庆北石油装备公司", "buyer_uscc": make_uscc(), "buyer_region": "230600",
        "buyer_kind": "company", "deliverables": "分析服务报告",
    }  # fmt: skip
    return Entry(**{**facts, **values})


def enter(organisation, **values) -> Contract:
    actor = actor_for(make_member(organisation, OrgRole.SELLER_EDITOR), organisation)
    return services.enter_contract(actor, entry(**values), io.BytesIO(PAPER), "合同.pdf")


def test_a_paper_contract_with_a_buyer_who_has_no_account_is_ready_to_apply_for():
    contract = enter(make_organisation())

    assert (contract.state, contract.buyer_id) == (ContractState.SIGNED, None)
    assert contract.buyer["name"] == "庆北石油装备公司"
    assert [paper.name for paper in queries.papers(contract)] == ["合同.pdf"]


def test_a_buyer_with_an_account_is_recognised_by_the_code():
    buyer = make_organisation(name="已入驻的买方")

    assert enter(make_organisation(), buyer_uscc=buyer.uscc).buyer_id == buyer.id


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"buyer_uscc": "912301000000000000"}, "buyer_uscc"),
        ({"signed_on": date(2099, 1, 1)}, "signed_on"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
        ({"amount": Decimal(0)}, "amount"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(values, field):
    with pytest.raises(Invalid) as refused:
        enter(make_organisation(), **values)

    assert list(refused.value.fields) == [field]


def test_the_same_paper_is_entered_once():
    seller = make_organisation()
    enter(seller)

    with pytest.raises(Invalid) as refused:
        enter(seller)

    assert "own_number" in refused.value.fields


def test_an_unverified_organisation_enters_nothing():
    with pytest.raises(Forbidden):
        enter(make_organisation(verified=False))


def test_somebody_without_an_organisation_is_no_side_of_a_contract_without_buyer():
    contract = enter(make_organisation())

    assert queries.get_contract(contract.number, actor_for(make_staff(StaffRole.FINANCE))) is None


def test_brought_in_contracts_keep_their_years_and_numbers_without_gaps():
    seller, buyer = make_organisation(region="230600"), make_organisation()
    year = [2023, 2022, 2023, 2023]
    batch = [
        Outside(
            Terms(
                source=f"outside:{place}", title="技术开发", kind=ContractKind.DEVELOPMENT, subtype="joint", seller_id=seller.id,
                buyer_id=buyer.id, amount=Decimal(1000), field="energy",
            ),
            db_now().replace(year=one), db_now().replace(year=one), Decimal("100.00"),
        )
        for place, one in enumerate(year)
    ]  # fmt: skip

    assert services.import_registered(SYSTEM, [*batch, batch[0]]) == 4

    found = db.session.scalars(select(Contract).order_by(Contract.source)).all()
    assert [one.number for one in found] == ["HT2023-000001", "HT2022-000001", "HT2023-000002", "HT2023-000003"]
    numbers = [queries.registration_of(one).number for one in found]
    assert numbers == ["2023230600000001", "2022230600000001", "2023230600000002", "2023230600000003"]
    assert {queries.registration_of(one).technical_amount for one in found} == {Decimal("900.00")}


def test_the_factory_gives_a_contract_in_a_state():
    assert make_contract(ContractState.SIGNED).state is ContractState.SIGNED


def test_by_the_page_one_side_asks_to_dissolve_and_the_other_agrees(client):
    deal = make_deal(ContractState.SIGNED)
    here = f"/contracts/{deal.contract.number}"
    sign_in(client, deal.buyer_signer, deal.buyer)
    assert client.post(f"{here}/dissolve", data={"reason": "经费未落实"}).status_code == 303
    assert client.post(f"{here}/dissolve/agree").status_code == 409
    sign_in(client, deal.seller_editor, deal.seller)
    assert client.get(f"{here}/apply").status_code == 403
    sign_in(client, deal.seller_signer, deal.seller)
    assert "经费未落实" in client.get(here).text

    assert client.post(f"{here}/dissolve/agree").status_code == 303

    db.session.expire_all()
    assert db.session.get_one(Contract, deal.contract.id).state is ContractState.DISSOLVED


def test_dropped_the_wish_leaves_the_contract_as_it_was():
    deal = make_deal(ContractState.SIGNED)
    services.ask_end(deal.actor("seller_signer"), deal.contract, "改为自行实施")

    services.drop_end(deal.actor("buyer_signer"), deal.contract)

    assert policies.can_apply(deal.actor("seller_editor"), deal.contract)
    assert (deal.contract.state, deal.contract.end_asked_side) == (ContractState.SIGNED, "")
