"""Technology contracts: drafted from a sale, signed by both sides, registered (认定登记) with a number and a certificate anyone can check."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from marketplace import api as kernel_api
from marketplace import files, jobs, trails, ui
from marketplace.facts import AuctionClosed, ListingSaleAgreed, MembershipEnded, OrganisationRenamed
from marketplace.notices import register_event
from marketplace.outbox import subscribe
from marketplace.ui import State

from . import api, cli, desk, handlers, presenting, queries, registrar_views, tasks, views
from .kinds import ALL_SUBTYPES, KIND_LABELS, PAYMENT_LABELS, TECHNICAL_FIELDS
from .rules import HINT_NAMES, RETURN_REASONS
from .states import LABELS, TONES, ContractState

_EVENTS = {
    "drafted": _l("A contract was drafted"),
    "to_confirm": _l("The other side confirmed a contract"),
    "to_sign": _l("A contract is to be signed"),
    "signed": _l("A contract is signed"),
    "applied": _l("A registration was applied for"),
    "returned": _l("An application was returned"),
    "refused": _l("A registration was refused"),
    "end_asked": _l("The other side wishes to dissolve a contract"),
    "dissolved": _l("A contract was dissolved"),
    "registered": _l("A contract is registered"),
    "reopened": _l("A contract went back to the draft"),
    "terminated": _l("A contract ended before it was signed"),
    "changed": _l("A registration was changed"),
    "cancelled": _l("A registration was cancelled"),
}
_ACTIONS = {
    "contract.drafted": _l("Contract drafted"),
    "contract.changed": _l("Text changed"),
    "contract.confirmed": _l("Confirmed by one side"),
    "contract.confirm": _l("Text settled"),
    "contract.reopen": _l("Taken back to the draft"),
    "contract.signed_by_side": _l("Signed by one side"),
    "contract.sign": _l("Signed by both sides"),
    "contract.apply": _l("Registration applied for"),
    "contract.return": _l("Returned to complete"),
    "contract.refusal_asked": _l("Refusal asked for"),
    "contract.refuse": _l("Registration refused"),
    "contract.end_asked": _l("One side wishes to dissolve it"),
    "contract.end_dropped": _l("The wish to dissolve it was dropped"),
    "contract.dissolve": _l("Dissolved by both sides"),
    "contract.register": _l("Registered contract"),
    "contract.terminate": _l("Ended before signing"),
    "contract.hand_over": _l("Handed over to another member"),
    "contract.entered": _l("Entered as concluded elsewhere"),
    "contract.change_asked": _l("Change asked for"),
    "contract.changed_registration": _l("Registration changed"),
    "contract.request_declined": _l("Request declined"),
    "contract.terms_set": _l("Term for decisions set"),
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
    trails.register_object("contracts", _l("Contract"), "contracts.detail")
    trails.register_actions(_ACTIONS)
    app.jinja_env.filters["money_text"] = presenting.money_text
    app.jinja_env.globals.update(
        contract_kinds=KIND_LABELS, contract_subtypes=ALL_SUBTYPES, payment_modes=PAYMENT_LABELS, technical_fields=TECHNICAL_FIELDS,
        return_reasons=RETURN_REASONS, registrar_parts=desk.WORK_LABELS, hint_names=HINT_NAMES,
    )  # fmt: skip
    app.cli.add_command(cli.group)
    files.register_reader("contracts", queries.may_read_paper)
    jobs.every(3600, "contracts.set_deadlines", tasks.set_deadlines)
    desk.register()
    subscribe(AuctionClosed, "contracts.draft_after_auction", handlers.draft_after_auction)
    subscribe(ListingSaleAgreed, "contracts.draft_after_agreement", handlers.draft_after_agreement)
    subscribe(OrganisationRenamed, "contracts.organisation_renamed", handlers.organisation_renamed)
    subscribe(MembershipEnded, "contracts.hand_over", handlers.membership_ended)
    for name, label in _EVENTS.items():
        register_event(f"contracts.{name}", label, legal=True)
