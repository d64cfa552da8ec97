"""The registrar's pages: the queue with its clocks, and form beside contract."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from accounts import queries as accounts
from accounts.states import OrganisationState
from marketplace import audit
from marketplace.clock import today
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from . import figures, policies, queries, rules, services
from .forms import ReasonForm, ReturnForm
from .models import Contract
from .views import TABLE

blueprint = Blueprint("registrar", __name__)


@blueprint.get("/desk/registrations", endpoint="queue")
@requires(Permission.CONTRACT_REGISTER)
def queue() -> ResponseReturnValue:
    """Show what waits, the most pressing first, and how the work goes."""
    waiting = TABLE.page(queries.queue())
    exported = waiting.exported()
    if exported is not None:
        return exported
    rows = waiting.rows
    return render_template(
        "contracts/queue.html",
        page=waiting,
        rows=rows,
        registrations=queries.registrations(rows),
        checks={one.id: checks_of(one) for one in rows},
        work=figures.workload(),
        today=today(),
    )


def checks_of(contract: Contract) -> list[rules.Check]:
    """The automatic checks of an application."""
    parties = accounts.organisations([contract.seller_id, contract.buyer_id])
    verified = all(one.state is OrganisationState.VERIFIED for one in parties.values())
    return rules.checks(contract, parties_verified=verified, duplicate=queries.alike(contract))


def _contract(number: str) -> Contract:
    return queries.get_contract(number, current_actor()) or abort(404)


@blueprint.get("/desk/registrations/<number>", endpoint="review")
@requires(Permission.CONTRACT_REGISTER)
def review(number: str) -> ResponseReturnValue:
    """Form beside contract, with the automatic checks."""
    return _review_page(_contract(number), ReturnForm(), ReasonForm())


def _review_page(
    contract: Contract, form: ReturnForm, cancel_form: ReasonForm, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "contracts/review.html",
        contract=contract,
        registration=queries.registration_of(contract),
        checks=checks_of(contract),
        signatures=queries.signatures(contract),
        decision=policies.can_decide(current_actor(), contract),
        form=form,
        cancel_form=cancel_form,
        trail=audit.trail(contract),
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
        reasons = [{"code": code, "note": form.note.data} for code in form.reasons.data]
        services.return_registration(current_actor(), contract, reasons)
    except Invalid as error:
        attach(form, error)
        return _review_page(contract, form, ReasonForm(), 422)
    return done(_("Returned. The seller is told what to correct."), "registrar.queue")


@blueprint.post("/desk/registrations/<number>/ask-cancellation", endpoint="ask_cancellation")
@requires(Permission.CONTRACT_REGISTER)
def ask_cancellation(number: str) -> ResponseReturnValue:
    """Ask for the cancellation of a registration; another registrar decides."""
    contract, form = _contract(number), ReasonForm()
    if not form.validate():
        return _review_page(contract, ReturnForm(), form, 422)
    services.ask_cancellation(current_actor(), contract, form.reason.data)
    return done(_("Another registrar decides about the cancellation."), "registrar.review", number=number)


@blueprint.post("/desk/registrations/<number>/cancel", endpoint="cancel")
@requires(Permission.CONTRACT_REGISTER)
def cancel(number: str) -> ResponseReturnValue:
    """Cancel the registration: the contract no longer counts."""
    services.cancel_registration(current_actor(), _contract(number))
    return done(_("Cancelled. The contract no longer counts."), "registrar.review", number=number)
