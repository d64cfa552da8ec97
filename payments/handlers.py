"""Reacts to what happened to deposits: their owners are told."""

from __future__ import annotations

from marketplace.db import db
from marketplace.facts import DepositLocked, DepositReleased
from marketplace.outbox import subscribe

from . import notifications
from .models import Deposit


def register() -> None:
    """Subscribe to this package's own facts, so that mails are written outside the closer's transaction."""
    subscribe(DepositLocked, "payments.tell_locked", tell_locked)
    subscribe(DepositReleased, "payments.tell_released", tell_released)


def tell_locked(fact: DepositLocked) -> None:
    """Tell the owner that the deposit stands."""
    notifications.locked(db.session.get_one(Deposit, fact.deposit_id))


def tell_released(fact: DepositReleased) -> None:
    """Tell the owner that the money comes back; nothing to tell where nothing was paid."""
    deposit = db.session.get_one(Deposit, fact.deposit_id)
    if deposit.received_amount > 0:
        notifications.released(deposit)
