"""A contract from the draft to the certificate, and who may not do which step."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from accounts.roles import StaffRole
from contracts import documents, queries, rules, services
from contracts.errors import AlreadySigned, ContractChanged, Incomplete, OwnText
from contracts.models import DecisionTerm
from contracts.services import Outside, Terms
from contracts.states import CONTRACT, ContractAction, ContractState
from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Forbidden, IllegalTransition, Invalid
from marketplace.outbox import StoredFact
from marketplace.permissions import SYSTEM
from tests.factories.accounts import actor_for, make_staff
from tests.factories.contracts import application, complete, make_deal

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("state", list(ContractState))
@pytest.mark.parametrize("action", list(ContractAction))
def test_each_step_is_in_the_table_or_illegal(state, action):
    expected = CONTRACT.table.get((state, action))

    if expected is None:
        with pytest.raises(IllegalTransition):
            CONTRACT.next_state(state, action)
    else:
        assert CONTRACT.next_state(state, action) is expected


def test_drafting_the_same_sale_twice_gives_one_contract():
    deal = make_deal()
    terms = Terms(
        source=deal.contract.source, title="x", kind=deal.contract.kind, subtype="patent",
        seller_id=deal.seller.id, buyer_id=deal.buyer.id, amount=Decimal(1), field="materials",
    )  # fmt: skip

    assert services.draft_contract(SYSTEM, terms).id == deal.contract.id


def test_an_incomplete_contract_cannot_be_confirmed():
    deal = make_deal()

    with pytest.raises(Incomplete) as refused:
        services.confirm_contract(deal.actor("buyer_editor"), deal.contract, 1)

    assert "acceptance" in refused.value.fields


def test_a_change_takes_back_the_other_sides_confirmation():
    deal = make_deal()
    complete(deal)
    services.confirm_contract(deal.actor("buyer_editor"), deal.contract, deal.contract.version)

    services.edit_contract(deal.actor("seller_editor"), deal.contract, deal.contract.version, {"title": "改"})

    assert deal.contract.buyer_confirmed_at is None


def test_confirming_a_text_one_has_not_read_is_refused():
    deal = make_deal()
    complete(deal)

    with pytest.raises(ContractChanged):
        services.confirm_contract(deal.actor("buyer_editor"), deal.contract, deal.contract.version - 1)


def test_both_confirmations_lock_the_text_under_its_hash():
    deal = make_deal(ContractState.SIGNING)

    assert len(deal.contract.text_hash) == 64
    with pytest.raises(Forbidden):
        services.edit_contract(deal.actor("seller_editor"), deal.contract, deal.contract.version, {"title": "改"})


def test_who_wrote_in_it_does_not_sign():
    deal = make_deal(ContractState.SIGNING)
    deal.contract.editors = [*deal.contract.editors, deal.seller_signer.id]
    db.session.commit()

    with pytest.raises(OwnText):
        services.sign_contract(deal.actor("seller_signer"), deal.contract, deal.contract.text_hash)


def test_one_side_signs_once():
    deal = make_deal(ContractState.SIGNING)
    services.sign_contract(deal.actor("seller_signer"), deal.contract, deal.contract.text_hash)
    db.session.commit()

    with pytest.raises(AlreadySigned):
        services.sign_contract(deal.actor("seller_signer"), deal.contract, deal.contract.text_hash)


def test_the_signature_names_the_text():
    deal = make_deal(ContractState.SIGNING)

    with pytest.raises(ContractChanged):
        services.sign_contract(deal.actor("seller_signer"), deal.contract, "0" * 64)


def test_both_signatures_make_it_signed_and_tell_it():
    deal = make_deal(ContractState.SIGNED)

    assert deal.contract.state is ContractState.SIGNED
    assert db.session.scalars(
        select(StoredFact.name).where(StoredFact.key == f"contract:{deal.contract.id}")
    ).all() == ["ContractSigned"]


def test_the_buyer_cannot_apply_for_registration():
    deal = make_deal(ContractState.SIGNED)

    with pytest.raises(Forbidden):
        services.apply_for_registration(deal.actor("buyer_editor"), deal.contract, application(deal.contract))


def test_registering_gives_number_code_and_one_fact():
    deal = make_deal(ContractState.REGISTERED)

    registration = queries.registration_of(deal.contract)
    assert registration is not None
    assert registration.number == f"{db_now().year}230100000001"
    assert len(registration.check_code) == 8
    facts = db.session.scalars(select(StoredFact).where(StoredFact.name == "ContractRegistered")).all()
    assert [fact.payload["amount"] for fact in facts] == ["1280000.00"]
    assert facts[0].payload["technical_amount"] == "1200000.00"


def test_a_registrar_who_belongs_to_a_party_does_not_decide():
    deal = make_deal(ContractState.APPLIED)
    actor = actor_for(deal.registrar, None)
    insider = type(actor)(
        **{name: getattr(actor, name) for name in actor.__slots__} | {"organisation_id": deal.seller.id}
    )

    with pytest.raises(Forbidden):
        services.register_contract(insider, deal.contract)


def test_a_return_needs_a_reason_and_leads_back_to_an_application():
    deal = make_deal(ContractState.APPLIED)
    with pytest.raises(Invalid):
        services.return_registration(deal.actor("registrar"), deal.contract, [])

    services.return_registration(deal.actor("registrar"), deal.contract, [{"code": "kind_wrong", "note": "类别不符"}])
    db.session.commit()
    services.apply_for_registration(deal.actor("seller_editor"), deal.contract, application(deal.contract))

    assert deal.contract.state is ContractState.APPLIED


def test_numbers_have_no_gap_when_a_registration_is_aborted():
    first, second = make_deal(ContractState.APPLIED), make_deal(ContractState.APPLIED)
    services.register_contract(first.actor("registrar"), first.contract)
    db.session.rollback()

    services.register_contract(second.actor("registrar"), second.contract)
    db.session.commit()

    registration = queries.registration_of(second.contract)
    assert registration is not None
    assert registration.number is not None
    assert registration.number.endswith("000001")


def test_cancelling_takes_two_registrars():
    deal = make_deal(ContractState.REGISTERED)
    other = actor_for(make_staff(StaffRole.REGISTRAR))
    with pytest.raises(Forbidden):
        services.settle_request(other, deal.contract)
    services.ask_cancellation(deal.actor("registrar"), deal.contract, "双方解除合同")
    db.session.commit()
    with pytest.raises(Forbidden):
        services.settle_request(deal.actor("registrar"), deal.contract)

    services.settle_request(other, deal.contract)

    assert deal.contract.state is ContractState.CANCELLED


def test_every_step_stands_in_the_trail():
    deal = make_deal(ContractState.REGISTERED)

    actions = [entry.action for entry in audit.trail(deal.contract)]

    assert actions == [
        "contract.drafted", "contract.changed", "contract.confirmed", "contract.confirmed", "contract.confirm",
        "contract.signed_by_side", "contract.signed_by_side", "contract.sign", "contract.apply", "contract.register",
    ]  # fmt: skip


def test_bringing_in_the_same_contract_twice_counts_once():
    deal = make_deal()
    when = db_now()
    terms = Terms(
        source="outside:2023-7", title="技术开发合同", kind=deal.contract.kind, subtype="patent", seller_id=deal.seller.id,
        buyer_id=deal.buyer.id, amount=Decimal("9.99"), field="digital",
    )  # fmt: skip

    counts = [services.import_registered(SYSTEM, [Outside(terms, when, when)]) for _ in range(2)]

    assert counts == [1, 0]


TERM = {"working_days": 15, "large_working_days": 30, "large_from": Decimal(5_000_000)}


def test_large_contracts_give_the_registrar_thirty_working_days():
    seen = []

    def add(day, days):
        seen.append(days)
        return day

    for amount in ("4999999.99", "5000000.00"):
        rules.due_on(date(2026, 11, 25), Decimal(amount), DecisionTerm(**TERM), add)

    assert seen == [15, 30]


def test_the_database_refuses_a_part_larger_than_the_whole():
    deal = make_deal()

    with pytest.raises(Exception, match="ck_contracts_parts_fit"):
        db.session.execute(
            text("UPDATE contracts SET non_technical_amount = amount + 1 WHERE id = :id"), {"id": deal.contract.id}
        )


def test_the_certificate_says_what_was_registered():
    deal = make_deal(ContractState.REGISTERED)
    registration = queries.registration_of(deal.contract)
    assert registration is not None

    content = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(documents.certificate_pdf(deal.contract, registration))).pages
    )

    content = "".join(content.split())
    wanted = (registration.number, registration.check_code, "1,280,000.00", "1,200,000.00", deal.seller.name)
    assert [words for words in wanted if words not in content] == []
