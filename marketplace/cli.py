"""Commands of the kernel for operators, translators and the writers of the documentation."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from . import audit, files, holidays, i18n, jobs, limits, mail, outbox, states
from .db import unit_of_work
from .permissions import SYSTEM, rule_of

outbox_group = AppGroup("outbox", help="Facts on their way to their handlers.")
audit_group = AppGroup("audit", help="The audit trail.")
mail_group = AppGroup("mail", help="Mails to be sent.")
limits_group = AppGroup("limits", help="Lock-outs after wrong tries.")
files_group = AppGroup("files", help="The file store.")
holidays_group = AppGroup("holidays", help="Working days of each year.")
translations_group = AppGroup("translations", help="Chinese texts of each package.")
docs_group = AppGroup("docs", help="Documentation made from the code.")


def init_app(app: Flask) -> None:
    """Register every command of the kernel."""
    for group in (
        outbox_group,
        audit_group,
        mail_group,
        files_group,
        holidays_group,
        translations_group,
        docs_group,
        limits_group,
    ):
        app.cli.add_command(group)
    app.cli.add_command(worker)
    app.cli.add_command(routes_permissions)


@outbox_group.command("pending")
def outbox_pending() -> None:
    """Show what waits and what fails."""
    backlog = outbox.backlog()
    click.echo(f"{backlog.pending} waiting, {backlog.failing} failing, oldest {backlog.oldest_seconds:.0f} s")
    for delivery, fact in outbox.failing():
        click.echo(f"{delivery.fact_id} {fact.name} {delivery.handler} ×{delivery.attempts}: {delivery.last_error}")


@outbox_group.command("retry")
@click.argument("fact_id", type=int)
@click.argument("handler")
def outbox_retry(fact_id: int, handler: str) -> None:
    """Try a failing delivery again at once."""
    with unit_of_work():
        outbox.retry(fact_id, handler)
    outbox_run.main([], standalone_mode=False)


@outbox_group.command("run")
def outbox_run() -> None:
    """Handle everything that is due, without a worker."""
    click.echo(f"{outbox.deliver_due(limit=1_000_000)} handled")


@audit_group.command("verify")
def audit_verify() -> None:
    """Walk every chain of the audit trail; exit with 1 if one does not hold."""
    read, breaks = audit.verify()
    for found in breaks:
        click.echo(f"{found.object_type} {found.object_id}, entry {found.sequence}: {found.what}")
    click.echo(f"{read} entries read, {len(breaks)} breaks")
    if breaks:
        sys.exit(1)


@mail_group.command("send-due")
def mail_send_due() -> None:
    """Send the mails that are due, without a worker."""
    click.echo(f"{mail.send_due(limit=1_000_000)} tried")


@limits_group.command("locked")
def limits_locked() -> None:
    """List what is locked after wrong tries, and for how long still."""
    for one in limits.locked():
        click.echo(f"{one.key}: {one.failures} wrong tries, {one.seconds} s left")


@limits_group.command("unlock")
@click.argument("key")
def limits_unlock(key: str) -> None:
    """Forget the wrong tries of a key, such as sign_in:somebody@example.cn; their next try counts as the first."""
    if key not in {one.key for one in limits.locked()}:
        raise click.ClickException(f"{key} is not locked.")
    limits.succeeded(key)
    click.echo(f"{key} is open again.")


@files_group.command("clean")
@click.option("--hours", default=24, show_default=True, help="Leave files younger than this.")
def files_clean(hours: int) -> None:
    """Remove stored files that no record names (uploads whose request failed)."""
    click.echo(f"{files.clean(hours)} removed")


@files_group.command("check")
def files_check() -> None:
    """Read every stored file and compare its hash; exit with 1 if one is missing or altered."""
    broken = files.check()
    for number, what in broken:
        click.echo(f"file {number}: {what}")
    click.echo(f"{len(broken)} broken")
    if broken:
        sys.exit(1)


@holidays_group.command("import")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=int, required=True)
def holidays_import(source: Path, year: int) -> None:
    """Take in a year's holidays from a CSV file: date, kind (holiday or workday), name."""
    with unit_of_work():
        days = holidays.read_csv(source.read_bytes(), year)
        holidays.import_year(SYSTEM, year, days)
    click.echo(f"{len(days)} days of {year} taken in")


@holidays_group.command("show")
@click.argument("year", type=int)
def holidays_show(year: int) -> None:
    """Print the days of a year that differ from an ordinary week."""
    for day, kind, name in holidays.special_days(year):
        click.echo(f"{day} {kind} {name}")
    click.echo(f"{holidays.working_days(date(year, 1, 1), date(year + 1, 1, 1))} working days")


@translations_group.command("missing")
@click.argument("package")
def translations_missing(package: str) -> None:
    """Add a package's untranslated ids to its catalogue, empty, and list them."""
    for message in i18n.add_missing(package):
        click.echo(message)


@translations_group.command("check")
def translations_check() -> None:
    """Exit with 1 if any package uses a text that has no Chinese."""
    total = 0
    for package in i18n.packages():
        for message in i18n.missing(package):
            total += 1
            click.echo(f"{package}: {message}")
    click.echo(f"{total} missing")
    if total:
        sys.exit(1)


@translations_group.command("compile")
def translations_compile() -> None:
    """Compile every catalogue that is older than its source."""
    i18n.compile_catalogues()


@docs_group.command("states")
@click.option("--check", is_flag=True, help="Only compare; exit with 1 if the file is stale.")
def docs_states(check: bool) -> None:
    """Write docs/states.md: the diagram of every state machine, from the tables themselves."""
    target = i18n.ROOT / "docs" / "states.md"
    wanted = states_page()
    if check:
        sys.exit(0 if target.exists() and target.read_text(encoding="utf-8") == wanted else 1)
    target.write_text(wanted, encoding="utf-8")
    click.echo(f"{len(states.MACHINES)} machines written to docs/states.md")


def states_page() -> str:
    """The page of all state machines."""
    parts = ["# State machines\n\nWritten by `flask docs states` from the transition tables; do not edit by hand.\n"]
    for name, machine in sorted(states.MACHINES.items()):
        parts.append(f"## {name}\n\n```mermaid\n{machine.mermaid()}\n```\n")
    return "\n".join(parts)


@click.command("worker")
def worker() -> None:
    """Run the worker: facts, mails and housekeeping, until told to stop."""
    jobs.run_worker(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


@click.command("routes-permissions")
def routes_permissions() -> None:
    """List every address with the permission that opens it."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda one: one.rule):
        if rule.endpoint == "static":
            continue
        declared = rule_of(current_app.view_functions[rule.endpoint])
        word = "(nothing declared)" if declared is None else declared.permission or "public"
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        note = f" checked by {declared.checked_by}" if declared and declared.checked_by else ""
        click.echo(f"{methods:12} {rule.rule:60} {word}{note}")
