"""Structured logs: one line an event with the request's reference; one access line a request. No secrets.

The lines of a busy endpoint can be left out (`@quiet`): its figures are in the metrics.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import structlog
from flask import Flask, Response, current_app, g, request
from structlog.typing import EventDict, Processor

from . import request_id
from .settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger("access")

_QUIET = "__exchange_quiet__"
#: Names whose values never reach a log, wherever they stand.
_SECRET = ("password", "secret", "token", "authorization", "cookie", "csrf", "seed", "totp", "salt")


def quiet(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that successful calls of this view write no access line."""
    setattr(view, _QUIET, True)
    return view


def init_app(app: Flask, settings: Settings) -> None:
    """Configure logging for this process and write an access line after each request."""
    configure(settings)
    app.before_request(_start)
    app.after_request(_access)


def configure(settings: Settings) -> None:
    """Send our events and those of libraries to standard error, in the form the settings ask for."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_reference,
        _mask,
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if settings.log_format != "json":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_StandardError,
        # Tests change the configuration as they go.
        cache_logger_on_first_use=not settings.testing,
    )
    _adopt_libraries(level, shared, renderer)


class _StandardError:
    """Writes lines to whatever standard error is at that moment."""

    def __init__(self, *args: object) -> None:
        self.name = args[0] if args else None

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")

    log = debug = info = warning = error = critical = exception = fatal = msg


def _adopt_libraries(level: int, shared: list[Processor], renderer: Processor) -> None:
    """Give libraries' own log records the same form."""
    handler = _StandardHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _StandardHandler)] + [handler]
    root.setLevel(max(level, logging.WARNING))


class _StandardHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


def _add_reference(_logger: Any, _method: str, event: EventDict) -> EventDict:
    reference = request_id.get()
    if reference:
        event["request_id"] = reference
    return event


def _mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Cover values whose name says that they are secret."""
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = "***"
    return event


def _start() -> None:
    g.started = time.perf_counter()


def _access(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    if response.status_code < 500 and (getattr(view, _QUIET, False) or request.endpoint == "static"):
        return response
    actor = g.get("actor")
    log.info(
        "request",
        method=request.method,
        path=shown_path(),
        status=response.status_code,
        ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        user=actor.user_id if actor is not None else None,
    )
    return response


def shown_path() -> str:
    """The path without its query, and without what in it opens something (a reset token)."""
    path = request.path
    for name, value in (request.view_args or {}).items():
        if any(word in name.lower() for word in _SECRET):
            path = path.replace(str(value), "***")
    return path
