"""Visitors of a running installation: a browser that is signed in as somebody, without typing each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from playwright.sync_api import Page

from accounts import login
from accounts.models import Organisation, User
from tests.factories.accounts import make_session

from .processes import Installation

NewPage = Callable[..., Page]


def cookie_of(app: Flask, user: User, organisation: Organisation | None = None) -> str:
    """The signed cookie that signing in gives."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer is not None
    return str(serializer.dumps(login.cookie_of(make_session(user, organisation))))


def enter(
    app: Flask,
    new_page: NewPage,
    server: Installation,
    user: User,
    organisation: Organisation | None = None,
    **options: Any,
) -> Page:
    """A new browser window in which this person is signed in."""
    page = new_page(server.url, **options)
    cookie = {"name": "exchange", "value": cookie_of(app, user, organisation), "url": server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page
