"""Contract pages of the parties: the list, one contract with its next step, editing, signing, applying."""

from __future__ import annotations

import io

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import audit
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires
from marketplace.tables import Column, Filter, Table

from . import documents, policies, presenting, queries, rules, services
from .errors import ContractChanged
from .forms import ApplicationForm, ContractForm, EndForm, EntryForm, ReasonForm
from .kinds import KIND_LABELS, EndCause
from .models import Contract
from .states import LABELS, ContractState

blueprint = Blueprint("contracts", __name__)

TABLE = Table(
    name="contracts",
    columns=(
        Column(_l("Contract"), "number", sort=Contract.number),
        Column(_l("Name of the contract"), "title", export_only=True),
        Column(_l("Seller → buyer"), "seller", lambda one: one.seller["name"]),
        Column(_l("Buyer"), "buyer", lambda one: one.buyer["name"], export_only=True),
        Column(_l("Kind"), "kind", lambda one: str(KIND_LABELS[one.kind]), export_only=True),
        Column(_l("Contract amount"), "amount", sort=Contract.amount, num=True),
        Column(_l("Technical amount"), "technical_amount", num=True),
        Column(_l("State"), "state", lambda one: str(LABELS[one.state])),
        Column(_l("Drafted"), "created_at", sort=Contract.created_at),
    ),
    tie=Contract.id,
    search=(Contract.number, Contract.title, Contract.seller["name"].astext, Contract.buyer["name"].astext),
    filters=(
        Filter("state", _l("State"), [(k.value, v) for k, v in LABELS.items()], lambda v: Contract.state == v),
        Filter("kind", _l("Kind"), [(k.value, v) for k, v in KIND_LABELS.items()], lambda v: Contract.kind == v),
    ),
    default_sort="-created_at",
)


def load(number: str) -> Contract:
    """The contract, or 404 for who may not see it."""
    return queries.get_contract(number, current_actor()) or abort(404)


def _version() -> int:
    given = request.form.get("version", "")
    return int(given) if given.isascii() and given.isdigit() else 0


@blueprint.get("/contracts", endpoint="index")
@requires(Permission.ORG_READ)
def index() -> ResponseReturnValue:
    """List the organisation's contracts."""
    page = TABLE.page(queries.visible(current_actor()))
    return page.exported() or render_template(
        "contracts/index.html", page=page, may_enter=policies.can_enter(current_actor())
    )


@blueprint.get("/contracts/<number>", endpoint="detail")
@requires(Permission.ACCOUNT_USE)
def detail(number: str) -> ResponseReturnValue:
    """Show the contract, where it stands, and what may be done now."""
    return _detail_page(load(number))


def _detail_page(
    contract: Contract, reason_form: ReasonForm | None = None, end_form: EndForm | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    page = render_template(
        "contracts/detail.html",
        contract=contract,
        registration=queries.registration_of(contract),
        signatures=queries.signatures(contract),
        papers=queries.papers(contract),
        stand=presenting.standing(actor, contract),
        missing=rules.missing(contract),
        reason_form=reason_form or ReasonForm(formdata=None),
        end_form=end_form or EndForm(formdata=None, prefix="end-"),
        trail=audit.trail(contract),
        present=presenting,
    )
    return page, status


@blueprint.get("/contracts/<number>/edit", endpoint="edit")
@requires(Permission.CONTRACT_EDIT)
def edit(number: str) -> ResponseReturnValue:
    """Ask for changes of the text."""
    contract = load(number)
    policies.can_edit(current_actor(), contract).check()
    form = ContractForm(obj=contract)
    form.kind.data, form.payment_mode.data = contract.kind.value, contract.payment_mode.value
    return _edit_page(contract, form)


def _edit_page(contract: Contract, form: ContractForm, status: int = 200) -> ResponseReturnValue:
    form.offer_rows()
    changed = presenting.differences(contract, form.values()) if status == 409 else []
    return render_template("contracts/edit.html", form=form, contract=contract, changed=changed), status


@blueprint.post("/contracts/<number>/edit", endpoint="edit_post")
@requires(Permission.CONTRACT_EDIT)
def edit_post(number: str) -> ResponseReturnValue:
    """Save changes; confirmations of the text before fall away."""
    contract, form = load(number), ContractForm()
    try:
        require_valid(form)
        services.edit_contract(current_actor(), contract, _version(), form.values())
    except Invalid as error:
        attach(form, error)
        return _edit_page(contract, form, 422)
    except ContractChanged:
        # What was typed is kept; saving again means that the other side's text was read.
        form.version.raw_data, form.version.data = None, contract.version
        return _edit_page(contract, form, 409)
    return done(_("The contract is saved. Both sides confirm it next."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/confirm", endpoint="confirm")
@requires(Permission.CONTRACT_EDIT)
def confirm(number: str) -> ResponseReturnValue:
    """Agree to the text for one's side."""
    services.confirm_contract(current_actor(), load(number), _version())
    return done(_("Confirmed for your side."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/reopen", endpoint="reopen")
@requires(Permission.ORG_READ)
def reopen(number: str) -> ResponseReturnValue:
    """Take a settled text back to the draft, with a reason."""
    contract, form = load(number), ReasonForm()
    if not form.validate():
        return _detail_page(contract, form, status=422)
    services.reopen_contract(current_actor(), contract, form.reason.data)
    return done(_("The contract is a draft again."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/sign", endpoint="sign")
@requires(Permission.CONTRACT_SIGN)
def sign(number: str) -> ResponseReturnValue:
    """Sign for one's side."""
    services.sign_contract(current_actor(), load(number), request.form.get("text_hash", ""))
    return done(_("Signed for your side."), "contracts.detail", number=number)


@blueprint.get("/contracts/<number>/apply", endpoint="apply")
@requires(Permission.CONTRACT_EDIT)
def apply(number: str) -> ResponseReturnValue:
    """Ask for the registration form, filled from the contract or from what was returned."""
    contract = load(number)
    policies.can_apply(current_actor(), contract).check()
    registration = queries.registration_of(contract)
    form = ApplicationForm(obj=registration or contract)
    form.kind.data = (registration or contract).kind.value
    if registration is None:
        form.ip_kinds.data = sorted({item["kind"] for item in contract.ip_items})
    return _apply_page(contract, form)


def _apply_page(contract: Contract, form: ApplicationForm, status: int = 200) -> ResponseReturnValue:
    form.offer_rows()
    page = render_template(
        "contracts/apply.html",
        contract=contract,
        form=form,
        registration=queries.registration_of(contract),
        ready=presenting.ready(contract, queries.papers(contract)),
        present=presenting,
    )
    return page, status


@blueprint.post("/contracts/<number>/apply", endpoint="apply_post")
@requires(Permission.CONTRACT_EDIT)
def apply_post(number: str) -> ResponseReturnValue:
    """Apply for registration."""
    contract, form = load(number), ApplicationForm()
    try:
        require_valid(form)
        note = form.recheck_note.data or ""
        registration = services.apply_for_registration(current_actor(), contract, form.application(), note)
    except Invalid as error:
        attach(form, error)
        return _apply_page(contract, form, 422)
    return done(presenting.applied(registration), "contracts.detail", number=number)


@blueprint.get("/contracts/enter", endpoint="enter")
@requires(Permission.CONTRACT_EDIT)
def enter() -> ResponseReturnValue:
    """Ask for a contract concluded elsewhere."""
    policies.can_enter(current_actor()).check()
    return render_template("contracts/enter.html", form=EntryForm())


@blueprint.post("/contracts/enter", endpoint="enter_post")
@requires(Permission.CONTRACT_EDIT)
def enter_post() -> ResponseReturnValue:
    """Take in a contract concluded elsewhere."""
    form = EntryForm()
    try:
        require_valid(form)
        paper = form.paper.data
        contract = services.enter_contract(current_actor(), form.entry(), paper.stream, paper.filename)
    except Invalid as error:
        attach(form, error)
        return render_template("contracts/enter.html", form=form), 422
    return done(_("The contract is here. Apply for its registration next."), "contracts.apply", number=contract.number)


@blueprint.post("/contracts/<number>/terminate", endpoint="terminate")
@requires(Permission.AUCTION_RUN)
def terminate(number: str) -> ResponseReturnValue:
    """End a contract that will not be signed."""
    contract, form = load(number), EndForm(prefix="end-")
    if not form.validate():
        return _detail_page(contract, end_form=form, status=422)
    services.terminate_contract(current_actor(), contract, form.reason.data, EndCause(form.cause.data))
    return done(_("The contract has ended; the result is back on the board."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/dissolve", endpoint="ask_end")
@requires(Permission.CONTRACT_SIGN)
def ask_end(number: str) -> ResponseReturnValue:
    """Ask the other side to dissolve the signed contract."""
    contract, form = load(number), ReasonForm()
    if not form.validate():
        return _detail_page(contract, form, status=422)
    services.ask_end(current_actor(), contract, form.reason.data)
    return done(_("Noted. The contract stands until the other side agrees."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/dissolve/agree", endpoint="agree_end")
@requires(Permission.CONTRACT_SIGN)
def agree_end(number: str) -> ResponseReturnValue:
    """Agree to dissolve the contract."""
    services.agree_end(current_actor(), load(number))
    return done(_("The contract is dissolved; the result is back on the board."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/dissolve/drop", endpoint="drop_end")
@requires(Permission.CONTRACT_SIGN)
def drop_end(number: str) -> ResponseReturnValue:
    """Let the contract stand."""
    services.drop_end(current_actor(), load(number))
    return done(_("The contract stands as it is."), "contracts.detail", number=number)


@blueprint.get("/contracts/<number>/contract.pdf", endpoint="pdf")
@requires(Permission.ACCOUNT_USE)
def pdf(number: str) -> ResponseReturnValue:
    """The contract as a PDF."""
    contract = load(number)
    return _pdf(documents.contract_pdf(contract), f"{contract.number}.pdf")


@blueprint.get("/contracts/<number>/certificate.pdf", endpoint="certificate")
@requires(Permission.ACCOUNT_USE)
def certificate(number: str) -> ResponseReturnValue:
    """The certificate of registration as a PDF."""
    contract = load(number)
    registration = queries.registration_of(contract)
    if registration is None or registration.number is None or contract.state is not ContractState.REGISTERED:
        abort(404)
    return _pdf(documents.certificate_pdf(contract, registration), f"{registration.number}.pdf")


def _pdf(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(io.BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)
