"""What the tests of accounts share: links out of queued mails, and codes of the second factor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyotp
import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.mail import Mail
from tests.factories.accounts import TOTP_SECRET

LINK = re.compile(r"https?://[^/\s]+(/\S+)")


@pytest.fixture
def mails(app) -> Callable[[str], list[Mail]]:
    """The mails queued to an address, oldest first."""

    def to(address: str) -> list[Mail]:
        db.session.rollback()
        return list(db.session.scalars(select(Mail).where(Mail.recipient == address).order_by(Mail.id)))

    return to


@pytest.fixture
def link_for(mails) -> Callable[[str], str]:
    """The path of the link in the last mail to an address."""

    def last(address: str) -> str:
        found = LINK.search(mails(address)[-1].text)
        assert found is not None
        return found[1]

    return last


def code_at(moment: int, secret: str = TOTP_SECRET) -> str:
    """The code that an app shows at a moment."""
    return pyotp.TOTP(secret).at(moment)


def without_marks(page: str, address: str) -> str:
    """A page without what differs from one to the next for everybody: the typed address and the form's token."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page).replace(address, "")
