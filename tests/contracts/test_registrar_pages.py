"""The registrars' pages, entering and applying by form, and what the public may learn."""

from __future__ import annotations

import csv
import io

import pytest

from accounts.roles import OrgRole, StaffRole
from contracts import queries, services
from contracts.models import Contract
from contracts.states import ContractState
from marketplace.clock import today
from marketplace.db import db
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, make_uscc, sign_in
from tests.factories.contracts import application, make_deal


def fresh(deal) -> Contract:
    db.session.expire_all()
    return db.session.get_one(Contract, deal.contract.id)


def test_the_queue_filters_and_exports_exactly_that(client):
    small, large = (
        make_deal(ContractState.APPLIED, amount="900000.00"),
        make_deal(ContractState.APPLIED, amount="2000000.00"),
    )
    sign_in(client, small.registrar)

    page = client.get("/desk/registrations?least=1000000").text
    rows = list(
        csv.reader(io.StringIO(client.get("/desk/registrations?least=1000000&format=csv").data.decode("utf-8-sig")))
    )

    assert large.contract.number in page
    assert small.contract.number not in page
    assert [row[0] for row in rows[1:]] == [large.contract.number]
    assert rows[1][5:7] == ["2000000.00", "1920000.00"]


def test_the_queue_finds_applications_with_remarks(client):
    plain = make_deal(ContractState.APPLIED)
    marked = make_deal(ContractState.SIGNED)
    form = application(marked.contract, non_technical_items=[])
    services.apply_for_registration(marked.actor("seller_editor"), marked.contract, form)
    db.session.commit()
    sign_in(client, plain.registrar)

    page = client.get("/desk/registrations?checks=look&lang=en").text

    assert marked.contract.number in page
    assert "Deductions differ from the contract" in page
    assert plain.contract.number not in page


def test_the_queue_reads_no_more_for_more_rows(client, request):
    first = make_deal(ContractState.APPLIED)
    sign_in(client, first.registrar)
    client.get("/desk/registrations")
    statements = request.getfixturevalue("queries")
    client.get("/desk/registrations")
    few = len(statements)
    for _ in range(3):
        make_deal(ContractState.APPLIED)
    statements.clear()

    client.get("/desk/registrations")

    assert len(statements) == few


@pytest.mark.parametrize("part", ["", "/list/returned", "/list/requests", "/list/registered"])
def test_each_part_of_the_work_has_a_page(client, part):
    deal = make_deal(ContractState.REGISTERED)
    services.ask_cancellation(deal.actor("registrar"), deal.contract, "解除")
    db.session.commit()
    sign_in(client, deal.registrar)

    assert client.get(f"/desk/registrations{part}").status_code == 200
    assert client.get("/desk/registrations/list/other").status_code == 404


def test_a_seller_has_no_registrars_page(client):
    deal = make_deal(ContractState.APPLIED)
    sign_in(client, deal.seller_editor, deal.seller)

    assert client.get("/desk/registrations").status_code == 403
    assert client.post(f"/desk/registrations/{deal.contract.number}/register").status_code == 403


def test_returning_without_a_reason_keeps_the_note(client):
    deal = make_deal(ContractState.APPLIED)
    sign_in(client, deal.registrar)

    answer = client.post(f"/desk/registrations/{deal.contract.number}/return", data={"note": "请补充专利证书"})

    assert answer.status_code == 422
    assert "请补充专利证书" in answer.text
    assert fresh(deal).state is ContractState.APPLIED


def test_a_returned_seller_reads_the_reasons_and_applies_again(client):
    deal = make_deal(ContractState.APPLIED)
    sign_in(client, deal.registrar)
    data = {"reasons": ["proof_missing", "other"], "note": "请补充专利证书"}
    assert client.post(f"/desk/registrations/{deal.contract.number}/return", data=data).status_code == 303

    sign_in(client, deal.seller_editor, deal.seller)
    page = client.get(f"/contracts/{deal.contract.number}/apply?lang=en").text

    assert "请补充专利证书" in page
    assert "Proof or approval is missing" in page


def test_a_change_is_asked_for_and_settled_by_two(client):
    deal = make_deal(ContractState.REGISTERED)
    path = f"/desk/registrations/{deal.contract.number}"
    sign_in(client, deal.registrar)
    data = {
        "kind": "licence",
        "subtype": "ordinary",
        "field": "energy",
        "technical_field": "energy",
        "reason": "类别更正",
    }
    assert client.get(f"{path}/change").status_code == 200
    assert client.post(f"{path}/change", data=data).status_code == 303
    assert client.post(f"{path}/settle").status_code == 403

    sign_in(client, make_staff(StaffRole.REGISTRAR))
    assert "New energy and efficiency" in client.get(f"{path}?lang=en").text
    assert client.post(f"{path}/settle").status_code == 303

    registration = queries.registration_of(fresh(deal))
    assert (registration.kind.value, registration.field, registration.revision) == ("licence", "energy", 2)


def test_both_sides_edit_and_the_later_one_sees_the_difference(client):
    deal = make_deal()
    path = f"/contracts/{deal.contract.number}/edit"
    data = {"version": 1, "title": "甲方写的名称", "kind": "transfer", "subtype": "patent", "technical_field": "materials",
            "payment_mode": "once", "clauses": "转让"}  # fmt: skip
    sign_in(client, deal.seller_editor, deal.seller)
    assert client.post(path, data=data).status_code == 303
    sign_in(client, deal.buyer_editor, deal.buyer)

    answer = client.post(path, data=data | {"title": "乙方写的名称"})

    assert answer.status_code == 409
    assert "甲方写的名称" in answer.text
    assert "乙方写的名称" in answer.text
    assert 'value="2"' in answer.text
    assert fresh(deal).title == "甲方写的名称"


def test_an_application_needs_the_word_that_no_secret_is_in_it(client):
    deal = make_deal(ContractState.SIGNED)
    sign_in(client, deal.seller_editor, deal.seller)
    data = {"kind": "transfer", "subtype": "patent", "field": "materials", "technical_field": "materials"}

    answer = client.post(f"/contracts/{deal.contract.number}/apply", data=data)

    assert answer.status_code == 422
    assert fresh(deal).state is ContractState.SIGNED


def test_a_paper_contract_goes_from_the_form_to_the_registrar(client):
    seller = make_organisation()
    sign_in(client, make_member(seller, OrgRole.SELLER_EDITOR), seller)
    paper = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    data = {
        "title": "智慧温室环境控制软件委托开发", "own_number": "A-1", "kind": "development", "subtype": "commissioned",
        "field": "digital", "amount": "1,580,000", "buyer_name": "吉林某公司", "buyer_uscc": make_uscc(), "buyer_kind": "company",
        "buyer_region": "220000", "signed_on": today().isoformat(), "starts_on": today().isoformat(), "ends_on": "2099-01-01",
        "payment_mode": "instalments", "deliverables": "委托开发的软件", "paper": (io.BytesIO(paper), "合同.pdf"),
    }  # fmt: skip
    answer = client.post("/contracts/enter", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    form = {"kind": "development", "subtype": "commissioned", "field": "digital", "technical_field": "electronics",
            "not_secret": "y", "non_technical_items-0-label": "服务器", "non_technical_items-0-amount": "80,000"}  # fmt: skip

    assert client.post(answer.location, data=form).status_code == 303

    contract = db.session.query(Contract).one()
    found = queries.registration_of(contract)
    assert (contract.state, str(found.technical_amount), found.hints) == (
        ContractState.APPLIED,
        "1500000.00",
        ["verified", "split"],
    )


def test_a_scan_is_for_the_parties_and_the_registrar(client):
    test_a_paper_contract_goes_from_the_form_to_the_registrar(client)
    paper = queries.papers(db.session.query(Contract).one())[0]
    sign_in(client, make_staff(StaffRole.REGISTRAR))
    assert client.get(paper.url).status_code == 200

    stranger = make_organisation()
    sign_in(client, make_member(stranger), stranger)

    assert client.get(paper.url).status_code == 404


@pytest.mark.parametrize(
    ("request_", "status", "word"), [("cancel", "void", "Void"), ("change", "changed", "Valid, changed")]
)
def test_the_check_follows_what_registrars_settle(client, request_, status, word):
    deal = make_deal(ContractState.REGISTERED)
    number = queries.registration_of(deal.contract).number
    if request_ == "cancel":
        services.ask_cancellation(deal.actor("registrar"), deal.contract, "解除")
    else:
        services.ask_change(deal.actor("registrar"), deal.contract, application(deal.contract, field="energy"), "更正")
    services.settle_request(actor_for(make_staff(StaffRole.REGISTRAR)), deal.contract)
    db.session.commit()

    assert word in client.get(f"/contracts/check/{number}?lang=en").text
    assert client.get(f"/api/v1/contracts/check/{number}").json["status"] == status


def test_the_api_opens_the_details_with_the_code_alone(client):
    deal = make_deal(ContractState.REGISTERED)
    found = queries.registration_of(deal.contract)
    path = f"/api/v1/contracts/check/{found.number}?code="

    assert client.get(f"{path}{found.check_code}").json["details"]["buyer"] == deal.buyer.name
    assert client.get(f"{path}WRONGONE").json["details"] is None


def test_codes_cannot_be_tried_without_end(client):
    deal = make_deal(ContractState.REGISTERED)
    path = f"/contracts/check/{queries.registration_of(deal.contract).number}?code="

    answers = [client.get(f"{path}WRONG{place:03d}").status_code for place in range(21)]

    assert answers == [200] * 20 + [429]


def test_an_auctioneer_ends_what_nobody_signs(client):
    deal = make_deal(ContractState.SIGNING)
    sign_in(client, make_staff(StaffRole.AUCTIONEER))
    assert deal.contract.number in client.get("/desk").text

    assert (
        client.post(
            f"/contracts/{deal.contract.number}/terminate", data={"end-reason": "买方拒签", "end-cause": "buyer"}
        ).status_code
        == 303
    )
    assert fresh(deal).state is ContractState.TERMINATED


def test_the_desk_leads_each_person_to_their_own_step(client):
    deal = make_deal(ContractState.SIGNING)
    sign_in(client, deal.seller_signer, deal.seller)
    assert deal.contract.number in client.get("/desk").text

    sign_in(client, deal.seller_editor, deal.seller)

    assert deal.contract.number not in client.get("/desk").text
