"""`flask auctions …`: the closer, and what an operator or an auditor needs to recompute and prove an auction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

import click
from flask.cli import AppGroup, ScriptInfo, pass_script_info
from sqlalchemy import select

from marketplace import audit
from marketplace.db import db, unit_of_work
from marketplace.kernel import settings
from marketplace.permissions import SYSTEM

from . import closing, evidence, keys, tasks
from .engine.evidence import Finding, Receipt, verify
from .engine.replay import replay_lines
from .models import Auction

commands = AppGroup("auctions", help="Run, verify and recompute auctions.")


@commands.command("closer")
@pass_script_info
def closer(info: ScriptInfo) -> None:
    """Open, time and close auctions each second, until stopped."""
    tasks.run_closer(info.load_app(), settings())


@commands.command("close-due")
@click.option("--limit", default=100_000, show_default=True, help="At most this many.")
def close_due(limit: int) -> None:
    """Move on every auction that is due now, once."""
    click.echo(closing.close_due(limit))


@commands.command("verify")
@click.argument("what", metavar="NUMBER|FILE")
@click.option("--receipt", "receipts", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--key", default="", help="Public key in hexadecimal; default: this installation's.")
def verify_log(what: str, receipts: tuple[Path, ...], key: str) -> None:
    """Check an auction's log, or an exported file (no database needed), and receipts against it."""
    public_key = bytes.fromhex(key) if key else keys.public_key(settings())
    kept = [Receipt.from_json(json.loads(path.read_text())) for path in receipts]
    if Path(what).is_file():
        findings = verify(json.loads(Path(what).read_text()), kept, public_key)
    else:
        findings = evidence.check(settings(), _auction(what), kept)
    _report(findings)


@commands.command("export")
@click.argument("number")
@click.option("--audit", "scope", flag_value="audit", required=True, help="Everything; the export is written down.")
@click.option("--public", "scope", flag_value="public", help="What everybody may have after the close.")
def export(number: str, scope: str) -> None:
    """Print an auction's evidence as JSON."""
    with unit_of_work():
        auction = _auction(number)
        if scope == "audit":
            audit.record(SYSTEM, "auction.export_audit", auction)
            file = evidence.audit_file(settings(), auction)
        else:
            file = evidence.public_file(settings(), auction)
    click.echo(json.dumps(file, ensure_ascii=False, indent=1))


@commands.command("replay")
@click.argument("source", type=click.File(), default="-")
def replay(source: TextIO) -> None:
    """Recompute auctions, one JSON object a line in, one outcome a line out."""
    for line in replay_lines(source):
        click.echo(line)


def _auction(number: str) -> Auction:
    auction = db.session.scalars(select(Auction).where(Auction.number == number)).one_or_none()
    if auction is None:
        raise click.ClickException(f"There is no auction {number}.")
    return auction


def _report(findings: list[Finding]) -> None:
    """One line a finding; the exit code tells scripts."""
    for finding in findings:
        place: Any = f" at {finding.sequence}" if finding.sequence else ""
        click.echo(f"{finding.code}{place}")
    if findings:
        raise SystemExit(1)
    click.echo("ok")
