"""Auctions for programs: lists, one auction, and bids through the same desk with the caller's own key."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.roles import OrgRole
from auctions import keys
from auctions.engine.evidence import Receipt, verify_receipt
from marketplace import api_tokens
from marketplace.db import db
from marketplace.kernel import settings
from tests.factories import auctions as make
from tests.factories.accounts import actor_for


@pytest.fixture
def running(app):
    auction, parties = make.room(2)
    auction.announced_at = auction.starts_at
    db.session.commit()
    return auction, parties


def bearer(party, scopes=("bids",)):
    _token, secret = api_tokens.issue(actor_for(party.user, party.organisation), "bot", list(scopes), 30)
    db.session.commit()
    return {"Authorization": f"Bearer {secret}"}


def place(client, auction, headers, amount="1000", key="program-key-1", **more):
    return client.post(
        f"/api/v1/auctions/{auction.number}/bids",
        json={"amount": amount, **more},
        headers={**headers, "Idempotency-Key": key},
    )


def test_everybody_lists_announced_auctions(client, running):
    auction, _parties = running

    answer = client.get("/api/v1/auctions").json

    assert [one["number"] for one in answer["items"]] == [auction.number]
    assert answer["items"][0]["opening_price"] == "1000.00"


def test_one_auction_says_its_rules_and_newest_bids(client, running):
    auction, (party, _other) = running
    place(client, auction, bearer(party))

    found = client.get(f"/api/v1/auctions/{auction.number}").json

    assert (found["price"], found["leader"], found["minimum"]) == ("1000.00", 1, "1010.00")
    assert [bid["amount"] for bid in found["latest"]] == ["1000.00"]
    assert "reserve" not in found["rules"]


def test_a_bid_gives_a_signed_receipt(client, running):
    auction, (party, _other) = running

    answer = place(client, auction, bearer(party))

    assert (answer.status_code, answer.json["accepted"], answer.json["leads"]) == (200, True, True)
    assert verify_receipt(Receipt.from_json(answer.json["receipt"]), keys.public_key(settings()))


def test_the_same_key_is_the_same_bid(client, running):
    auction, (party, _other) = running
    headers = bearer(party)
    first, again = place(client, auction, headers), place(client, auction, headers)

    assert first.json["sequence"] == again.json["sequence"]
    assert again.json["repeated"] is True


def test_a_refused_bid_says_why_by_code(client, running):
    auction, (party, _other) = running

    answer = place(client, auction, bearer(party), amount="999.99")

    assert answer.status_code == 409
    assert answer.json["refusal"] == "below_minimum"
    assert Decimal(answer.json["minimum"]) == Decimal(1000)


@pytest.mark.parametrize(
    ("amount", "key"), [("viel", "program-key-1"), ("1000", ""), ("1000", "short"), ("-5", "program-key-1")]
)
def test_what_is_no_bid_is_invalid(client, running, amount, key):
    auction, (party, _other) = running

    assert place(client, auction, bearer(party), amount, key).status_code == 422


def test_without_a_token_nobody_bids(client, running):
    auction, _parties = running

    assert place(client, auction, {}).status_code == 401


def test_a_token_without_the_scope_does_not_bid(client, running):
    auction, (party, _other) = running

    assert place(client, auction, bearer(party, ["organisation"])).status_code == 403


def test_a_stranger_is_refused_by_the_desk(client, running):
    auction, _parties = running
    stranger = make.company(OrgRole.BUYER_EDITOR)
    db.session.commit()

    answer = place(client, auction, bearer(stranger))

    assert (answer.status_code, answer.json["refusal"]) == (403, "not_admitted")
