"""Figures of the registrars' work, for their queue and their desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select

from marketplace.clock import start_of_day, today
from marketplace.db import db

from .models import Contract, Registration
from .states import ContractState


@dataclass(frozen=True, slots=True)
class Workload:
    """How the registrars' work stands."""

    due_today: int
    waiting: int
    done_this_week: int
    #: Mean days from application to registration over the last 30 days, of what was decided here; None without any.
    average_days: float | None
    month_amount: Decimal


def workload() -> Workload:
    """Due today, waiting, done this week, mean time, and this month's registered amount."""
    day = today()
    week, month = start_of_day(day - timedelta(days=day.weekday())), start_of_day(day.replace(day=1))
    waiting = (
        select(func.count()).select_from(Contract).join(Registration).where(Contract.state == ContractState.APPLIED)
    )
    # What was brought in with its own dates was nobody's work here.
    done = select(func.count()).where(Registration.registered_at >= week, Registration.applied_by_id.is_not(None))
    mean = select(func.avg(func.extract("epoch", Registration.registered_at - Registration.applied_at))).where(
        Registration.registered_at >= start_of_day(day - timedelta(days=30)), Registration.applied_by_id.is_not(None)
    )
    amount = (
        select(func.coalesce(func.sum(Contract.amount), 0))
        .join(Registration, Registration.contract_id == Contract.id)
        .where(Registration.registered_at >= month, Registration.cancelled_at.is_(None))
    )
    seconds = db.session.execute(mean).scalar_one()
    return Workload(
        due_today=int(db.session.execute(waiting.where(Registration.due_on <= day)).scalar_one()),
        waiting=int(db.session.execute(waiting).scalar_one()),
        done_this_week=int(db.session.execute(done).scalar_one()),
        average_days=None if seconds is None else float(seconds) / 86400,
        month_amount=Decimal(db.session.execute(amount).scalar_one()),
    )
