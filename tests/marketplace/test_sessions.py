"""Sessions that are remembered stay what they were signed as, and no longer than they may."""

from __future__ import annotations

import pytest
from flask import Flask, session

from marketplace import sessions
from marketplace.sessions import RememberedSessions


@pytest.fixture
def site():
    app = Flask(__name__)
    app.secret_key = "a secret of this test"
    app.session_interface = RememberedSessions()

    @app.get("/set/<value>")
    def put(value):
        session["uid"] = value
        return "kept"

    @app.get("/list/<value>")
    def grow(value):
        session["list"] = [*session.get("list", []), value]
        return "kept"

    @app.get("/")
    def show():
        return {**session}

    return app


def test_the_same_cookie_is_read_again_without_its_signature(site, monkeypatch):
    visitor = site.test_client()
    visitor.get("/set/5")
    visitor.get("/")
    serializer = site.session_interface.get_signing_serializer(site)
    monkeypatch.setattr(serializer, "loads", None)

    assert visitor.get("/").json == {"uid": "5"}


def test_a_changed_session_is_a_new_one(site):
    visitor = site.test_client()
    visitor.get("/set/5")
    visitor.get("/")
    visitor.get("/set/6")

    assert visitor.get("/").json == {"uid": "6"}


def test_a_forged_cookie_is_nobody(site):
    visitor = site.test_client()
    visitor.get("/set/5")
    cookie = visitor.get_cookie("session").value
    visitor.set_cookie("session", cookie[:-1] + ("A" if cookie[-1] != "A" else "B"))

    assert visitor.get("/").json == {}


def test_a_remembered_cookie_grows_old_all_the_same(site, monkeypatch):
    visitor = site.test_client()
    visitor.get("/set/5")
    visitor.get("/")
    later = sessions.time.time() + site.permanent_session_lifetime.total_seconds() + 60
    monkeypatch.setattr(sessions.time, "time", lambda: later)

    assert visitor.get("/").json == {}


def test_a_session_with_a_list_is_never_shared(site):
    visitor = site.test_client()
    visitor.get("/list/a")
    cookie = visitor.get_cookie("session").value
    visitor.get("/list/b")

    assert visitor.get("/").json == {"list": ["a", "b"]}
    assert cookie not in site.session_interface._read


def test_another_secret_forgets_everything(site):
    visitor = site.test_client()
    visitor.get("/set/5")
    visitor.get("/")
    site.secret_key = "another secret"

    assert visitor.get("/").json == {}
