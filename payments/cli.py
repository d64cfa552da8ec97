"""Commands for operators: what is where, and whether it adds up."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.money import format_yuan

from . import queries, tasks
from .models import Deposit
from .states import DepositState

payments = AppGroup("payments", help="Deposits: list, verify, remind.")


@payments.command("deposits")
@click.option(
    "--state", type=click.Choice([state.value for state in DepositState]), help="Only deposits in this state."
)
@click.option("--limit", default=50, show_default=True)
def list_deposits(state: str | None, limit: int) -> None:
    """Show deposits, the newest first, and what each state holds in all."""
    query = queries.all_deposits().order_by(Deposit.id.desc()).limit(limit)
    for deposit in db.session.scalars(query.where(Deposit.state == state) if state else query):
        due = deposit.due_at.isoformat(timespec="minutes") if deposit.due_at else "-"
        print(
            f"{deposit.number}  {deposit.state:<10} {format_yuan(deposit.amount):>16}  due {due}  {deposit.reference}"
        )
    sums = select(Deposit.state, func.count(), func.sum(Deposit.amount)).group_by(Deposit.state).order_by(Deposit.state)
    for found, count, total in db.session.execute(sums):
        print(f"{found:<10} {count:>6} deposits {format_yuan(total):>18} yuan")


@payments.command("verify")
def verify() -> None:
    """Recompute every deposit from its movements; fails when one does not add up."""
    broken = queries.broken()
    for number, problem in broken:
        print(f"{number}: {problem}")
    total = db.session.scalar(select(func.count()).select_from(Deposit))
    print(f"{total} deposits read, {len(broken)} problems.")
    if broken:
        raise SystemExit(1)


@payments.command("remind-due")
def remind_due() -> None:
    """Remind owners of deposits that are due within a day."""
    print(f"{tasks.remind_due()} people told.")


def init_app(app: Flask) -> None:
    """Plug the commands in."""
    app.cli.add_command(payments)
