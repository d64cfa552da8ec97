"""What finance, an owner and a stranger see of deposits, over HTTP."""

from __future__ import annotations

import pytest

from accounts.roles import OrgRole, StaffRole
from marketplace.db import db
from payments import collecting
from payments.models import CollectingAccount, Deposit
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, make_user, sign_in
from tests.factories.payments import lock, make_deposit, officers, pay

RECEIPT = {"amount": "100,000", "bank_reference": "ICBC-77", "paid_at": "2026-01-02T10:00"}


@pytest.fixture
def owner(client):
    organisation = make_organisation()
    person = make_member(organisation, OrgRole.BUYER_EDITOR)
    sign_in(client, person, organisation)
    return organisation


def publish_account():
    first, second = officers()
    account = collecting.propose(
        actor_for(first), holder="龙江科技成果交易所保证金专户", bank="工商银行哈尔滨分行", account="3500 0401 0920"
    )
    db.session.flush()
    collecting.publish(actor_for(second), account)
    db.session.commit()


def state_of(deposit):
    db.session.expire_all()
    return db.session.get_one(Deposit, deposit.id).state.value


def test_owners_see_where_to_pay_and_with_which_code(client, owner):
    publish_account()
    deposit = make_deposit(owner)

    page = client.get(f"/deposits/{deposit.number}").text

    assert "350004010920" in page
    assert " ".join(deposit.remittance_code[i : i + 3] for i in (0, 3, 6)) in page
    assert "尚未开通银行卡支付" in page


@pytest.mark.parametrize("path", ["/deposits", "/deposits/{0}", "/deposits/{0}/slip"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_owners_pages_open(client, owner, path, language):
    publish_account()
    deposit = make_deposit(owner)

    assert client.get(path.format(deposit.number) + f"?lang={language}").status_code == 200


@pytest.mark.parametrize("path", ["/deposits/{0}", "/deposits/{0}/slip"])
def test_a_strangers_deposit_does_not_exist(client, owner, path):
    other = make_deposit()

    assert client.get(path.format(other.number)).status_code == 404


def test_an_owner_has_no_business_in_the_register(client, owner):
    assert client.get("/desk/deposits").status_code == 403


def test_somebody_without_an_organisation_is_refused(client):
    sign_in(client, make_user())

    assert client.get("/deposits").status_code == 403


@pytest.mark.parametrize(
    "query", ["", "?needs=overdue", "?needs=to_return", "?needs=flagged", "?state=locked", "?lang=en"]
)
def test_the_register_opens_with_every_filter(client, query):
    lock(make_deposit())
    sign_in(client, officers()[0])

    assert client.get(f"/desk/deposits{query}").status_code == 200


def test_the_register_finds_what_is_overdue(client):
    overdue, paid = make_deposit(due=-60), lock(make_deposit())
    sign_in(client, officers()[0])

    page = client.get("/desk/deposits?needs=overdue").text

    assert overdue.number in page
    assert paid.number not in page


def test_an_export_holds_what_is_filtered(client):
    overdue, paid = make_deposit(due=-60), lock(make_deposit())
    sign_in(client, officers()[0])

    sheet = client.get("/desk/deposits?needs=overdue&format=csv").text

    assert overdue.number in sheet
    assert paid.number not in sheet


def test_a_code_in_the_search_leads_to_its_deposit(client):
    deposit = make_deposit()
    sign_in(client, officers()[0])

    answer = client.get("/desk/deposits", query_string={"q": deposit.remittance_code.lower()})

    assert answer.headers["Location"].endswith(f"/desk/deposits/{deposit.number}")


def test_a_receipt_is_recorded_and_confirmed_by_two(client):
    first, second = officers()
    deposit = make_deposit()
    sign_in(client, first)
    answer = client.post(
        f"/desk/deposits/{deposit.number}/receipt", data={**RECEIPT, "payer": deposit.organisation.name}
    )
    assert (answer.status_code, state_of(deposit)) == (303, "received")

    sign_in(client, second)
    answer = client.post(f"/desk/deposits/{deposit.number}/confirm")

    assert (answer.status_code, state_of(deposit)) == (303, "locked")


def test_the_first_person_cannot_confirm_over_http_either(client):
    first, _second = officers()
    deposit = pay(make_deposit(), first)
    sign_in(client, first)

    answer = client.post(f"/desk/deposits/{deposit.number}/confirm")

    assert (answer.status_code, state_of(deposit)) == (403, "received")


def test_a_wrong_receipt_keeps_what_was_typed(client):
    deposit = make_deposit()
    sign_in(client, officers()[0])

    answer = client.post(
        f"/desk/deposits/{deposit.number}/receipt", data={**RECEIPT, "amount": "viel", "payer": "甲公司"}
    )

    assert answer.status_code == 422
    assert "甲公司" in answer.text
    assert state_of(deposit) == "due"


def test_a_flagged_receipt_asks_for_the_reason_beside_the_field(client):
    first, second = officers()
    deposit = pay(make_deposit(), first, payer="别人")
    sign_in(client, second)

    answer = client.post(f"/desk/deposits/{deposit.number}/confirm", data={"reason": " "})

    assert answer.status_code == 422
    assert "reason-error" in answer.text


def test_a_release_takes_two_people(client):
    first, second = officers()
    deposit = lock(make_deposit())
    sign_in(client, first)
    client.post(f"/desk/deposits/{deposit.number}/prepare", data={"action": "release", "reason": "撤回登记"})
    assert client.post(f"/desk/deposits/{deposit.number}/approve").status_code == 403

    sign_in(client, second)
    answer = client.post(f"/desk/deposits/{deposit.number}/approve")

    assert (answer.status_code, state_of(deposit)) == (303, "released")


def test_an_account_is_shown_only_when_a_second_person_published_it(client, db_session):
    first, second = officers()
    sign_in(client, first)
    client.post("/desk/deposits/account", data={"holder": "专户", "bank": "某行", "account": "622200"})
    proposed = db_session.query(CollectingAccount).one()
    assert client.post(f"/desk/deposits/account/{proposed.id}/publish").status_code == 403

    sign_in(client, second)
    client.post(f"/desk/deposits/account/{proposed.id}/publish")

    db_session.expire_all()
    assert collecting.current().account == "622200"


def test_the_register_reads_the_same_number_of_rows_whatever_its_length(client, queries):
    sign_in(client, officers()[0])
    make_deposit()
    client.get("/desk/deposits")
    queries.clear()
    client.get("/desk/deposits")
    few = len(queries)
    for _ in range(5):
        make_deposit()
    queries.clear()

    client.get("/desk/deposits")

    assert len(queries) == few


def test_commands_list_and_verify(app):
    lock(make_deposit())
    run = app.test_cli_runner()

    assert "locked" in run.invoke(args=["payments", "deposits"]).output
    assert "1 deposits read, 0 problems." in run.invoke(args=["payments", "verify"]).output


def test_who_alone_hears_of_deposits_sees_them_before_leaving(client):
    owner = make_organisation()
    make_member(owner, OrgRole.MANAGER)
    finance = make_member(owner, OrgRole.BUYER_FINANCE)
    deposit = make_deposit(owner)
    sign_in(client, finance, owner)

    assert deposit.number in client.get("/organisation/leave").text


def test_finances_desk_says_what_is_awaited_and_that_no_account_is_published(client):
    deposit = make_deposit()
    sign_in(client, make_staff(StaffRole.FINANCE))

    page = client.get("/desk?lang=en").text

    assert 'href="/desk/deposits?state=due"' in page
    assert "No deposit account is published yet" in page
    assert deposit.number in client.get("/desk/deposits?state=due").text
