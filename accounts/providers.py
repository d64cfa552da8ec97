"""Other ways to sign in. Each is a Protocol; until a province connects its own, the page says “not connected”."""

from __future__ import annotations

from typing import Any, Protocol

from flask_babel import lazy_gettext as _l


class PhoneCodes(Protocol):
    """Sends a sign-in code to a phone number."""

    connected: bool

    def send(self, phone: str, code: str) -> None:
        """Send the code by text message."""


class SingleSignOn(Protocol):
    """A province's or a university's identity service (OpenID Connect)."""

    connected: bool
    label: Any

    def authorise_url(self, state: str) -> str:
        """Where the visitor is sent to sign in."""

    def email_of(self, code: str) -> str:
        """The confirmed address that the service vouches for."""


class NotConnected:
    """No provider: nothing is offered, and the page says so."""

    connected = False
    label = _l("Provincial single sign-on")


phone_codes = NotConnected()
single_sign_on = NotConnected()
