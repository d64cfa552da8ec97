"""`flask contracts …`: the terms that registrars have, and the deadlines that follow from them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import click
from flask.cli import AppGroup

from marketplace.db import db, unit_of_work
from marketplace.money import WAN, format_unit
from marketplace.permissions import SYSTEM

from . import services, tasks
from .models import DecisionTerm

group = AppGroup("contracts", help="Technology contracts and their registration.")


@group.command("terms")
def terms() -> None:
    """Print how long registrars have, from which day on."""
    with unit_of_work():
        for one in db.session.query(DecisionTerm).order_by(DecisionTerm.valid_from):
            click.echo(
                f"{one.valid_from}\t{one.working_days} working days, {one.large_working_days}"
                f" from {format_unit(one.large_from, WAN, 0)} 万元\t{one.source}"
            )


@group.command("set-terms")
@click.option("--from", "valid_from", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--days", required=True, type=int, help="Working days for a decision")
@click.option("--large-days", required=True, type=int, help="Working days for large contracts")
@click.option("--large-from-wan", required=True, type=Decimal, help="Technical amount of a large contract, in 万元")
@click.option("--source", required=True, help="The rule that says so")
def set_terms(valid_from: datetime, days: int, large_days: int, large_from_wan: Decimal, source: str) -> None:
    """Set how long registrars have from a day on."""
    row = DecisionTerm(
        valid_from=valid_from.date(),
        working_days=days,
        large_working_days=large_days,
        large_from=large_from_wan * WAN,
        source=source,
    )
    with unit_of_work():
        services.set_terms(SYSTEM, row)
    click.echo(f"{valid_from:%Y-%m-%d}: {days} working days, {large_days} from {large_from_wan} 万元")


@group.command("set-deadlines")
def set_deadlines() -> None:
    """Set the deadlines that waited for a calendar."""
    click.echo(f"{tasks.set_deadlines()} set")
