"""Finance's register of deposits: what arrived, what a second person must look at, what must go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts.models import Organisation
from marketplace.clock import db_now
from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach
from marketplace.permissions import Permission, requires
from marketplace.tables import Column, Filter, Table

from . import collecting, policies, queries, services
from .forms import AccountForm, ConfirmForm, PrepareForm, ReceiptForm, RefundForm
from .models import Deposit
from .references import subject
from .rules import format_code
from .states import ACTION_LABELS, LABELS, MOVEMENT_LABELS, DepositAction, DepositState
from .views import blueprint

_NEEDS = {
    "overdue": (_l("Overdue"), queries.OVERDUE),
    "to_confirm": (_l("To be confirmed"), queries.TO_CONFIRM),
    "flagged": (_l("Flagged"), queries.FLAGGED),
    "prepared": (_l("Step to approve"), queries.PREPARED),
    "to_return": (_l("To be paid back"), queries.OWED_BACK),
}

REGISTER = Table(
    "deposits",
    [
        Column(_l("Number"), "number", sort=Deposit.number),
        Column(_l("Organisation"), "organisation", value=lambda one: one.organisation.name, sort=Organisation.name),
        Column(_l("For"), "reference", value=lambda one: str(subject(one.reference).label)),
        Column(_l("Deposit (yuan)"), "amount", sort=Deposit.amount, num=True),
        Column(_l("Received (yuan)"), "received_amount", sort=Deposit.received_amount, num=True),
        Column(_l("Due by"), "due_at", sort=Deposit.due_at),
        Column(_l("State"), "state", value=lambda one: str(LABELS[one.state])),
        Column(_l("Paid back (yuan)"), "refunded_amount", export_only=True),
        Column(_l("Still to pay back (yuan)"), "to_return", export_only=True),
        Column(_l("Remittance code"), "remittance_code", export_only=True),
    ],
    tie=Deposit.id,
    search=queries.SEARCHED,
    filters=[
        Filter("state", _l("State"), [(one.value, LABELS[one]) for one in DepositState], lambda v: Deposit.state == v),
        Filter("needs", _l("Needs"), [(key, label) for key, (label, _c) in _NEEDS.items()], lambda v: _NEEDS[v][1]),
    ],
    default_sort="-number",
)


@blueprint.get("/desk/deposits", endpoint="register")
@requires(Permission.DEPOSIT_RECORD)
def register() -> ResponseReturnValue:
    """List all deposits; a remittance code in the search leads straight to its deposit."""
    coded = queries.by_code(request.args.get("q", ""))
    if coded is not None:
        return redirect(url_for("payments.desk", number=coded.number), 303)
    page = REGISTER.page(queries.all_deposits())
    tiles = [(key, label, queries.count(condition)) for key, (label, condition) in _NEEDS.items()]
    return page.exported() or render_template(
        "payments/register.html", page=page, tiles=tiles, subject=subject, now=db_now(),
        account=collecting.current(), waiting=collecting.waiting(),
    )  # fmt: skip


def _load(number: str) -> Deposit:
    return found(queries.by_number(number))  # type: ignore[no-any-return]


@blueprint.get("/desk/deposits/<number>", endpoint="desk")
@requires(Permission.DEPOSIT_RECORD)
def desk(number: str) -> ResponseReturnValue:
    """Show one deposit with its movements and what can be done with it."""
    return _page(_load(number))


def _page(deposit: Deposit, status: int = 200, **forms: Any) -> ResponseReturnValue:
    actor = current_actor()
    shown = {
        "receipt": ReceiptForm(formdata=None),
        "confirm": ConfirmForm(formdata=None),
        "prepare": PrepareForm(formdata=None).offer(policies.possible_decisions(deposit)),
        "refund": RefundForm(formdata=None, data={"amount": f"{deposit.to_return:.2f}"}),
        **forms,
    }
    may = {
        "record": policies.can_record(actor, deposit),
        "confirm": policies.can_confirm(actor, deposit, queries.recorders(deposit)),
        "prepare": policies.can_prepare(actor, deposit),
        "approve": policies.can_approve(actor, deposit),
        "refund": policies.can_refund(actor, deposit),
    }
    page = render_template(
        "payments/desk.html", deposit=deposit, about=subject(deposit.reference), forms=shown, may=may, now=db_now(),
        code=format_code(deposit.remittance_code), refund_due=queries.refund_due(deposit),
        action_labels=ACTION_LABELS, movement_labels=MOVEMENT_LABELS,
    )  # fmt: skip
    return page, status


def _submit(number: str, name: str, form: Any, act: Callable[[Deposit], Any], message: str) -> ResponseReturnValue:
    """Validate, call the service, lead back; what it refuses stands beside the field."""
    deposit = _load(number)
    try:
        if not form.validate():
            return _page(deposit, 422, **{name: form})
        act(deposit)
    except Invalid as error:
        attach(form, error)
        return _page(deposit, 422, **{name: form})
    return done(message, "payments.desk", number=number)


@blueprint.post("/desk/deposits/<number>/receipt", endpoint="record_receipt")
@requires(Permission.DEPOSIT_RECORD)
def record_receipt(number: str) -> ResponseReturnValue:
    """Record what the bank says has arrived."""
    form = ReceiptForm()

    def act(deposit: Deposit) -> None:
        services.record_receipt(current_actor(), deposit, **form.values())

    return _submit(number, "receipt", form, act, _("The receipt is recorded. A second person in finance confirms it."))


@blueprint.post("/desk/deposits/<number>/confirm", endpoint="confirm_receipt")
@requires(Permission.DEPOSIT_APPROVE)
def confirm_receipt(number: str) -> ResponseReturnValue:
    """Confirm what somebody else recorded: the deposit is locked."""
    form = ConfirmForm()

    def act(deposit: Deposit) -> None:
        services.confirm_receipt(current_actor(), deposit, form.reason.data or "")

    return _submit(number, "confirm", form, act, _("The deposit is locked; its owner has been told."))


@blueprint.post("/desk/deposits/<number>/prepare", endpoint="prepare")
@requires(Permission.DEPOSIT_RECORD)
def prepare(number: str) -> ResponseReturnValue:
    """Prepare a release, a forfeit or a set-off for another person."""
    form = PrepareForm().offer(policies.possible_decisions(_load(number)))

    def act(deposit: Deposit) -> None:
        services.prepare(current_actor(), deposit, DepositAction(form.action.data), form.reason.data)

    return _submit(number, "prepare", form, act, _("The step is prepared. A second person in finance approves it."))


@blueprint.post("/desk/deposits/<number>/approve", endpoint="approve")
@requires(Permission.DEPOSIT_APPROVE)
def approve(number: str) -> ResponseReturnValue:
    """Carry out what somebody else prepared."""
    services.approve(current_actor(), _load(number))
    return done(_("The step is carried out; the owner has been told."), "payments.desk", number=number)


@blueprint.post("/desk/deposits/<number>/drop", endpoint="drop_prepared")
@requires(Permission.DEPOSIT_RECORD)
def drop_prepared(number: str) -> ResponseReturnValue:
    """Take a prepared step back."""
    services.drop_prepared(current_actor(), _load(number))
    return done(_("The prepared step is taken back; nothing has moved."), "payments.desk", number=number)


@blueprint.post("/desk/deposits/<number>/refund", endpoint="record_refund")
@requires(Permission.DEPOSIT_RECORD)
def record_refund(number: str) -> ResponseReturnValue:
    """Record what the bank has paid back."""
    form = RefundForm()

    def act(deposit: Deposit) -> None:
        services.record_refund(current_actor(), deposit, **form.values())

    return _submit(number, "refund", form, act, _("The payment is recorded."))


def _account_page(form: Any, status: int = 200) -> ResponseReturnValue:
    waiting = collecting.waiting()
    may_publish = policies.can_approve_account(current_actor(), waiting) if waiting else None
    page = render_template(
        "payments/account.html", form=form, current=collecting.current(), waiting=waiting, may_publish=may_publish,
        past=collecting.past(),
    )  # fmt: skip
    return page, status


@blueprint.get("/desk/deposits/account", endpoint="account")
@requires(Permission.DEPOSIT_RECORD)
def account() -> ResponseReturnValue:
    """Show the account that deposits are paid to, and propose another."""
    return _account_page(AccountForm())


@blueprint.post("/desk/deposits/account", endpoint="propose_account")
@requires(Permission.DEPOSIT_RECORD)
def propose_account() -> ResponseReturnValue:
    """Propose the account; a second person publishes it."""
    form = AccountForm()
    try:
        if not form.validate():
            return _account_page(form, 422)
        collecting.propose(current_actor(), **form.values())
    except Invalid as error:
        attach(form, error)
        return _account_page(form, 422)
    return done(_("The account is proposed. A second person in finance publishes it."), "payments.account")


@blueprint.post("/desk/deposits/account/<int:account_id>/publish", endpoint="publish_account")
@requires(Permission.DEPOSIT_APPROVE)
def publish_account(account_id: int) -> ResponseReturnValue:
    """Publish the account that somebody else proposed."""
    collecting.publish(current_actor(), found(collecting.get(account_id)))
    return done(_("Payers are shown this account from now on."), "payments.account")


def init_app(app: Flask) -> None:
    """Serve both the owners' pages and finance's."""
    app.register_blueprint(blueprint)
