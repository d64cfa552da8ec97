"""Public pages kept for a second: visitors who are not signed in get stored bytes before any other work.

A view declares itself with `@cached_public()`. Kept is only an answer that is the same for every visitor without a
session: status 200, no cookie set (so no form token and no message is in it), nobody signed in. Requests with a
session cookie or a token are never answered from here. When a kept page grows old, one request renders it anew and
the others get the old one meanwhile, so that a busy page is rendered once a second and not once a visitor. Where there
is no old one yet, as in a process just started, the others wait for the one that renders.
Answers from here are counted in the metrics and do not appear in the access log.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from . import request_id
from .metrics import figures

P = ParamSpec("P")
R = TypeVar("R")
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]

#: Between the view and this layer only; never leaves the process.
_MARK = "X-Exchange-Keep"
#: How long an old page may be shown while it is being rendered anew.
_GRACE_SECONDS = 10.0
_MOST_BYTES = 48 * 1024 * 1024
_LONGEST_KEY = 600
#: Locks for pages that are not kept yet; two pages that share one merely wait for each other.
_STRIPES = 64
#: What `cached_public` leaves on a view, so that its pages can be told from others before they are rendered.
_SECONDS = "kept_public_seconds"


def cached_public(seconds: float = 1.0) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep this view's page for visitors without a session, per address and language."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def marked(*args: P.args, **kwargs: P.kwargs) -> R:
            g.keep_seconds = seconds
            return view(*args, **kwargs)

        setattr(marked, _SECONDS, seconds)
        return marked

    return declare


@dataclass(slots=True)
class _Kept:
    """One page as it was sent."""

    status: str
    headers: Headers
    body: bytes
    endpoint: str
    fresh_until: float
    rendering: threading.Lock = field(default_factory=threading.Lock)


class PageCache:
    """The outermost layer of the application."""

    def __init__(self, app: Flask, inner: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self.app = app
        self.inner = inner
        self.cookie = f"{app.config['SESSION_COOKIE_NAME']}="
        self.enabled = not app.testing
        self.clock = time.monotonic
        self._pages: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._first = [threading.Lock() for _ in range(_STRIPES)]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = self._key(environ) if self.enabled else None
        if key is None:
            return _Plain(self.inner, start_response).run(environ)
        kept = self._pages.get(key)
        now = self.clock()
        if kept is not None and now < kept.fresh_until:
            return self._serve(kept, environ, start_response)
        if kept is not None and now < kept.fresh_until + _GRACE_SECONDS:
            return self._renew(kept, key, environ, start_response)
        if not self._may_be_kept(environ):
            return self._render(key, environ, start_response)
        with self._first[hash(key) % _STRIPES]:
            kept = self._pages.get(key)
            if kept is not None and self.clock() < kept.fresh_until:
                return self._serve(kept, environ, start_response)
            return self._render(key, environ, start_response)

    def clear(self) -> None:
        """Forget every page."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _key(self, environ: Environ) -> tuple[str, ...] | None:
        """What the page depends on; None for requests that are not answered from here."""
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_AUTHORIZATION" in environ or "HTTP_HX_REQUEST" in environ:
            return None
        if self.cookie in environ.get("HTTP_COOKIE", ""):
            return None
        query, language = environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")
        key = (environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""), query, language)
        return key if sum(map(len, key)) < _LONGEST_KEY else None

    def _may_be_kept(self, environ: Environ) -> bool:
        """Whether the address belongs to a view whose pages are kept, before anything is rendered."""
        try:
            endpoint, _values = self.app.url_map.bind_to_environ(environ).match()
        except HTTPException:
            return False
        return hasattr(self.app.view_functions[endpoint], _SECONDS)

    def _renew(
        self, kept: _Kept, key: tuple[str, ...], environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if not kept.rendering.acquire(blocking=False):
            return self._serve(kept, environ, start_response)
        try:
            return self._render(key, environ, start_response)
        finally:
            kept.rendering.release()

    def _render(self, key: tuple[str, ...], environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer = _Plain(self.inner, start_response)
        body = answer.run(environ)
        if answer.mark and not any(name.lower() == "set-cookie" for name, _ in answer.headers):
            seconds, endpoint = answer.mark.split(" ", 1)
            whole = b"".join(body)
            closing = getattr(body, "close", None)
            if closing is not None:
                closing()
            self._keep(key, _Kept(answer.status, answer.headers, whole, endpoint, self.clock() + float(seconds)))
            return [whole]
        return body

    def _keep(self, key: tuple[str, ...], kept: _Kept) -> None:
        with self._lock:
            before = self._pages.pop(key, None)
            self._bytes += len(kept.body) - (len(before.body) if before else 0)
            self._pages[key] = kept
            while self._bytes > _MOST_BYTES:
                _old, gone = self._pages.popitem(last=False)
                self._bytes -= len(gone.body)

    def _serve(self, kept: _Kept, environ: Environ, start_response: StartResponse) -> list[bytes]:
        started = time.perf_counter()
        request_id.begin(environ.get("HTTP_X_REQUEST_ID"))
        headers = [pair for pair in kept.headers if pair[0] != "X-Request-ID"]
        start_response(kept.status, [*headers, ("X-Request-ID", request_id.get())])
        figures().requests.labels("GET", kept.endpoint, "200").observe(time.perf_counter() - started)
        return [kept.body]


class _Plain:
    """One call of the application, with the mark taken off its headers before they are sent."""

    def __init__(
        self, inner: Callable[[Environ, StartResponse], Iterable[bytes]], start_response: StartResponse
    ) -> None:
        self.inner, self.start_response = inner, start_response
        self.status, self.mark = "", ""
        self.headers: Headers = []

    def run(self, environ: Environ) -> Iterable[bytes]:
        """Call the application."""
        return self.inner(environ, self._start)

    def _start(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        self.status = status
        self.mark = next((value for name, value in headers if name == _MARK), "")
        self.headers = [pair for pair in headers if pair[0] != _MARK]
        if exc_info is None:
            return self.start_response(status, self.headers)
        return self.start_response(status, self.headers, exc_info)


def _mark(response: Response) -> Response:
    """Say to the outermost layer that this answer may be kept; caches beyond us are told what it depends on."""
    seconds = g.get("keep_seconds")
    actor = g.get("actor")
    if seconds is None or response.status_code != 200 or request.method != "GET":
        return response
    response.vary.update(("Cookie", "Accept-Language"))
    if actor is None or not actor.signed_in:
        response.headers[_MARK] = f"{seconds} {request.endpoint}"
    return response


def init_app(app: Flask) -> None:
    """Lay the cache around the application. In tests it is off unless a test turns it on."""
    app.after_request(_mark)
    cache = PageCache(app, app.wsgi_app)
    app.extensions["exchange.page_cache"] = cache
    app.wsgi_app = cache  # type: ignore[method-assign]
