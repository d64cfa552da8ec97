"""Forgotten and changed passwords: what stays silent, what ends, and that nothing readable is kept."""

from __future__ import annotations

from sqlalchemy import select, text

from accounts.models import User
from accounts.passwords import hash_password, needs_rehash, verify_password
from marketplace import api_tokens
from marketplace.db import db
from tests.factories.accounts import PASSWORD, actor_for, make_staff, make_user, sign_in

NEW = "another good password"


def signs_in(client, user, password) -> bool:
    return client.post("/sign-in", data={"email": user.email, "password": password}).status_code == 303


def test_the_stored_form_is_argon2id_and_its_own_each_time(app):
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)

    assert first.startswith("$argon2id$")
    assert first != second
    assert verify_password(first, PASSWORD)
    assert not verify_password(first, PASSWORD + "x")


def test_nobodys_password_fits_nothing(app):
    assert not verify_password("", "")
    assert not verify_password("", PASSWORD)
    assert not verify_password("not a hash", PASSWORD)


def test_a_hash_of_other_cost_is_to_be_made_anew(app):
    assert not needs_rehash(hash_password(PASSWORD))
    assert needs_rehash("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43)


def test_the_mailed_link_sets_a_new_password(client, link_for):
    user = make_user()
    client.post("/forgot", data={"email": user.email})

    answer = client.post(link_for(user.email), data={"password": NEW})

    assert answer.location == "/sign-in"
    assert signs_in(client, user, NEW)


def test_the_old_password_no_longer_works_then(client, link_for):
    user = make_user()
    client.post("/forgot", data={"email": user.email})
    client.post(link_for(user.email), data={"password": NEW})

    assert not signs_in(client, user, PASSWORD)


def test_the_link_works_once_and_only_for_passwords(client, link_for):
    user = make_user()
    client.post("/forgot", data={"email": user.email})
    link = link_for(user.email)

    assert client.post(link.replace("/reset/", "/confirm/")).status_code == 409
    assert client.post(link, data={"password": NEW}).status_code == 303
    assert client.post(link, data={"password": NEW}).status_code == 409


def test_an_old_link_is_refused(client, link_for, database):
    user = make_user()
    client.post("/forgot", data={"email": user.email})
    link = link_for(user.email)
    db.session.execute(text("UPDATE one_time_tokens SET expires_at = clock_timestamp() - interval '1 second'"))
    db.session.commit()

    assert client.post(link, data={"password": NEW}).status_code == 409


def test_a_weak_new_password_leaves_the_link_usable(client, link_for):
    user = make_user()
    client.post("/forgot", data={"email": user.email})
    link = link_for(user.email)

    assert client.post(link, data={"password": "short"}).status_code == 422
    assert client.post(link, data={"password": NEW}).status_code == 303


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, mails):
    user = make_user()

    known = client.post("/forgot", data={"email": user.email})
    unknown = client.post("/forgot", data={"email": "nobody@example.cn"})

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert mails("nobody@example.cn") == []
    assert db.session.execute(text("SELECT count(*) FROM one_time_tokens")).scalar_one() == 1


def test_known_and_unknown_addresses_are_limited_alike(client):
    user = make_user()

    known = [client.post("/forgot", data={"email": user.email}).status_code for _ in range(6)]
    unknown = [client.post("/forgot", data={"email": "nobody@example.cn"}).status_code for _ in range(6)]

    assert known == unknown == [303] * 5 + [429]


def test_tokens_are_kept_as_hashes_only(client, link_for):
    user = make_user()
    client.post("/forgot", data={"email": user.email})
    token = link_for(user.email).removeprefix("/reset/")

    kept = db.session.execute(text("SELECT one_time_tokens::text FROM one_time_tokens")).scalar_one()
    assert token not in kept


def test_a_reset_ends_every_session_and_api_token(client, link_for):
    user = make_user()
    sign_in(client, user)
    api_tokens.issue(actor_for(user), "archive", ["account"], 30)
    db.session.commit()
    client.post("/forgot", data={"email": user.email})
    client.post(link_for(user.email), data={"password": NEW})

    assert client.get("/desk").status_code == 303
    assert db.session.scalars(select(api_tokens.ApiToken)).one().revoked_at is not None


def test_a_reset_does_not_take_the_second_factor_off(client, link_for):
    user = make_staff([])
    client.post("/forgot", data={"email": user.email})
    client.post(link_for(user.email), data={"password": NEW})

    answer = client.post("/sign-in", data={"email": user.email, "password": NEW})

    assert answer.location == "/sign-in/code"


def test_a_reset_proves_the_address_too(client, link_for):
    user = make_user(email_confirmed_at=None)
    client.post("/forgot", data={"email": user.email})
    client.post(link_for(user.email), data={"password": NEW})

    assert signs_in(client, user, NEW)


def test_changing_the_password_needs_the_present_one(client):
    sign_in(client, make_user())

    answer = client.post("/account/password", data={"old": "not it at all", "password": NEW})

    assert answer.status_code == 422


def test_changing_it_ends_every_other_sign_in_and_keeps_this_one(client, app):
    user = make_user()
    other = app.test_client()
    sign_in(other, user)
    sign_in(client, user)

    client.post("/account/password", data={"old": PASSWORD, "password": NEW})

    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


def test_who_owns_the_account_is_told(client, mails):
    user = make_user()
    sign_in(client, user)
    client.post("/account/password", data={"old": PASSWORD, "password": NEW})

    assert mails(user.email)[-1].subject == "您的密码已修改"


def test_passwords_are_in_no_audit_entry(client):
    sign_in(client, make_user())
    client.post("/account/password", data={"old": PASSWORD, "password": NEW})

    trail = db.session.execute(
        text("SELECT string_agg(before::text || after::text, ' ') FROM audit_entries")
    ).scalar_one()
    assert NEW not in trail
    assert "argon2" not in trail


def test_the_hash_is_never_the_password(app):
    user = make_user()

    assert PASSWORD not in db.session.get_one(User, user.id).password_hash
