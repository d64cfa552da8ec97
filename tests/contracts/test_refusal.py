"""不予登记: refused by two, for coded reasons, counted nowhere, and re-checked by others."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts.roles import StaffRole
from contracts import queries, services
from contracts.models import Contract
from contracts.states import ContractState
from marketplace import audit, outbox
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.notices import Notice
from targets import queries as targets
from targets.queries import Scope
from tests.factories.accounts import actor_for, make_staff, sign_in
from tests.factories.contracts import Deal, application, make_deal

REASONS = [{"code": "not_technical", "note": "合同标的为设备采购"}]


def asked() -> Deal:
    deal = make_deal(ContractState.APPLIED)
    services.ask_refusal(deal.actor("registrar"), deal.contract, REASONS)
    db.session.commit()
    return deal


@pytest.fixture
def second(app):
    return make_staff(StaffRole.REGISTRAR)


@pytest.fixture
def refused(second) -> Deal:
    deal = asked()
    services.settle_request(actor_for(second), deal.contract)
    db.session.commit()
    return deal


def recheck(deal: Deal) -> None:
    form = application(deal.contract)
    services.apply_for_registration(deal.actor("seller_editor"), deal.contract, form, "标的为专利权转让，附补充协议")
    db.session.commit()


def test_one_registrar_alone_refuses_nothing(app):
    deal = asked()

    with pytest.raises(Forbidden):
        services.settle_request(deal.actor("registrar"), deal.contract)

    assert deal.contract.state is ContractState.APPLIED


def test_while_a_refusal_is_asked_for_nobody_decides_otherwise(app):
    deal = asked()

    with pytest.raises(Forbidden):
        services.register_contract(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)


@pytest.mark.parametrize("reasons", [[], [{"code": "made_up", "note": ""}]])
def test_a_refusal_names_reasons_that_are_known(app, reasons):
    deal = make_deal(ContractState.APPLIED)

    with pytest.raises(Invalid):
        services.ask_refusal(deal.actor("registrar"), deal.contract, reasons)


def test_declined_the_application_waits_as_before(second):
    deal = asked()

    services.decline_request(actor_for(second), deal.contract)
    services.register_contract(actor_for(second), deal.contract)

    assert deal.contract.state is ContractState.REGISTERED


def test_a_refused_contract_has_reasons_no_number_and_counts_nothing(refused):
    outbox.deliver_due()

    registration = queries.registration_of(db.session.get_one(Contract, refused.contract.id))
    assert registration is not None
    assert (registration.number, registration.reasons) == (None, REASONS)
    window = targets.window(None)
    assert window is not None
    assert targets.total(Scope(window)).contracts == 0


def test_both_sides_are_told_and_the_trail_names_the_codes(refused):
    told = set(db.session.scalars(select(Notice.user_id).where(Notice.event == "contracts.refused")))

    assert told == {refused.seller_editor.id, refused.buyer_editor.id}
    assert audit.trail(refused.contract)[-1].after["codes"] == ["not_technical"]


def test_a_re_check_says_why(refused):
    with pytest.raises(Invalid) as denied:
        services.apply_for_registration(refused.actor("seller_editor"), refused.contract, application(refused.contract))

    assert "recheck_note" in denied.value.fields


def test_neither_of_those_who_refused_re_checks_it(refused, second):
    recheck(refused)

    for actor in (refused.actor("registrar"), actor_for(second)):
        with pytest.raises(Forbidden):
            services.register_contract(actor, refused.contract)
        with pytest.raises(Forbidden):
            services.ask_refusal(actor, refused.contract, REASONS)


def test_a_third_registrar_registers_it_after_all(refused):
    recheck(refused)

    services.register_contract(actor_for(make_staff(StaffRole.REGISTRAR)), refused.contract)

    assert refused.contract.state is ContractState.REGISTERED


def test_by_the_pages_it_is_asked_for_agreed_to_shown_and_re_checked(client, second):
    deal = make_deal(ContractState.APPLIED)
    here = f"/desk/registrations/{deal.contract.number}"
    sign_in(client, deal.registrar)
    empty = client.post(f"{here}/refuse", data={"refuse-note": ""})
    form = {"refuse-reasons": ["not_technical", "duplicate"], "refuse-note": "标的不是技术"}
    assert (empty.status_code, client.post(f"{here}/refuse", data=form).status_code) == (422, 303)
    sign_in(client, second)
    page = client.get(f"{here}?lang=en").text
    assert "A refusal is asked for" in page
    assert "Not a technology contract" in page
    assert client.post(f"{here}/settle").status_code == 303
    assert deal.contract.number in client.get("/desk/registrations/list/refused").text

    sign_in(client, deal.seller_editor, deal.seller)
    own = client.get(f"/contracts/{deal.contract.number}?lang=en").text
    asking = client.get(f"/contracts/{deal.contract.number}/apply").text

    assert "The registration was refused" in own
    assert "标的不是技术" in own
    assert 'name="recheck_note"' in asking
