"""An organisation's own deposits: what to pay, where, with which code, and what became of it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.clock import db_now
from marketplace.edge import current_actor, found
from marketplace.permissions import Permission, requires

from . import collecting, policies, queries
from .gateways import card_gateway
from .models import Deposit
from .references import subject
from .rules import format_code
from .states import MOVEMENT_LABELS

blueprint = Blueprint("payments", __name__)


def own(number: str) -> Deposit:
    """A deposit of the organisation acted for, or 404."""
    deposit = queries.by_number(number)
    mine = deposit is not None and policies.can_see(current_actor(), deposit)
    return found(deposit if mine else None)  # type: ignore[no-any-return]


@blueprint.get("/deposits", endpoint="index")
@requires(Permission.DEPOSIT_READ)
def index() -> str:
    """List what the organisation laid down or has to lay down."""
    organisation_id = current_actor().organisation_id
    deposits = queries.own_deposits(organisation_id) if organisation_id else []
    return render_template(
        "payments/own.html", deposits=deposits, subject=subject, now=db_now(), gateway=card_gateway()
    )


@blueprint.get("/deposits/<number>", endpoint="detail")
@requires(Permission.DEPOSIT_READ)
def detail(number: str) -> str:
    """Show one of them: how to pay, and its history."""
    deposit = own(number)
    return render_template(
        "payments/detail.html",
        deposit=deposit,
        about=subject(deposit.reference),
        account=collecting.current(),
        code=format_code(deposit.remittance_code),
        refund_due=queries.refund_due(deposit),
        gateway=card_gateway(),
        movement_labels=MOVEMENT_LABELS,
        now=db_now(),
    )


@blueprint.get("/deposits/<number>/slip", endpoint="slip")
@requires(Permission.DEPOSIT_READ)
def slip(number: str) -> ResponseReturnValue:
    """A payment slip to print and take to the bank or to one's own finance."""
    deposit = own(number)
    return render_template(
        "payments/slip.html",
        deposit=deposit,
        about=subject(deposit.reference),
        account=collecting.current(),
        code=format_code(deposit.remittance_code),
    )
