"""Plug list of the kernel's own parts, in the order in which they must be installed."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from . import audit, numbers, outbox, slots, states, styleguide, ui  # noqa: F401 - tables for migrations
from .settings import Settings

csrf = CSRFProtect()


def settings() -> Settings:
    """This installation's settings."""
    return cast(Settings, current_app.extensions["exchange.settings"])


def init_app(app: Flask, config: Settings) -> None:
    """Install forms' protection, templates' rules, and every kernel part with routes or commands."""
    csrf.init_app(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(slot=slots.render, settings=config)
    ui.init_app(app)
    app.register_blueprint(styleguide.blueprint)
