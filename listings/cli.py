"""Commands for results: take in a file, write its template, end publicities, write the search anew."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from accounts.models import Organisation
from accounts.queries import get_organisation, organisation_by_uscc, user_by_email
from marketplace.db import db, unit_of_work
from marketplace.errors import DomainError, Invalid
from marketplace.permissions import SYSTEM, Actor, Permission

from . import columns, reading, services
from .models import Listing
from .services.common import reindex

group = AppGroup("listings", help="Results: import, publicity, search.")
_BATCH = 1000


def _organisation(text: str) -> Organisation:
    found = organisation_by_uscc(text) or (get_organisation(int(text)) if text.isdigit() else None)
    if found is None:
        raise click.ClickException(f"No organisation has the code or id {text}.")
    return found


def _actor(email: str, organisation: Organisation) -> Actor:
    """The system, or a person in whose name the drafts are made: they may then not approve them."""
    if not email:
        return SYSTEM
    person = user_by_email(email)
    if person is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return Actor(person.id, person.name, frozenset({Permission.LISTING_EDIT}), organisation.id, organisation.name)


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", required=True, help="Unified social credit code, or id.")
@click.option("--as", "email", default="", help="E-mail address of the editor in whose name it is done.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_file(file: Path, organisation: str, email: str, dry_run: bool) -> None:
    """Take the rows of a CSV or XLSX FILE in as drafts and report every problem. Run twice, nothing changes."""
    data = file.read_bytes()
    try:
        with unit_of_work():
            owner = _organisation(organisation)
            taken = reading.read(data, file.name)
            planned = services.plan(owner, taken)
            for problem in planned.problems:
                mark = "left out" if problem.blocks else "note"
                click.echo(f"row {problem.row}\t{problem.column}\t{mark}: {problem.reason}\t{problem.value}")
            if not dry_run:
                services.import_rows(_actor(email, owner), owner, taken, name=file.name, data=data)
    except Invalid as error:
        said = [str(message) for messages in error.fields.values() for message in messages]
        raise click.ClickException("; ".join(said) or str(error)) from error
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    verb = "would become" if dry_run else "became"
    click.echo(f"{planned.rows} rows: {len(planned.new)} {verb} drafts, {planned.unchanged} unchanged,", nl=False)
    click.echo(f" {planned.failed} left out, {len(planned.problems)} remarks.")


@group.command("template")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("results.xlsx"), show_default=True)
def template(out: Path) -> None:
    """Write an empty file with every column that an import knows."""
    out.write_bytes(columns.template())
    click.echo(f"Wrote {out}.")


@group.command("end-publicity")
def end_publicity() -> None:
    """End every publicity whose last day is over."""
    click.echo(f"Ended: {services.end_due(limit=10_000)}.")


@group.command("suspend-lapsed")
def suspend_lapsed() -> None:
    """Take results off the board whose rights have lapsed."""
    click.echo(f"Suspended: {services.suspend_lapsed(limit=10_000)}.")


@group.command("reindex")
def write_search() -> None:
    """Write anew what the search finds every published result by."""
    with unit_of_work():
        ids = list(db.session.scalars(select(Listing.id).where(Listing.version > 0).order_by(Listing.id)))
    for start in range(0, len(ids), _BATCH):
        with unit_of_work():
            for listing in db.session.scalars(select(Listing).where(Listing.id.in_(ids[start : start + _BATCH]))):
                reindex(listing)
    click.echo(f"Indexed: {len(ids)}.")


def init_app(app: Flask) -> None:
    """Add `flask listings …`."""
    app.cli.add_command(group)
