"""Deposits: asked for, received, confirmed by a second person, and given back, held or kept.

A deposit refers to what it is for by an opaque word (`auction:PM2026-000123`). Every step writes a row that nobody
can change; the deposit's state is the fold of those rows (`flask payments verify`).
"""

from flask import Flask
from flask_babel import lazy_gettext as _l

from marketplace import api as kernel_api
from marketplace import trails, ui
from marketplace.ui import State

from . import (
    api,
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


_ACTIONS = {
    "deposit.require": _l("Deposit asked for"),
    "deposit.receive": _l("Receipt recorded"),
    "deposit.lock": _l("Receipt confirmed, deposit locked"),
    "deposit.hold": _l("Held for the contract"),
    "deposit.apply": _l("Set against the price"),
    "deposit.forfeit": _l("Forfeited"),
    "deposit.release": _l("Released"),
    "deposit.cancel": _l("No longer needed"),
    "deposit.refund": _l("Repayment recorded"),
    "deposit.prepare_release": _l("Release prepared"),
    "deposit.prepare_forfeit": _l("Forfeiting prepared"),
    "deposit.prepare_apply": _l("Setting against the price prepared"),
    "deposit.drop_prepared": _l("Prepared step dropped"),
    "collecting_account.propose": _l("Deposit account proposed"),
    "collecting_account.publish": _l("Deposit account published"),
}


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    kernel_api.register(api.blp)
    desk_views.init_app(app)
    cli.init_app(app)
    desk.register()
    handlers.register()
    notifications.register()
    tasks.register()
    trails.register_object("deposits", _l("Deposit"))
    trails.register_object("collecting_accounts", _l("Deposit account"))
    trails.register_actions(_ACTIONS)
    ui.register_states("deposit", {state: State(LABELS[state], tone) for state, tone in _TONES.items()})
    ui.register_states(
        "deposit_flag", {flag: State(label, "waiting", "triangle") for flag, label in FLAG_LABELS.items()}
    )
