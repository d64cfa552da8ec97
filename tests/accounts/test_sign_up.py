"""Registering oneself: the same answer for everybody, a mailed link that acts by one press, limits."""

from __future__ import annotations

from sqlalchemy import func, select

from accounts import queries
from accounts.models import User
from marketplace.db import db
from tests.accounts.conftest import without_marks
from tests.factories.accounts import PASSWORD, make_user

DATA = {"name": "李静", "email": "LiJing@example.cn", "password": PASSWORD}


def confirmed(email="lijing@example.cn"):
    db.session.rollback()
    return queries.user_by_email(email).email_confirmed_at is not None


def test_registering_mails_a_link_and_lets_nobody_in_yet(client, mails):
    answer = client.post("/sign-up", data=DATA)

    assert answer.status_code == 200
    assert len(mails("lijing@example.cn")) == 1
    assert not confirmed()
    assert client.get("/desk").status_code == 303


def test_opening_the_link_confirms_nothing_by_itself(client, link_for):
    client.post("/sign-up", data=DATA)

    assert client.get(link_for("lijing@example.cn")).status_code == 200
    assert not confirmed()


def test_one_press_on_the_linked_page_confirms_the_address(client, link_for):
    client.post("/sign-up", data=DATA)

    answer = client.post(link_for("lijing@example.cn"))

    assert answer.location == "/sign-in"
    assert confirmed()


def test_the_link_works_once(client, link_for):
    client.post("/sign-up", data=DATA)
    link = link_for("lijing@example.cn")
    client.post(link)

    assert client.post(link).status_code == 409


def test_an_invented_link_is_refused(client):
    assert client.post("/confirm/invented").status_code == 409


def test_a_known_address_gets_the_same_page_and_a_mail_that_says_so(client, mails):
    make_user(email="lijing@example.cn")
    unknown = client.post("/sign-up", data={**DATA, "email": "nobody@example.cn"})

    known = client.post("/sign-up", data=DATA)

    assert known.status_code == unknown.status_code
    assert without_marks(known.text, "LiJing@example.cn") == without_marks(unknown.text, "nobody@example.cn")
    assert "/forgot" in mails("lijing@example.cn")[-1].text
    assert db.session.execute(select(func.count()).select_from(User)).scalar_one() == 2


def test_a_weak_password_is_refused_and_the_rest_is_kept(client):
    answer = client.post("/sign-up", data={**DATA, "password": "12345678901"})

    assert answer.status_code == 422
    assert 'value="LiJing@example.cn"' in answer.text
    assert "12345678901" not in answer.text


def test_a_known_address_is_not_told_apart_by_a_weak_password(client):
    make_user(email="lijing@example.cn")

    known = client.post("/sign-up", data={**DATA, "password": "12345678901"})
    unknown = client.post("/sign-up", data={**DATA, "email": "nobody@example.cn", "password": "12345678901"})

    assert without_marks(known.text, "LiJing@example.cn") == without_marks(unknown.text, "nobody@example.cn")


def test_something_that_is_no_address_is_refused(client):
    assert client.post("/sign-up", data={**DATA, "email": "lijing"}).status_code == 422


def test_one_address_is_mailed_five_times_an_hour_at_most(client, mails):
    answers = [client.post("/sign-up", data=DATA).status_code for _ in range(6)]

    assert answers == [200, 200, 200, 200, 200, 429]
    assert len(mails("lijing@example.cn")) == 5


def test_the_confirmation_is_in_the_language_of_who_registers(client, mails):
    client.post("/sign-up", data=DATA, query_string={"lang": "en"})

    assert mails("lijing@example.cn")[-1].subject == "Confirm your e-mail address"
