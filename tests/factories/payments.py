"""Deposits for every package's tests, by the services that people use."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Organisation, User
from accounts.roles import StaffRole
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.permissions import SYSTEM
from payments import services
from payments.models import Deposit
from tests.factories.accounts import actor_for, make_organisation, make_staff

_serial = itertools.count(1)
AMOUNT = Decimal("100000.00")


def make_deposit(organisation: Organisation | None = None, reference: str = "", *, due: float = 3600) -> Deposit:
    """A deposit that is asked for, due in so many seconds."""
    owner = organisation or make_organisation()
    due_at = db_now() + timedelta(seconds=due)
    made = services.require(SYSTEM, owner.id, reference or f"test:{next(_serial)}", AMOUNT, due_at)
    db.session.commit()
    return made


def pay(
    deposit: Deposit, officer: User, *, amount: Decimal = AMOUNT, payer: str = "", at: datetime | None = None
) -> Deposit:
    """A receipt recorded by this officer."""
    owner = db.session.get_one(Organisation, deposit.organisation_id)
    paid_at, reference = at or db_now() - timedelta(minutes=1), f"BANK{next(_serial):08d}"
    services.record_receipt(
        actor_for(officer), deposit, amount=amount, bank_reference=reference, paid_at=paid_at, payer=payer or owner.name
    )
    db.session.commit()
    return deposit


def lock(deposit: Deposit) -> Deposit:
    """The deposit as it stands once two officers have seen the money."""
    first, second = officers()
    pay(deposit, first)
    services.confirm_receipt(actor_for(second), deposit)
    db.session.commit()
    return deposit


def officers() -> tuple[User, User]:
    """Two people in finance."""
    return make_staff(StaffRole.FINANCE), make_staff(StaffRole.FINANCE)
