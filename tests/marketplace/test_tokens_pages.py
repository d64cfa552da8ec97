"""The pages on which people make, see and revoke their programs' tokens."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from marketplace import api_tokens
from marketplace.api_tokens import ApiToken
from marketplace.db import db
from marketplace.errors import Invalid, NotFound
from marketplace.permissions import Actor, Permission

FORM = {"name": "合同归档", "scopes": ["account"], "days": "30"}


def tokens() -> list[ApiToken]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(ApiToken).order_by(ApiToken.id)))


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(client, acting):
    acting()

    answer = client.post("/account/tokens", data=FORM)

    [secret] = set(re.findall(r"ltx_[\w-]{43}", answer.get_data(as_text=True)))
    [token] = tokens()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in client.get("/account/tokens").get_data(as_text=True)
    assert token.token_hash == api_tokens._hash(secret)
    assert api_tokens.find(secret) == token


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": []}, {"scopes": ["listings"]}, {"scopes": ["nonsense"]}, {"days": "9999"}]
)
def test_what_does_not_fit_is_refused_and_kept_in_the_form(client, acting, change):
    acting()

    answer = client.post("/account/tokens", data={**FORM, **change})

    assert answer.status_code == 422
    assert tokens() == []


def test_a_person_is_offered_only_what_they_may_do_themselves(client, acting):
    acting()
    assert 'value="listings"' not in client.get("/account/tokens").get_data(as_text=True)

    acting(Permission.LISTING_EDIT)
    assert 'value="listings"' in client.get("/account/tokens").get_data(as_text=True)


def test_a_revoked_token_works_no_more(client, acting, person):
    actor = acting()
    token, secret = api_tokens.issue(actor, "x", ["account"], 30)
    db.session.commit()

    assert client.post(f"/account/tokens/{token.id}/revoke").status_code == 303
    db.session.rollback()
    assert api_tokens.find(secret) is None


def test_another_persons_token_does_not_exist(app, person):
    owner = Actor(person, "张三", frozenset({Permission.ACCOUNT_USE}))
    token, _secret = api_tokens.issue(owner, "x", ["account"], 30)

    with pytest.raises(NotFound):
        api_tokens.revoke(Actor(person + 1, "李四", owner.permissions), token.id)


def test_too_many_tokens_are_refused(app, person, monkeypatch):
    monkeypatch.setattr(api_tokens, "LIMIT", 1)
    owner = Actor(person, "张三", frozenset({Permission.ACCOUNT_USE}))
    api_tokens.issue(owner, "x", ["account"], 30)

    with pytest.raises(Invalid):
        api_tokens.issue(owner, "y", ["account"], 30)


def test_all_tokens_end_with_their_owners_access(app, person):
    owner = Actor(person, "张三", frozenset({Permission.ACCOUNT_USE}))
    _token, secret = api_tokens.issue(owner, "x", ["account"], 30)

    api_tokens.revoke_all(person)

    assert api_tokens.find(secret) is None
