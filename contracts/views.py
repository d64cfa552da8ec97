"""Contract pages of the parties, and the public check page."""

from __future__ import annotations

import io

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import audit, limits, states
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, public, requires
from marketplace.tables import Column, Filter, Table

from . import documents, policies, queries, rules, services
from .forms import CodeForm, ContractForm, HashForm, ReasonForm, VersionForm
from .kinds import KIND_LABELS, SUBTYPES, TECHNICAL_FIELDS
from .models import Contract
from .states import LABELS, ContractState

blueprint = Blueprint("contracts", __name__)

TABLE = Table(
    name="contracts",
    columns=(
        Column(_l("Contract"), "number", sort=Contract.number),
        Column(_l("Name of the contract"), "title", export_only=True),
        Column(_l("Seller"), "seller", lambda one: one.seller["name"]),
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


@blueprint.get("/contracts", endpoint="index")
@requires(Permission.ORG_READ)
def index() -> ResponseReturnValue:
    """List the organisation's contracts."""
    page = TABLE.page(queries.visible(current_actor()))
    return page.exported() or render_template("contracts/index.html", page=page)


@blueprint.get("/contracts/<number>", endpoint="detail")
@requires(Permission.ACCOUNT_USE)
def detail(number: str) -> ResponseReturnValue:
    """Show the contract, where it stands, and what may be done now."""
    return _detail_page(load(number), ReasonForm())


def _detail_page(contract: Contract, reason_form: ReasonForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    side = policies.side_of(actor, contract)
    signed = {one.side for one in queries.signatures(contract)}
    page = render_template(
        "contracts/detail.html",
        contract=contract,
        registration=queries.registration_of(contract),
        side=side,
        signatures=queries.signatures(contract),
        signed=side in signed,
        confirmed=bool(side and getattr(contract, f"{side}_confirmed_at")),
        missing=rules.missing(contract),
        may={
            "edit": policies.can_edit(actor, contract),
            "sign": policies.can_sign(actor, contract),
            "apply": policies.can_apply(actor, contract),
        },
        version_form=VersionForm(version=contract.version),
        hash_form=HashForm(text_hash=contract.text_hash),
        reason_form=reason_form,
        trail=audit.trail(contract),
        history=states.history(contract),
        labels={
            "subtype": SUBTYPES[contract.kind].get(contract.subtype),
            "technical": TECHNICAL_FIELDS[contract.technical_field],
        },
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
    return render_template("contracts/edit.html", form=form, contract=contract)


@blueprint.post("/contracts/<number>/edit", endpoint="edit_post")
@requires(Permission.CONTRACT_EDIT)
def edit_post(number: str) -> ResponseReturnValue:
    """Save changes; confirmations of the text before fall away."""
    contract, form = load(number), ContractForm()
    try:
        require_valid(form)
        version = form.version.data or "0"
        services.edit_contract(current_actor(), contract, int(version) if version.isdigit() else 0, form.values())
    except Invalid as error:
        attach(form, error)
        return render_template("contracts/edit.html", form=form, contract=contract), 422
    return done(_("The contract is saved. Both sides confirm it next."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/confirm", endpoint="confirm")
@requires(Permission.CONTRACT_EDIT)
def confirm(number: str) -> ResponseReturnValue:
    """Agree to the text for one's side."""
    version = request.form.get("version", "0")
    services.confirm_contract(current_actor(), load(number), int(version) if version.isdigit() else 0)
    return done(_("Confirmed for your side."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/reopen", endpoint="reopen")
@requires(Permission.ACCOUNT_USE)
def reopen(number: str) -> ResponseReturnValue:
    """Take a settled text back to the draft, with a reason."""
    contract, form = load(number), ReasonForm()
    if not form.validate():
        return _detail_page(contract, form, 422)
    services.reopen_contract(current_actor(), contract, form.reason.data)
    return done(_("The contract is a draft again."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/sign", endpoint="sign")
@requires(Permission.CONTRACT_SIGN)
def sign(number: str) -> ResponseReturnValue:
    """Sign for one's side."""
    services.sign_contract(current_actor(), load(number), request.form.get("text_hash", ""))
    return done(_("Signed for your side."), "contracts.detail", number=number)


@blueprint.post("/contracts/<number>/apply", endpoint="apply")
@requires(Permission.CONTRACT_EDIT)
def apply(number: str) -> ResponseReturnValue:
    """Apply for registration."""
    registration = services.apply_for_registration(current_actor(), load(number))
    message = _("Applied for. The registrar decides by %(day)s.", day=registration.due_on.isoformat())
    return done(message, "contracts.detail", number=number)


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


@blueprint.get("/contracts/check", endpoint="check_form")
@public
def check_form() -> ResponseReturnValue:
    """Ask for a registration number."""
    number = request.args.get("number", "").strip()
    return (
        check(number)
        if number
        else render_template("contracts/check.html", number="", found=None, form=CodeForm(), details=None)
    )


@blueprint.get("/contracts/check/<number>", endpoint="check")
@public
def check(number: str) -> ResponseReturnValue:
    """Say whether a registration holds; the code on the certificate opens the details."""
    found, form = queries.by_registration_number(number), CodeForm(request.args, meta={"csrf": False})
    given = (request.args.get("code") or "").strip().upper()
    details = False
    if given:
        limits.hit(f"check_code:{request.remote_addr}", limit=20, window_s=600)
        details = found is not None and found[1].check_code == given
        if not details:
            form.code.errors = [_("This code does not belong to the number.")]
    page = render_template("contracts/check.html", number=number, found=found, form=form, details=details)
    return page, 200 if found else 404
