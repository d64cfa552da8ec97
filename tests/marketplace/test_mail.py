"""Mails over a real mail server: once per key, each on its own, again after a failure."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from marketplace import mail
from marketplace.db import db
from marketplace.mail import Mail, MailState


def queue(to: str = "li@example.cn", key: str = "k1", subject: str = "竞价通知", html: str = "<p>您已出局</p>") -> None:
    mail.queue(to, subject, "您已出局。\n", html, key)
    db.session.commit()


def stored(key: str = "k1") -> Mail:
    db.session.expire_all()
    return db.session.scalars(select(Mail).where(Mail.key == key)).one()


def test_a_mail_arrives_in_both_forms(app, smtp):
    queue()

    assert mail.send_due() == 1

    [message] = smtp.messages
    assert message["To"] == "li@example.cn"
    assert message["Subject"] == "竞价通知"
    assert "您已出局" in message.get_body(("plain",)).get_content()
    assert "<p>" in message.get_body(("html",)).get_content()
    assert stored().state is MailState.SENT


def test_the_same_key_is_one_mail(app, smtp):
    queue()
    queue(subject="other words")

    mail.send_due()

    assert [message["Subject"] for message in smtp.messages] == ["竞价通知"]


def test_a_mail_of_a_rolled_back_request_is_never_sent(app, smtp):
    mail.queue("li@example.cn", "s", "t", "", "k")
    db.session.rollback()

    assert mail.send_due() == 0
    assert smtp.messages == []


def test_a_repeated_mail_keeps_its_message_id(app, smtp, database):
    queue()
    mail.send_due()
    with database.connect_owner() as owner:
        owner.execute("UPDATE mails SET state = 'pending', next_try_at = now()")

    mail.send_due()

    first, second = smtp.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_one_bad_address_does_not_stop_the_others(app, smtp):
    queue("not an address", "bad")
    queue("li@example.cn", "good")

    assert mail.send_due() == 2

    assert stored("good").state is MailState.SENT
    assert stored("bad").state is MailState.PENDING
    assert stored("bad").last_error
    assert mail.backlog() == mail.MailBacklog(pending=1, failing=1)


def test_a_header_cannot_be_smuggled_in(app, smtp):
    queue(subject="x\r\nBcc: all@example.cn")

    mail.send_due()

    assert smtp.messages[0]["Bcc"] is None


@pytest.fixture
def no_server(app, monkeypatch):
    settings = app.extensions["exchange.settings"]
    monkeypatch.setitem(app.extensions, "exchange.settings", replace(settings, mail_url="smtp://127.0.0.1:9"))


def test_a_server_that_is_away_is_tried_again_later_and_then_given_up(app, no_server, database):
    queue()

    for _ in range(len(mail.BACK_OFF) + 1):
        mail.send_one()
        assert mail.send_one() is False
        with database.connect_owner() as owner:
            owner.execute("UPDATE mails SET next_try_at = now() WHERE state = 'pending'")

    assert stored().state is MailState.FAILED
    assert stored().attempts == len(mail.BACK_OFF) + 1


def test_an_operators_retry_starts_anew(app, no_server, smtp, monkeypatch, database):
    queue()
    mail.send_one()
    monkeypatch.undo()

    mail.retry(stored().id)
    db.session.commit()
    mail.send_due()

    assert stored().state is MailState.SENT


def test_two_workers_send_each_mail_once(app, smtp):
    for number in range(20):
        queue(key=f"k{number}")

    def work() -> None:
        with app.app_context():
            mail.send_due()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len({message["Message-ID"] for message in smtp.messages}) == len(smtp.messages) == 20


def test_without_a_server_the_mail_is_written_to_a_folder(app, monkeypatch):
    settings = app.extensions["exchange.settings"]
    monkeypatch.setitem(app.extensions, "exchange.settings", replace(settings, mail_url=""))
    queue()

    mail.send_due()

    [written] = (settings.instance_dir / "mail").glob("*.eml")
    assert b"Message-ID" in written.read_bytes()


def test_the_viewer_shows_a_mail_without_letting_it_run(client, smtp):
    queue(html="<script>alert(1)</script>")
    number = stored().id

    assert "竞价通知" in client.get("/dev/mail").get_data(as_text=True)
    assert "您已出局" in client.get(f"/dev/mail/{number}").get_data(as_text=True)
    assert "sandbox" in client.get(f"/dev/mail/{number}/html").headers["Content-Security-Policy"]


def test_the_viewer_does_not_exist_in_production(app, client, monkeypatch):
    settings = app.extensions["exchange.settings"]
    monkeypatch.setitem(app.extensions, "exchange.settings", replace(settings, exchange_env="production"))

    assert client.get("/dev/mail").status_code == 404
