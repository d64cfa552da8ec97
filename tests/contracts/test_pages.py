"""Contract pages: for the parties and registrars, and the check page for everybody."""

from __future__ import annotations

import pytest

from contracts import queries
from contracts.states import ContractState
from marketplace.db import db
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.factories.contracts import make_deal


@pytest.mark.parametrize(
    "state",
    [ContractState.DRAFT, ContractState.SIGNING, ContractState.SIGNED, ContractState.APPLIED, ContractState.REGISTERED],
)
def test_each_state_has_a_page_for_both_sides(client, state):
    deal = make_deal(state)
    path = f"/contracts/{deal.contract.number}"

    for user, organisation in (
        (deal.seller_editor, deal.seller),
        (deal.buyer_signer, deal.buyer),
    ):
        sign_in(client, user, organisation)
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (ContractState.SIGNING, 404),
        (ContractState.SIGNED, 404),
        (ContractState.APPLIED, 200),
        (ContractState.REGISTERED, 200),
    ],
)
def test_a_registrar_sees_a_contract_from_the_application_on(client, state, answer):
    deal = make_deal(state)
    sign_in(client, deal.registrar)

    assert client.get(f"/contracts/{deal.contract.number}").status_code == answer
    assert client.get(f"/desk/registrations/{deal.contract.number}").status_code == answer


def test_a_stranger_does_not_find_it(client):
    deal, stranger = make_deal(), make_organisation()
    sign_in(client, make_member(stranger), stranger)

    assert client.get(f"/contracts/{deal.contract.number}").status_code == 404
    assert client.get(f"/contracts/{deal.contract.number}/contract.pdf").status_code == 404


def test_editing_keeps_what_was_typed_when_it_does_not_fit(client):
    deal = make_deal()
    sign_in(client, deal.seller_editor, deal.seller)

    answer = client.post(
        f"/contracts/{deal.contract.number}/edit",
        data={"version": 1, "title": "新名称", "kind": "transfer", "subtype": "training", "technical_field": "materials",
              "payment_mode": "once", "non_technical_items-0-label": "设备", "non_technical_items-0-amount": "abc"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "新名称" in answer.text
    assert "abc" in answer.text


def test_the_whole_way_through_the_pages(client):
    deal = make_deal()
    path = f"/contracts/{deal.contract.number}"
    sign_in(client, deal.seller_editor, deal.seller)
    data = {
        "version": 1, "title": "石墨烯导热膜制备技术转让", "kind": "transfer", "subtype": "patent", "technical_field": "materials",
        "payment_mode": "once", "payment_terms": "一次付清", "starts_on": "2026-12-01",
        "ends_on": "2027-12-01", "deliverables": "资料", "acceptance": "验收", "clauses": "转让",
    }  # fmt: skip
    assert client.post(f"{path}/edit", data=data).status_code == 303
    assert client.post(f"{path}/confirm", data={"version": 2}).status_code == 303
    sign_in(client, deal.buyer_editor, deal.buyer)
    assert client.post(f"{path}/confirm", data={"version": 2}).status_code == 303
    db.session.expire_all()
    digest = queries.get_contract(deal.contract.number, deal.actor("seller_editor")).text_hash
    for user, organisation in ((deal.seller_signer, deal.seller), (deal.buyer_signer, deal.buyer)):
        sign_in(client, user, organisation)
        assert client.post(f"{path}/sign", data={"text_hash": digest}).status_code == 303
    sign_in(client, deal.seller_editor, deal.seller)
    form = {"kind": "transfer", "subtype": "patent", "field": "materials", "technical_field": "materials",
            "ip_kinds": ["invention"], "not_secret": "y"}  # fmt: skip
    assert client.get(f"{path}/apply").status_code == 200
    assert client.post(f"{path}/apply", data=form).status_code == 303
    sign_in(client, deal.registrar)
    assert deal.contract.number in client.get("/desk/registrations").text
    assert client.get(f"/desk/registrations/{deal.contract.number}").status_code == 200

    assert client.post(f"/desk/registrations/{deal.contract.number}/register").status_code == 303

    sign_in(client, deal.buyer_editor, deal.buyer)
    assert client.get(f"{path}/certificate.pdf").data.startswith(b"%PDF")


def test_the_check_page_tells_validity_alone_and_details_with_the_code(client):
    deal = make_deal(ContractState.REGISTERED)
    registration = queries.registration_of(deal.contract)
    path = f"/contracts/check/{registration.number}?lang=en"

    alone = client.get(path).text
    opened = client.get(f"{path}&code={registration.check_code}").text
    wrong = client.get(f"{path}&code=AAAAAAAA").text

    assert "Valid" in alone
    assert deal.contract.title not in alone
    assert deal.contract.title in opened
    assert deal.contract.title not in wrong


def test_an_unknown_number_is_not_found(client):
    assert client.get("/contracts/check/2026230100999999").status_code == 404


def test_the_api_says_the_same(client):
    deal = make_deal(ContractState.REGISTERED)
    registration = queries.registration_of(deal.contract)

    answer = client.get(f"/api/v1/contracts/check/{registration.number}")

    assert answer.json == {"number": registration.number, "status": "valid", "details": None}
