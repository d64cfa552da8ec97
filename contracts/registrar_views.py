"""The registrar's pages: the queue with its clocks, form beside contract, changes and cancellations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from marketplace import audit
from marketplace.clock import today
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires
from marketplace.regions import CITIES
from marketplace.tables import Column, Filter, Table

from . import figures, policies, presenting, queries, services
from .forms import CancelForm, ChangeForm, RefuseForm, ReturnForm
from .kinds import KIND_LABELS
from .models import Contract, Registration
from .services.common import insider

blueprint = Blueprint("registrar", __name__)

_CITY = Contract.seller["region"].astext
_HINTS = func.jsonb_array_length(Registration.hints)
_AMOUNTS = [("1000000", _l("from 1 million yuan")), ("5000000", _l("from 5 million yuan"))]
TABLE = Table(
    name="registrations",
    columns=(
        Column(_l("Contract"), "number", sort=Contract.number),
        Column(_l("Name of the contract"), "title", export_only=True),
        Column(_l("Seller → buyer"), "seller"),
        Column(_l("Buyer"), "buyer", export_only=True),
        Column(_l("Kind"), "kind", export_only=True),
        Column(_l("Contract amount"), "amount", sort=Contract.amount, num=True),
        Column(_l("Technical amount"), "technical_amount", num=True),
        Column(_l("Automatic checks"), "checks", sort=_HINTS),
        Column(_l("Due"), "due", sort=Registration.due_on),
    ),
    tie=Contract.id,
    search=(Contract.number, Contract.title, Contract.seller["name"].astext, Contract.buyer["name"].astext),
    filters=(
        Filter("kind", _l("Kind"), [(k.value, v) for k, v in KIND_LABELS.items()], lambda v: Registration.kind == v),
        Filter("city", _l("City of the seller"), list(CITIES.items()), lambda v: v == _CITY),
        Filter("least", _l("Contract amount"), _AMOUNTS, lambda v: Contract.amount >= Decimal(v)),
        Filter(
            "checks",
            _l("Automatic checks"),
            [("look", _l("with remarks")), ("passed", _l("all passed"))],
            lambda v: _HINTS > 0 if v == "look" else _HINTS == 0,
        ),
    ),
    default_sort="due",
)


@blueprint.get("/desk/registrations", endpoint="queue", defaults={"part": "waiting"})
@blueprint.get("/desk/registrations/list/<part>", endpoint="queue")
@requires(Permission.CONTRACT_REGISTER)
def queue(part: str) -> ResponseReturnValue:
    """Show one part of the work, the most pressing first, and how the work goes."""
    if part not in queries.WORK:
        abort(404)
    page = TABLE.page(queries.work(part))
    exported = page.exported(_exported_rows)
    if exported is not None:
        return exported
    return render_template(
        "contracts/queue.html",
        page=page,
        part=part,
        parts=[(one, queries.count_work(one)) for one in queries.WORK],
        registrations=queries.registrations(page.rows),
        work=figures.workload(),
        term=queries.term_on(today()),
        today=today(),
        present=presenting,
    )


def _exported_rows(rows: list[Contract]) -> list[dict[str, Any]]:
    """Contracts with their forms, as the columns of the export read them."""
    forms = queries.registrations(rows)
    return [
        {
            "number": one.number,
            "title": one.title,
            "seller": one.seller["name"],
            "buyer": one.buyer["name"],
            "kind": str(KIND_LABELS[forms[one.id].kind]),
            "amount": one.amount,
            "technical_amount": forms[one.id].technical_amount,
            "checks": "、".join(forms[one.id].hints),
            "due": forms[one.id].due_on,
        }
        for one in rows
    ]


def _contract(number: str) -> Contract:
    return queries.get_contract(number, current_actor()) or abort(404)


@blueprint.get("/desk/registrations/<number>", endpoint="review")
@requires(Permission.CONTRACT_REGISTER)
def review(number: str) -> ResponseReturnValue:
    """Form beside contract, with the automatic checks."""
    return _review_page(_contract(number))


def _review_page(
    contract: Contract, form: ReturnForm | None = None, refuse_form: RefuseForm | None = None, status: int = 200
) -> ResponseReturnValue:
    actor, registration = current_actor(), queries.registration_of(contract) or abort(404)
    inside = insider(actor, contract)
    page = render_template(
        "contracts/review.html",
        contract=contract,
        registration=registration,
        checks=queries.checks(contract, registration),
        signatures=queries.signatures(contract),
        papers=queries.papers(contract),
        decide=policies.can_decide(actor, contract, registration, insider=inside),
        request_=policies.can_request(actor, contract, registration, insider=inside),
        settle=policies.can_settle(actor, contract, registration, insider=inside),
        requested=presenting.requested(registration),
        form=form or ReturnForm(formdata=None),
        refuse_form=refuse_form or RefuseForm(formdata=None, prefix="refuse-"),
        trail=audit.trail(contract),
        present=presenting,
    )
    return page, status


@blueprint.post("/desk/registrations/<number>/register", endpoint="register")
@requires(Permission.CONTRACT_REGISTER)
def register(number: str) -> ResponseReturnValue:
    """Register the contract."""
    registration = services.register_contract(current_actor(), _contract(number))
    return done(_("Registered under %(number)s.", number=registration.number), "registrar.queue")


@blueprint.post("/desk/registrations/<number>/return", endpoint="send_back")
@requires(Permission.CONTRACT_REGISTER)
def send_back(number: str) -> ResponseReturnValue:
    """Return the application with coded reasons."""
    contract, form = _contract(number), ReturnForm()
    try:
        require_valid(form)
        services.return_registration(current_actor(), contract, form.rows())
    except Invalid as error:
        attach(form, error)
        return _review_page(contract, form, status=422)
    return done(_("Returned. The seller is told what to correct."), "registrar.queue")


@blueprint.post("/desk/registrations/<number>/refuse", endpoint="ask_refusal")
@requires(Permission.CONTRACT_REGISTER)
def ask_refusal(number: str) -> ResponseReturnValue:
    """Ask to refuse the registration with coded reasons; another registrar decides."""
    contract, form = _contract(number), RefuseForm(prefix="refuse-")
    try:
        require_valid(form)
        services.ask_refusal(current_actor(), contract, form.rows())
    except Invalid as error:
        attach(form, error)
        return _review_page(contract, refuse_form=form, status=422)
    return done(_("Another registrar decides about the refusal."), "registrar.review", number=number)


@blueprint.get("/desk/registrations/<number>/change", endpoint="change")
@requires(Permission.CONTRACT_REGISTER)
def change(number: str) -> ResponseReturnValue:
    """Ask what a registration is to be corrected to."""
    contract = _contract(number)
    form = ChangeForm(obj=queries.registration_of(contract) or abort(404))
    return _change_page(contract, form)


def _change_page(contract: Contract, form: ChangeForm, status: int = 200) -> ResponseReturnValue:
    form.offer_rows()
    return render_template("contracts/change.html", contract=contract, form=form), status


@blueprint.post("/desk/registrations/<number>/change", endpoint="ask_change")
@requires(Permission.CONTRACT_REGISTER)
def ask_change(number: str) -> ResponseReturnValue:
    """Ask for a change of what is registered; another registrar decides."""
    contract, form = _contract(number), ChangeForm()
    try:
        require_valid(form)
        services.ask_change(current_actor(), contract, form.application(), form.reason.data)
    except Invalid as error:
        attach(form, error)
        return _change_page(contract, form, 422)
    return done(_("Another registrar decides about the change."), "registrar.review", number=number)


@blueprint.get("/desk/registrations/<number>/cancel", endpoint="cancel")
@requires(Permission.CONTRACT_REGISTER)
def cancel(number: str) -> ResponseReturnValue:
    """Ask why a registration is to be cancelled."""
    return render_template("contracts/cancel.html", contract=_contract(number), form=CancelForm())


@blueprint.post("/desk/registrations/<number>/cancel", endpoint="ask_cancellation")
@requires(Permission.CONTRACT_REGISTER)
def ask_cancellation(number: str) -> ResponseReturnValue:
    """Ask for the cancellation of a registration; another registrar decides."""
    contract, form = _contract(number), CancelForm()
    if not form.validate():
        return render_template("contracts/cancel.html", contract=contract, form=form), 422
    dissolved = form.what.data == "dissolved"
    services.ask_cancellation(current_actor(), contract, form.reason.data, dissolved=dissolved)
    return done(_("Another registrar decides about the cancellation."), "registrar.review", number=number)


@blueprint.post("/desk/registrations/<number>/settle", endpoint="settle")
@requires(Permission.CONTRACT_REGISTER)
def settle(number: str) -> ResponseReturnValue:
    """Agree to what another registrar asked for."""
    services.settle_request(current_actor(), _contract(number))
    return done(_("Done. The parties are told."), "registrar.review", number=number)


@blueprint.post("/desk/registrations/<number>/decline", endpoint="decline")
@requires(Permission.CONTRACT_REGISTER)
def decline(number: str) -> ResponseReturnValue:
    """Leave all as it was."""
    services.decline_request(current_actor(), _contract(number))
    return done(_("Declined. The registration stays as it was."), "registrar.review", number=number)
