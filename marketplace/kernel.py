"""Plug list of the kernel's own parts, in the order in which they must be installed."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, request
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from . import (
    api,
    api_records,
    api_tokens,
    api_tokens_views,
    audit,  # noqa: F401 - its table must be known to migrations
    cli,
    desk,
    devmail,
    files,
    health,
    home,
    housekeeping,
    logs,
    metrics,
    notices_views,
    numbers,  # noqa: F401
    operations,
    page_cache,
    pages,
    security,
    side,
    slots,
    states,  # noqa: F401
    styleguide,
    trail_views,
    trails,
    ui,
)
from .settings import Settings

csrf = CSRFProtect()


def settings() -> Settings:
    """This installation's settings."""
    return cast("Settings", current_app.extensions["exchange.settings"])


def init_app(app: Flask, config: Settings) -> None:
    """Install forms' protection, templates' rules, and every kernel part with routes or commands."""
    metrics.init_app(app, config)
    logs.init_app(app, config)
    security.init_app(app, config)
    side.init_app(app)
    _protect_forms(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(slot=slots.render, settings=config, trail_items=trails.trail_items)
    ui.init_app(app)
    cli.init_app(app)
    page_cache.init_app(app)
    housekeeping.init_app()
    for part in (styleguide, files, health, metrics):
        app.register_blueprint(part.blueprint)
    for part in (api_records, desk, home, pages, notices_views, operations, trail_views, devmail, api_tokens_views):
        part.init_app(app)


def finish(app: Flask) -> None:
    """What needs to know every package: called by the factory when all are plugged in."""
    api.serve(app)


def _protect_forms(app: Flask) -> None:
    """Ask every unsafe request for its CSRF token, except API calls that carry a bearer token.

    A browser never adds a bearer token by itself, and such a call is never taken for its session.
    """
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf.init_app(app)
    app.before_request(_check_csrf)


def _check_csrf() -> None:
    if current_app.config["WTF_CSRF_ENABLED"] and request.endpoint and api_tokens.bearer() is None:
        csrf.protect()
