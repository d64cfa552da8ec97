"""An organisation's own records by the API: read within a token's scopes, drafts written, nothing of others."""

from __future__ import annotations

import pytest

from accounts.roles import OrgRole, StaffRole
from contracts.states import ContractState
from marketplace import api_tokens
from marketplace.db import db
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff
from tests.factories.contracts import make_deal
from tests.factories.listings import make_listing
from tests.factories.payments import make_deposit

HERE = "/api/v1/organisation/listings"


@pytest.fixture
def owner(app):
    return make_organisation()


@pytest.fixture
def editor(owner):
    return make_member(owner, [OrgRole.SELLER_EDITOR, OrgRole.BUYER_FINANCE])


def bearer(person, organisation, *scopes: str) -> dict[str, str]:
    _token, secret = api_tokens.issue(actor_for(person, organisation), "test", list(scopes), 30)
    db.session.commit()
    return {"Authorization": f"Bearer {secret}"}


def test_a_draft_is_begun_once_and_written_on(client, owner, editor):
    headers = bearer(editor, owner, "listings")
    first = {"title": "低温焊接工艺", "trl": 6, "price_mode": "fixed", "price": "650000.00", "keywords": ["焊接"]}
    keyed = headers | {"Idempotency-Key": "draft-0001"}

    made = [client.post(HERE, json=first, headers=keyed) for _ in range(2)]
    number = made[0].json["number"]
    saved = client.patch(f"{HERE}/{number}", json={"summary": "零下四十度仍可施焊。"}, headers=headers)

    assert [one.status_code for one in made] == [201, 201]
    assert made[1].json["number"] == number
    assert (saved.status_code, saved.json["title"], saved.json["state"]) == (200, "低温焊接工艺", "draft")
    assert [one["number"] for one in client.get(HERE, headers=headers).json["items"]] == [number]


@pytest.mark.parametrize(
    "wrong",
    [{"trl": 10}, {"phase": "x"}, {"price": "-1"}, {"title": "长" * 201}, {"field": "nonsense"}, {"state": "listed"}],
)
def test_what_a_draft_cannot_hold_is_a_problem_by_field(client, owner, editor, wrong):
    answer = client.post(HERE, json=wrong, headers=bearer(editor, owner, "listings"))

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert set(answer.json["errors"]) == set(wrong)


def test_another_organisations_draft_is_as_if_it_were_not(client, owner, editor):
    listing = make_listing("draft")
    headers = bearer(editor, owner, "listings")

    answers = [client.get(f"{HERE}/{listing.number}", headers=headers)]
    answers.append(client.patch(f"{HERE}/{listing.number}", json={"title": "改"}, headers=headers))

    assert [one.status_code for one in answers] == [404, 404]


def test_a_token_for_reading_writes_nothing(client, owner, editor):
    answer = client.post(HERE, json={"title": "改"}, headers=bearer(editor, owner, "organisation"))

    assert answer.status_code == 403


def test_deposits_are_the_organisations_own(client, owner, editor):
    mine, other = make_deposit(owner), make_deposit()

    page = client.get("/api/v1/deposits", headers=bearer(editor, owner, "organisation")).json

    assert [one["number"] for one in page["items"]] == [mine.number]
    assert other.number not in str(page)


def test_contracts_are_those_of_a_party(client):
    deal, other = make_deal(), make_deal()
    headers = bearer(deal.seller_editor, deal.seller, "contracts")

    page = client.get("/api/v1/contracts", headers=headers).json

    assert [one["number"] for one in page["items"]] == [deal.contract.number]
    assert client.get(f"/api/v1/contracts/{deal.contract.number}", headers=headers).json["amount"] == "1280000.00"
    assert client.get(f"/api/v1/contracts/{other.contract.number}", headers=headers).status_code == 404


def test_notices_are_ones_own(client):
    deal = make_deal(ContractState.SIGNED)
    token = bearer(deal.seller_editor, deal.seller, "account")

    page = client.get("/api/v1/notices", headers=token).json

    assert page["items"][0]["event"] == "contracts.signed"
    assert deal.contract.number in page["items"][0]["title"]


def test_an_auditor_reads_the_trail_by_cursor_and_nobody_else_does(client, owner, editor):
    auditor = make_staff(StaffRole.AUDITOR)
    headers = bearer(auditor, None, "audit")

    first = client.get("/api/v1/audit?limit=1", headers=headers).json
    second = client.get(f"/api/v1/audit?limit=1&cursor={first['next']}", headers=headers).json

    assert first["items"][0]["id"] > second["items"][0]["id"]
    assert client.get("/api/v1/audit", headers=bearer(editor, owner, "organisation")).status_code == 403
