"""Technology contracts: drafted from a sale, signed by both sides, registered (认定登记) with a number and a certificate anyone can check."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from marketplace import api as kernel_api
from marketplace import trails, ui
from marketplace.facts import AuctionClosed, ListingSaleAgreed
from marketplace.notices import register_event
from marketplace.outbox import subscribe
from marketplace.ui import State

from . import api, desk, handlers, registrar_views, views
from .kinds import KIND_LABELS, PAYMENT_LABELS, TECHNICAL_FIELDS
from .rules import RETURN_REASONS
from .states import LABELS, TONES, ContractState

_EVENTS = {
    "drafted": _l("A contract was drafted"),
    "to_sign": _l("A contract is to be signed"),
    "signed": _l("A contract is signed"),
    "applied": _l("A registration was applied for"),
    "returned": _l("An application was returned"),
    "registered": _l("A contract is registered"),
    "cancelled": _l("A registration was cancelled"),
}
_ACTIONS = {
    "contract.drafted": _l("Drafted"),
    "contract.changed": _l("Text changed"),
    "contract.confirmed": _l("Confirmed by one side"),
    "contract.confirm": _l("Text settled"),
    "contract.reopen": _l("Taken back to the draft"),
    "contract.signed_by_side": _l("Signed by one side"),
    "contract.sign": _l("Signed by both sides"),
    "contract.apply": _l("Registration applied for"),
    "contract.return": _l("Returned to complete"),
    "contract.register": _l("Registered contract"),
    "contract.cancellation_asked": _l("Cancellation asked for"),
    "contract.cancel": _l("Registration cancelled"),
    "contract.brought_in": _l("Brought in as registered"),
}


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(registrar_views.blueprint)
    kernel_api.register(api.blueprint)
    ui.register_states("contract", {one: State(LABELS[one], TONES[one], None) for one in ContractState})
    ui.register_footer_link("contracts.check_form", _l("Check a certificate"), order=30)
    trails.register_actions(_ACTIONS)
    app.jinja_env.globals.update(
        contract_kinds=KIND_LABELS, payment_modes=PAYMENT_LABELS, technical_fields=TECHNICAL_FIELDS,
        return_reasons=RETURN_REASONS,
    )  # fmt: skip
    desk.register()
    subscribe(AuctionClosed, "contracts.draft_after_auction", handlers.draft_after_auction)
    subscribe(ListingSaleAgreed, "contracts.draft_after_agreement", handlers.draft_after_agreement)
    for name, label in _EVENTS.items():
        register_event(f"contracts.{name}", label, legal=True)
