"""Deposits: asked for, received, confirmed by a second person, and given back, held or kept.

A deposit refers to what it is for by an opaque word (`auction:PM2026-000123`). Every step writes a row that nobody
can change; the deposit's state is the fold of those rows (`flask payments verify`).
"""

from flask import Flask

from marketplace import ui
from marketplace.ui import State

from . import (
    cli,
    desk,
    desk_views,
    handlers,
    models,  # noqa: F401 - its tables must be known to migrations
    notifications,
    tasks,
)
from .states import FLAG_LABELS, LABELS, DepositState

_TONES = {
    DepositState.DUE: "waiting",
    DepositState.RECEIVED: "waiting",
    DepositState.LOCKED: "done",
    DepositState.HELD: "action",
    DepositState.APPLIED: "done",
    DepositState.FORFEITED: "refused",
    DepositState.RELEASED: "neutral",
    DepositState.CANCELLED: "neutral",
}


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    desk_views.init_app(app)
    cli.init_app(app)
    desk.register()
    handlers.register()
    notifications.register()
    tasks.register()
    ui.register_states("deposit", {state: State(LABELS[state], tone) for state, tone in _TONES.items()})
    ui.register_states(
        "deposit_flag", {flag: State(label, "waiting", "triangle") for flag, label in FLAG_LABELS.items()}
    )
