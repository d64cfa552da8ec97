"""The signed session cookie, its signature checked once a cookie instead of once a request.

A signed cookie never changes its meaning, so a process may remember what it read. Only flat sessions are kept: a
list inside one (messages waiting to be shown) could be changed by the request that holds it.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

#: Cookies a process remembers; more are dropped whole, which costs each of them one check.
KEPT = 10_000
_FLAT = (str, int, float, bool, type(None))


class RememberedSessions(SecureCookieSessionInterface):
    """Flask's own sessions, with a memory."""

    def __init__(self) -> None:
        self._serializers: dict[str, URLSafeTimedSerializer | None] = {}
        self._read: dict[str, tuple[float, dict[str, Any]]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        secret = str(app.secret_key)
        if secret not in self._serializers:
            # Another secret means other signatures: nothing read before holds any longer.
            self._serializers, self._read = {secret: super().get_signing_serializer(app)}, {}
        return self._serializers[secret]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        serializer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not cookie:
            return super().open_session(app, request)
        longest = app.permanent_session_lifetime.total_seconds()
        kept = self._read.get(cookie)
        if kept is not None and time.time() - kept[0] <= longest:
            return self.session_class(kept[1])
        try:
            data, signed_at = serializer.loads(cookie, max_age=int(longest), return_timestamp=True)
        except BadSignature:
            return self.session_class()
        if all(isinstance(value, _FLAT) for value in data.values()):
            if len(self._read) >= KEPT:
                self._read.clear()
            self._read[cookie] = signed_at.timestamp(), dict(data)
        return self.session_class(data)
