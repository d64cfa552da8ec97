"""`flask targets …`: windows, and proof that the figure is right."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal

import click
from flask.cli import AppGroup

from marketplace.db import unit_of_work
from marketplace.money import YI, format_yuan
from marketplace.permissions import SYSTEM

from . import queries, services

group = AppGroup("targets", help="Windows and the turnover.")


@group.command("window")
@click.argument("key")
@click.option("--name-zh", required=True)
@click.option("--name-en", required=True)
@click.option("--from", "starts_on", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "ends_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day after the window")
@click.option("--target-yi", required=True, type=Decimal, help="Turnover to reach, in 亿元")
@click.option("--running/--not-running", default=False)
@click.option("--sample/--official", default=False)
def window(
    key: str,
    name_zh: str,
    name_en: str,
    starts_on: datetime,
    ends_on: datetime,
    target_yi: Decimal,
    running: bool,
    sample: bool,
) -> None:
    """Set a window."""
    with unit_of_work():
        services.set_window(
            SYSTEM, key=key, name_zh=name_zh, name_en=name_en, starts_on=starts_on.date(), ends_on=ends_on.date(),
            target=target_yi * YI, running=running, sample=sample,
        )  # fmt: skip
    click.echo(f"{key}: {starts_on:%Y-%m-%d} to {ends_on:%Y-%m-%d}, {target_yi} 亿元")


@group.command("windows")
def windows() -> None:
    """Print the windows with what they have reached."""
    with unit_of_work():
        for one in queries.windows():
            reached = queries.total(queries.Scope(one))
            click.echo(
                f"{one.key}\t{one.starts_on}..{one.ends_on}\t{format_yuan(reached.amount)} / {format_yuan(one.target_amount)}"
            )


@group.command("count-due")
def count_due() -> None:
    """Count the registrations that wait for it, many at once (after an import)."""
    with unit_of_work():
        counted = services.count_due()
    click.echo(f"{counted} counted")


@group.command("recount")
@click.option("--check", is_flag=True, help="Exit with 1 on a difference")
def recount(check: bool) -> None:
    """Count every registered contract again, in one snapshot, and compare."""
    with unit_of_work():
        found = services.recount()
    click.echo(f"{found.contracts} contracts, {format_yuan(found.amount)} yuan registered")
    click.echo(
        f"{found.kept_contracts} contracts, {format_yuan(found.kept_amount)} yuan in the totals; {found.under_way} under way"
    )
    if not found.agrees:
        click.echo(
            f"DIFFERENT: {found.wrong_contracts} contracts are counted wrongly, {found.wrong_cells} cells of the totals are wrong"
        )
    if check and not found.agrees:
        sys.exit(1)
