"""Headers that tell browsers what our pages may do: their own scripts and styles, nothing else.

A page that must load something from outside (a payment element) says so at its view with
`@content_policy(…)`; nobody weakens the policy for all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask
from flask_talisman import Talisman

from .settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

talisman = Talisman()

#: For files that people uploaded: even opened in the browser, nothing in them runs or loads.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def policy(settings: Settings) -> dict[str, str]:
    """The content security policy of every page."""
    origin = origin_of(settings.stream_url)
    return {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {origin}".strip(),
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def content_policy(value: str, frame_options: str = "DENY") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give one view a content security policy of its own, and say whether our pages may frame it."""
    decorate = talisman(content_security_policy=value, frame_options=frame_options)
    return cast("Callable[[Callable[P, R]], Callable[P, R]]", decorate)


def origin_of(url: str) -> str:
    """Scheme and host of an address, or nothing for our own origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def init_app(app: Flask, settings: Settings) -> None:
    """Send the headers with every answer. Redirecting to HTTPS is the proxy's work; HSTS is ours."""
    talisman.init_app(
        app,
        force_https=False,
        strict_transport_security=settings.production,
        strict_transport_security_max_age=31_536_000,
        session_cookie_secure=settings.production,
        session_cookie_samesite="Lax",
        content_security_policy=policy(settings),
        frame_options="DENY",
        referrer_policy="strict-origin-when-cross-origin",
        permissions_policy={"camera": "()", "geolocation": "()", "microphone": "()", "payment": "()"},
    )
