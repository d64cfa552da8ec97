"""The plan's targets and how far the province has come: windows, the registered turnover against 2000亿元, every figure traceable to its contracts."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from flask_babel import lazy_gettext as _l

from marketplace import api as kernel_api
from marketplace import slots, trails, ui
from marketplace.facts import ContractCancelled, ContractRegistered, RegistrationChanged
from marketplace.outbox import subscribe
from marketplace.ui import State

from . import api, cli, desk, pages, queries, services, views, window_views
from .services.counting import HANDLER

STANDINGS = {
    "reached": State(_l("Goal reached"), "done", "check"),
    "missed": State(_l("Closed below the goal"), "neutral", "square"),
    "ahead": State(_l("On course"), "done", None),
    "behind": State(_l("Behind"), "waiting", None),
}


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(window_views.blueprint)
    kernel_api.register(api.blueprint)
    app.cli.add_command(cli.group)
    ui.register_states("turnover", STANDINGS)
    ui.register_nav("targets.turnover", _l("Turnover"), order=80, section="targets")
    slots.fill("home.hero", "targets.progress", _home_card)
    trails.register_object("target_windows", _l("Window"))
    trails.register_actions({"window.set": _l("Window set")})
    desk.register()
    subscribe(ContractRegistered, HANDLER, services.count)
    subscribe(RegistrationChanged, HANDLER, services.change)
    subscribe(ContractCancelled, HANDLER, services.take_off)


def _home_card(**_context: Any) -> str | None:
    """The running window on the front page."""
    window = queries.window(None)
    if window is None:
        return None
    state = pages.progress(window)
    return render_template("targets/_home.html", state=state, chart=pages.progress_chart(state), pages=pages)
