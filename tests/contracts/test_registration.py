"""The application form, its checks and deadlines, and what two registrars may correct later."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from contracts import documents, queries, services
from contracts.kinds import ContractKind
from contracts.models import DecisionTerm
from contracts.services.registering import deadline
from contracts.states import ContractState
from marketplace import audit, holidays
from marketplace.clock import db_now, today
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.notices import Notice
from marketplace.outbox import StoredFact
from marketplace.permissions import SYSTEM
from tests.factories.accounts import actor_for, make_member, make_staff
from tests.factories.contracts import application, make_deal

pytestmark = pytest.mark.usefixtures("app")


def test_the_technical_amount_is_what_the_items_leave():
    deal = make_deal(ContractState.SIGNED, amount="1000000.00")
    items = [{"label": "检测设备", "amount": "250000.00"}, {"label": "原材料", "amount": "0.50"}]

    found = services.apply_for_registration(
        deal.actor("seller_editor"), deal.contract, application(deal.contract, non_technical_items=items)
    )

    assert found.technical_amount == Decimal("749999.50")


def test_a_form_that_leaves_no_technology_is_refused():
    deal = make_deal(ContractState.SIGNED, amount="100000.00")
    items = [{"label": "设备", "amount": "100000.00"}]

    with pytest.raises(Invalid):
        services.apply_for_registration(
            deal.actor("seller_editor"), deal.contract, application(deal.contract, non_technical_items=items)
        )


def test_the_checks_say_what_differs_from_the_contract():
    deal = make_deal(ContractState.SIGNED)
    form = application(
        deal.contract, kind=ContractKind.SERVICE, subtype="general", non_technical_items=[], related_parties=True
    )

    found = services.apply_for_registration(deal.actor("seller_editor"), deal.contract, form)

    assert found.hints == ["related", "split", "kind", "kind_same"]


def test_a_text_changed_behind_the_signatures_is_seen():
    deal = make_deal(ContractState.APPLIED)
    deal.contract.acceptance = "另行约定"
    db.session.flush()

    found = queries.checks(deal.contract, queries.registration_of(deal.contract))

    assert [one.code for one in found if not one.passed] == ["text"]


def test_a_form_as_the_contract_says_passes_every_check():
    deal = make_deal(ContractState.APPLIED)

    assert queries.registration_of(deal.contract).hints == []


def test_a_contract_alike_is_found():
    first = make_deal(ContractState.REGISTERED)
    second = make_deal(ContractState.APPLIED)
    for name in ("seller_id", "buyer", "amount", "title"):
        setattr(second.contract, name, getattr(first.contract, name))
    db.session.flush()

    assert queries.alike(second.contract) == first.contract.number


@pytest.mark.parametrize(
    ("applied", "amount", "due"),
    [
        (date(2026, 9, 28), "100.00", date(2026, 10, 23)),  # over the October holidays and a Saturday made up
        (date(2026, 3, 2), "4999999.99", date(2026, 3, 23)),
        (date(2026, 3, 2), "5000000.00", date(2026, 4, 14)),  # 30 working days, 清明 between
    ],
)
def test_deadlines_are_counted_in_working_days(applied, amount, due):
    assert deadline(applied, Decimal(amount)) == due


def test_an_application_waits_for_a_calendar_and_gets_its_deadline_with_it():
    deal = make_deal(ContractState.APPLIED)
    found = queries.registration_of(deal.contract)
    found.applied_at, found.due_on = found.applied_at.replace(year=2028, month=3, day=1), None
    db.session.commit()
    assert services.set_deadlines() == 0

    holidays.import_year(SYSTEM, 2028, holidays.read_csv(b"2028-01-01,holiday,New Year", 2028))
    db.session.flush()

    assert services.set_deadlines() == 1
    assert queries.registration_of(deal.contract).due_on == date(2028, 3, 22)


def test_terms_hold_from_their_day_on():
    row = DecisionTerm(
        valid_from=date(2026, 6, 1),
        working_days=7,
        large_working_days=20,
        large_from=Decimal(10_000_000),
        source="办法",
    )
    services.set_terms(SYSTEM, row)

    assert deadline(date(2026, 5, 29), Decimal(1)) == date(2026, 6, 22)  # 15 working days, 端午 between
    assert deadline(date(2026, 6, 1), Decimal(1)) == date(2026, 6, 10)


def test_the_same_day_has_one_term():
    row = {"working_days": 7, "large_working_days": 7, "large_from": Decimal(1), "source": "x"}

    with pytest.raises(Invalid):
        services.set_terms(SYSTEM, DecisionTerm(valid_from=date(2022, 1, 1), **row))


def test_a_registrar_who_is_a_member_of_a_party_does_not_decide_whomever_they_act_for():
    deal = make_deal(ContractState.APPLIED)
    make_member(deal.buyer, OrgRole.BUYER_FINANCE, deal.registrar)

    with pytest.raises(Forbidden):
        services.register_contract(actor_for(deal.registrar), deal.contract)


def test_a_change_takes_two_registrars_and_keeps_the_number():
    deal = make_deal(ContractState.REGISTERED)
    number = queries.registration_of(deal.contract).number
    form = application(deal.contract, non_technical_items=[{"label": "设备", "amount": "280000.00"}])
    services.ask_change(deal.actor("registrar"), deal.contract, form, "补列设备款")
    db.session.commit()
    with pytest.raises(Forbidden):
        services.settle_request(deal.actor("registrar"), deal.contract)

    services.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)

    found = queries.registration_of(deal.contract)
    assert (found.number, found.technical_amount, found.revision) == (number, Decimal("1000000.00"), 2)
    assert deal.contract.state is ContractState.REGISTERED


def test_a_change_that_changes_nothing_is_refused():
    deal = make_deal(ContractState.REGISTERED)

    with pytest.raises(Invalid):
        services.ask_change(deal.actor("registrar"), deal.contract, application(deal.contract), "无")


def test_one_request_at_a_time():
    deal = make_deal(ContractState.REGISTERED)
    services.ask_cancellation(deal.actor("registrar"), deal.contract, "解除")

    with pytest.raises(Forbidden):
        services.ask_cancellation(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract, "解除")


def test_a_declined_request_leaves_all_as_it_was():
    deal = make_deal(ContractState.REGISTERED)
    services.ask_cancellation(deal.actor("registrar"), deal.contract, "解除")
    services.decline_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)

    assert deal.contract.state is ContractState.REGISTERED
    assert queries.registration_of(deal.contract).request_kind is None
    facts = db.session.scalars(select(StoredFact.name).where(StoredFact.key == f"contract:{deal.contract.id}")).all()
    assert "ContractCancelled" not in facts


def test_the_registration_number_stands_in_the_trail():
    deal = make_deal(ContractState.REGISTERED)

    last = audit.trail(deal.contract)[-1]

    assert last.after["registration_number"] == f"{db_now().year}230100000001"


def test_a_returned_application_tells_both_sides_again_each_time():
    deal = make_deal(ContractState.APPLIED)
    for _ in range(2):
        services.return_registration(deal.actor("registrar"), deal.contract, [{"code": "other", "note": "请补正"}])
        services.apply_for_registration(deal.actor("seller_editor"), deal.contract, application(deal.contract))
    db.session.commit()

    query = select(Notice).where(Notice.user_id == deal.seller_editor.id, Notice.event == "contracts.returned")
    assert len(db.session.scalars(query).all()) == 2


def text_of(content: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_contract_as_pdf_holds_text_parties_and_signatures():
    deal = make_deal(ContractState.SIGNED)

    content = text_of(documents.contract_pdf(deal.contract))

    wanted = (
        deal.contract.number, deal.buyer.name, "1,280,000.00", "试验设备80,000.00", "按技术指标验收", deal.seller_signer.name,
        deal.contract.text_hash,
    )  # fmt: skip
    assert [words for words in wanted if words not in content] == []


def test_the_certificate_of_a_changed_registration_says_so():
    deal = make_deal(ContractState.REGISTERED)
    form = application(deal.contract, non_technical_items=[])
    services.ask_change(deal.actor("registrar"), deal.contract, form, "更正")
    services.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)

    content = text_of(documents.certificate_pdf(deal.contract, queries.registration_of(deal.contract)))

    assert "变更时间" in content
    assert today().isoformat() in content
