"""`flask demo …`: the sample data and the way into them."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from accounts import queries
from marketplace.db import unit_of_work

from . import bidders, bulk, people
from .accounts_file import accounts_table
from .load import inhabited
from .load import load as load_all

group = AppGroup("demo", help="Sample data: made through the services, marked as sample.")


def _refuse_production() -> None:
    if current_app.extensions["exchange.settings"].production:
        raise click.ClickException("Sample people have a password that everybody knows: not in production.")


@group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing where anybody has an account")
@click.option("--small", is_flag=True, help="A few of everything, for tests")
def load(if_empty: bool, small: bool) -> None:
    """Make the sample data; what is there already stays."""
    _refuse_production()
    with unit_of_work():
        skip = if_empty and inhabited()
    if skip:
        click.echo("已有账号，未载入样例数据。")
        return
    load_all(click.echo, small=small)
    click.echo("样例数据已就绪。账号：flask demo accounts")


@group.command("accounts")
def accounts() -> None:
    """Print the sample accounts."""
    click.echo(accounts_table())


@group.command("code")
@click.argument("email")
def code(email: str) -> None:
    """Print the second factor's current code of a sample member of staff."""
    with unit_of_work():
        user = queries.user_by_email(email)
        if user is None or not people.is_sample_staff(user):
            raise click.ClickException(f"{email} is no sample member of staff.")
    click.echo(people.current_code())


@group.command("bidders")
def bid() -> None:
    """Let the simulated bidders bid once, as the worker does every few seconds."""
    _refuse_production()
    click.echo(f"{bidders.bid()} 次有效报价")


@group.command("bulk")
@click.option(
    "--results", "count", default=100_000, show_default=True, help="At least this many sample results on the board"
)
def make_many(count: int) -> None:
    """Copy the sample's listed results until there are many, for trying scale."""
    _refuse_production()
    click.echo(f"新增 {bulk.fill(count)} 项挂牌成果")
