"""Signing in: one answer for every failure, a fresh session, lock-outs, and who is let no further."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts.models import User, UserSession
from accounts.passwords import hash_password
from marketplace.clock import db_now
from marketplace.db import db
from tests.accounts.conftest import without_marks
from tests.factories.accounts import PASSWORD, make_member, make_organisation, make_user, sign_in


def post(client, email, password=PASSWORD, **query):
    return client.post("/sign-in", query_string=query, data={"email": email, "password": password})


def test_the_right_password_leads_to_the_desk(client):
    user = make_user()

    answer = post(client, user.email.upper())

    assert (answer.status_code, answer.location) == (303, "/desk")
    assert client.get("/desk").status_code == 200


def test_signing_in_leads_back_to_the_page_that_asked(client):
    answer = post(client, make_user().email, next="/account")

    assert answer.location == "/account"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "x"]
)
def test_a_foreign_next_is_not_followed(client, target):
    answer = post(client, make_user().email, next=target)

    assert answer.location == "/desk"


def test_unknown_address_and_wrong_password_get_the_same_page(client):
    user = make_user(email="known@example.cn")

    wrong = post(client, user.email, "not the password")
    unknown = post(client, "nobody@example.cn", "not the password")

    assert wrong.status_code == unknown.status_code == 422
    assert without_marks(wrong.text, "known@example.cn") == without_marks(unknown.text, "nobody@example.cn")


def test_a_closed_account_gets_that_page_too(client):
    user = make_user(disabled_at=db_now())

    assert post(client, user.email).status_code == 422


def test_five_wrong_passwords_lock_the_address_for_the_right_one(client):
    user = make_user()
    for _ in range(5):
        post(client, user.email, "not the password")

    answer = post(client, user.email)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30


def test_an_unconfirmed_address_gets_another_link_instead_of_a_session(client):
    user = make_user(email_confirmed_at=None)

    answer = post(client, user.email)

    assert answer.status_code == 200
    assert db.session.scalars(select(UserSession)).all() == []


def test_nothing_of_the_visitors_session_survives_but_the_language(client):
    with client.session_transaction() as cookie:
        cookie.update(language="en", planted="by somebody else")

    post(client, make_user().email)

    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["language"] == "en"


def test_the_cookie_names_what_the_bidding_view_needs(client):
    user = make_user()
    organisation = make_organisation()
    make_member(organisation, user=user)

    post(client, user.email)

    row = db.session.scalars(select(UserSession)).one()
    with client.session_transaction() as cookie:
        assert (cookie["sid"], cookie["uid"], cookie["org"], cookie["epoch"]) == (row.id, user.id, organisation.id, 1)


def test_each_sign_in_has_an_id_of_its_own(client):
    user = make_user()
    post(client, user.email)
    client.post("/sign-out")
    post(client, user.email)

    rows = db.session.scalars(select(UserSession).order_by(UserSession.created_at)).all()
    assert len({row.id for row in rows}) == 2
    assert [row.revoked_at is not None for row in rows] == [True, False]


def test_a_stolen_cookie_is_worthless_after_signing_out(client):
    sign_in(client, make_user())
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    client.post("/sign-out")

    with client.session_transaction() as cookie:
        cookie.update(stolen)

    assert client.get("/desk").location == "/sign-in?next=/desk"


def test_a_password_of_lower_cost_is_hashed_anew(client):
    user = make_user()
    cheaper = hash_password(PASSWORD).replace("m=256", "m=128")
    user.password_hash = hash_password(PASSWORD)
    db.session.commit()
    assert cheaper != user.password_hash

    post(client, user.email)

    db.session.expire_all()
    assert db.session.get_one(User, user.id).password_hash.startswith("$argon2id$")


def test_last_seen_is_written_at_most_once_a_minute(client, queries):
    row = sign_in(client, make_user())
    seen = row.last_seen_at
    client.get("/account")

    db.session.refresh(row)
    assert row.last_seen_at == seen


def test_last_seen_is_written_again_after_a_minute(client):
    row = sign_in(client, make_user())
    old = row.last_seen_at.replace(year=row.last_seen_at.year - 1)
    row.last_seen_at = old
    db.session.commit()

    client.get("/account")

    db.session.refresh(row)
    assert row.last_seen_at > old


def test_a_public_page_without_a_cookie_reads_no_session(client, queries):
    queries.clear()

    client.get("/sign-in")

    assert [text for text in queries if "user_sessions" in text] == []


def test_the_sign_in_page_says_which_ways_are_not_connected(client):
    page = client.get("/sign-in", query_string={"lang": "en"}).text

    assert "not connected" in page
