"""`flask accounts …`: everything an operator does to people and organisations."""

from __future__ import annotations

from typing import NoReturn

import click
from flask.cli import AppGroup

from marketplace.db import db, unit_of_work
from marketplace.errors import DomainError
from marketplace.permissions import SYSTEM

from . import queries, services
from .login import actor_of
from .models import Organisation, User
from .roles import OrganisationKind, OrgRole, StaffRole

group = AppGroup("accounts", help="People, organisations, roles.")


def _user(email: str) -> User:
    return queries.user_by_email(email) or _fail(f"Nobody has the address {email}.")


def _organisation(uscc: str) -> Organisation:
    return queries.organisation_by_uscc(uscc) or _fail(f"No organisation has the code {uscc}.")


def _fail(message: str) -> NoReturn:
    raise click.ClickException(message)


@group.command("create-user")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@click.option("--staff-role", "roles", multiple=True, type=click.Choice([role.value for role in StaffRole]))
def create_user(email: str, name: str, password: str, roles: tuple[str, ...]) -> None:
    """Make a person, confirmed, with roles at the exchange if any."""
    with unit_of_work():
        try:
            staff = tuple(StaffRole(role) for role in roles)
            services.create_user(SYSTEM, email=email, name=name, password=password, confirmed=True, staff_roles=staff)
        except DomainError as error:
            fields = getattr(error, "fields", {})
            _fail(" ".join([str(error), *(str(text) for texts in fields.values() for text in texts)]))
    click.echo(f"{email} may sign in.")


@group.command("create-organisation")
@click.option("--name", required=True)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in OrganisationKind]))
@click.option("--uscc", required=True)
@click.option("--region", required=True, help="GB/T 2260 code, such as 230100")
@click.option("--manager", required=True, help="E-mail address of the first manager")
def create_organisation(name: str, kind: str, uscc: str, region: str, manager: str) -> None:
    """Register an organisation with its first manager."""
    with unit_of_work():
        try:
            made = services.create_organisation(
                SYSTEM, name=name, kind=OrganisationKind(kind), uscc=uscc, region=region
            )
            services.add_member(SYSTEM, made, _user(manager), [OrgRole.MANAGER])
        except DomainError as error:
            fields = getattr(error, "fields", {})
            _fail(" ".join([str(error), *(str(text) for texts in fields.values() for text in texts)]))
    click.echo(f"{name} is registered; verify it when its papers are seen.")


@group.command("verify")
@click.argument("uscc")
@click.option("--reviewer", required=True, help="E-mail address of the reviewer who saw the papers")
def verify(uscc: str, reviewer: str) -> None:
    """Record that a reviewer verified a submitted organisation."""
    with unit_of_work():
        try:
            services.verify_organisation(actor_of(_user(reviewer), None), _organisation(uscc))
        except DomainError as error:
            _fail(str(error))
    click.echo("Verified.")


@group.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Mail a link that sets a new password."""
    with unit_of_work():
        services.request_password_reset(_user(email).email, "operator")
    click.echo("A link is on its way.")


@group.command("list")
def list_people() -> None:
    """Print people, their roles and organisations."""
    with unit_of_work():
        for user in db.session.scalars(queries.people_query().order_by(User.id)):
            places = ", ".join(
                f"{one.organisation.name} ({'/'.join(one.roles)})" for one in queries.memberships_of(user.id)
            )
            click.echo(f"{user.id}\t{user.email}\t{user.name}\t{','.join(user.staff_roles)}\t{places}")
