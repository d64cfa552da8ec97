"""`flask accounts …`: what an operator does to people and organisations from a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from flask.cli import AppGroup

from marketplace import links
from marketplace.db import db, unit_of_work
from marketplace.errors import DomainError
from marketplace.permissions import SYSTEM

from . import queries, services
from .login import actor_of
from .models import Organisation, User
from .roles import OrganisationKind, OrgRole, StaffRole

group = AppGroup("accounts", help="People, organisations, roles.")


@contextmanager
def _one_act() -> Iterator[None]:
    """One transaction; what the rules refuse is one sentence at the terminal."""
    try:
        with unit_of_work():
            yield
    except DomainError as error:
        said = [str(text) for texts in getattr(error, "fields", {}).values() for text in texts]
        _fail(" ".join(said or [str(error)]))


def _fail(message: str) -> NoReturn:
    raise click.ClickException(message)


def _user(email: str) -> User:
    return queries.user_by_email(email) or _fail(f"Nobody has the address {email}.")


def _organisation(uscc: str) -> Organisation:
    return queries.organisation_by_uscc(uscc) or _fail(f"No organisation has the code {uscc}.")


@group.command("create-user")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--password", help="Left out: a link to set one is mailed and printed.")
@click.option("--staff-role", "roles", multiple=True, type=click.Choice([role.value for role in StaffRole]))
def create_user(email: str, name: str, password: str | None, roles: tuple[str, ...]) -> None:
    """Make a person, with roles at the exchange if any; staff enrol a second factor at their first sign-in."""
    with _one_act():
        staff = tuple(StaffRole(role) for role in roles)
        user = services.create_user(
            SYSTEM, email=email, name=name, password=password or "", confirmed=True, staff_roles=staff
        )
        if not password:
            token = services.send_password_link(user)
            click.echo(links.absolute("accounts.reset", token=token))
        click.echo(f"{user.email} may sign in.")


@group.command("create-organisation")
@click.option("--name", required=True)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in OrganisationKind]))
@click.option("--uscc", required=True)
@click.option("--region", required=True, help="GB/T 2260 code, such as 230100.")
@click.option("--manager", required=True, help="E-mail address of the first manager.")
def create_organisation(name: str, kind: str, uscc: str, region: str, manager: str) -> None:
    """Register an organisation with its first manager."""
    with _one_act():
        first = _user(manager)
        made = services.create_organisation(SYSTEM, name=name, kind=OrganisationKind(kind), uscc=uscc, region=region)
        services.add_member(SYSTEM, made, first, [OrgRole.MANAGER])
        click.echo(f"{made.name} is registered; its manager adds the papers and submits it.")


@group.command("verify")
@click.argument("uscc")
@click.option("--reviewer", required=True, help="E-mail address of the reviewer who saw the papers.")
def verify(uscc: str, reviewer: str) -> None:
    """Record that a reviewer verified a submitted organisation."""
    with _one_act():
        services.verify_organisation(actor_of(_user(reviewer), None), _organisation(uscc))
        click.echo("Verified.")


@group.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Mail a link that sets a new password."""
    with _one_act():
        services.request_password_reset(_user(email).email, "command")
        click.echo("A link is on its way.")


@group.command("list")
def list_people() -> None:
    """Print people, their roles and organisations, one a line, separated by tabs."""
    with unit_of_work():
        for user in db.session.scalars(queries.people_query().order_by(User.id)):
            places = [f"{one.organisation.name} ({'/'.join(one.roles)})" for one in queries.memberships_of(user.id)]
            fields = [str(user.id), user.email, user.name, ",".join(user.staff_roles), "; ".join(places)]
            click.echo("\t".join(fields))
