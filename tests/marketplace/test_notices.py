"""Telling people: once, in their language, through the channels they chose."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from sqlalchemy import select

from marketplace import mail, notices, people
from marketplace.db import db
from marketplace.notices import Notice
from tests.marketplace.conftest import make_person


@pytest.fixture
def event(app, monkeypatch):
    """An event with texts of its own, as a package would bring them."""
    texts = {
        "email/kernel/test/subject.txt": "{{ _('Notices') }}: {{ what }}",
        "email/kernel/test/body.txt": "{% extends 'email/_base/body.txt' %}{% block content %}{{ what }}{% endblock %}",
        "email/kernel/test/body.html": "{% extends 'email/_base/body.html' %}{% block content %}<p>{{ what }}</p>{% endblock %}",
    }
    loader = jinja2.ChoiceLoader([jinja2.DictLoader(texts), app.jinja_env.loader])
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    monkeypatch.setattr(notices, "EVENTS", {})
    notices.register_event("kernel.test", "A test")
    return "kernel.test"


def told(user_id: int) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id)))


def mails() -> list[mail.Mail]:
    return list(db.session.scalars(select(mail.Mail).order_by(mail.Mail.id)))


def test_a_person_is_told_on_the_site_and_by_mail(event, person):
    assert notices.send(event, [person], {"what": "A & B"}, url="/listings/1") == 1

    [notice], [sent] = told(person), mails()
    assert notice.title == "通知: A & B"
    assert sent.recipient == "张三@example.cn"
    assert "A & B" in sent.text
    assert "A &amp; B" in sent.html
    assert "http://localhost:8000/listings/1" in sent.text


def test_everyone_is_told_in_their_own_language(event, person):
    english = make_person("Ann", "ann@example.com", locale="en")

    notices.send(event, [person, english], {"what": "x"})

    assert [told(person)[0].title, told(english)[0].title] == ["通知: x", "Notices: x"]


def test_the_same_occurrence_is_told_once(event, person):
    notices.send(event, [person], {"what": "x"}, key="auction:1")

    assert notices.send(event, [person], {"what": "x"}, key="auction:1") == 0
    assert notices.send(event, [person], {"what": "x"}, key="auction:2") == 1
    assert len(mails()) == 2


def test_without_a_key_each_call_counts(event, person):
    assert [notices.send(event, [person], {"what": "x"}) for _ in range(2)] == [1, 1]


def test_a_disabled_person_is_not_told(event, person, database):
    with database.connect_owner() as owner:
        owner.execute("UPDATE users SET disabled_at = now()")

    assert notices.send(event, [person], {"what": "x"}) == 0


def test_a_channel_that_is_switched_off_stays_silent(event, person):
    people.set_preferences(person, {event: {"mail": False}})

    notices.send(event, [person], {"what": "x"})

    assert mails() == []
    assert notices.unread(person) == 1


def test_a_legal_notice_comes_whatever_was_chosen(event, person):
    people.set_preferences(person, {event: {"mail": False, "centre": False}})

    notices.send(event, [person], {"what": "x"}, legal=True)

    assert len(mails()) == 1
    assert notices.unread(person) == 1


def test_reading_lowers_the_count(event, person, client, acting):
    acting()
    notices.send(event, [person], {"what": "first"})
    notices.send(event, [person], {"what": "second"})
    db.session.commit()

    assert "first" in client.get(f"/notices/{told(person)[0].id}").get_data(as_text=True)
    assert notices.unread(person) == 1
    assert client.post("/notices/read").status_code == 303
    db.session.rollback()
    assert notices.unread(person) == 0


def test_another_persons_notice_does_not_exist(event, person, client, acting):
    notices.send(event, [person], {"what": "x"})
    db.session.commit()
    acting(user_id=make_person("李四"))

    assert client.get(f"/notices/{told(person)[0].id}").status_code == 404
    assert "x" not in client.get("/notices?show=all").get_data(as_text=True).partition("<tbody>")[2]


def test_choices_are_kept_and_legal_ones_cannot_be_switched_off(event, person, client, acting):
    acting()
    notices.register_event("kernel.legal", "By law", legal=True)

    page = client.get("/notices/preferences").get_data(as_text=True)
    client.post("/notices/preferences", data={"choice": ["kernel.test:mail"]})

    db.session.rollback()
    [one] = people.people([person])
    assert 'value="kernel.legal:mail"' not in page
    assert one.preferences == {"kernel.test": {"centre": False, "mail": True}}
    assert notices.wants(one, "kernel.legal", "mail", notices.is_legal("kernel.legal"))


TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "email"
MESSAGES = sorted(path for path in TEMPLATES.glob("*/*") if path.is_dir() and path.parent.name != "_base")


def test_every_message_has_its_three_parts():
    incomplete = [
        str(folder.relative_to(TEMPLATES))
        for folder in MESSAGES
        if {"subject.txt", "body.txt", "body.html"} - {path.name for path in folder.iterdir()}
    ]

    assert incomplete == []
