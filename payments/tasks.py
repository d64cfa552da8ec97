"""Periodic work on deposits; also a command."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from marketplace import jobs
from marketplace.clock import db_now
from marketplace.db import db, unit_of_work

from . import notifications
from .models import Deposit
from .states import DepositState

#: How long before the deadline the owner is reminded.
NOTICE = timedelta(hours=24)


def register() -> None:
    """Look every ten minutes: a reminder a day ahead need not be punctual to the second."""
    jobs.every(600, "payments.remind_due", remind_due)


def remind_due() -> int:
    """Remind owners of deposits due within a day, each once; returns how many people were told."""
    with unit_of_work():
        now = db_now()
        query = select(Deposit).where(
            Deposit.state == DepositState.DUE, Deposit.due_at > now, Deposit.due_at <= now + NOTICE
        )
        return sum(notifications.due_soon(deposit) for deposit in db.session.scalars(query.order_by(Deposit.id)))
