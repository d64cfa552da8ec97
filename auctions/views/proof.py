"""Evidence for everybody: the public log after the end, its head, and the check of a receipt."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from marketplace import audit
from marketplace.db import db
from marketplace.edge import current_actor
from marketplace.kernel import settings
from marketplace.permissions import Permission, public, requires
from marketplace.ui import page_url

from .. import evidence, keys, policies, shown
from ..engine.evidence import Receipt, verify, verify_receipt
from ..forms import ReceiptForm
from ..models import Auction
from . import blueprint
from .public import auction_or_404

#: A receipt is under two kilobytes; what is longer is none.
_RECEIPT_BYTES = 20_000
#: Entries of the log on one page.
ENTRIES = 100


def _published(auction: Auction) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The public log of an auction that is over, and what its check found."""
    return _checked_log(auction.id, bytes(auction.head))


@lru_cache(maxsize=4)
def _checked_log(auction_id: int, _head: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A closed log never changes: it is read and checked once for each head, however many look at it."""
    file = evidence.public_file(settings(), db.session.get_one(Auction, auction_id))
    return file, tuple(one.code for one in verify(file, [], keys.public_key(settings())))


def _page(auction: Auction, form: ReceiptForm, status: int = 200, checked: Any = None) -> ResponseReturnValue:
    file, codes = _published(auction) if auction.state in policies.OVER else (None, ())
    first = _first_entry(len(file["entries"]) if file else 0)
    page = render_template(
        "auctions/evidence.html",
        auction=auction,
        file=file,
        entries=file["entries"][first : first + ENTRIES] if file else [],
        earlier=page_url(entry=max(first - ENTRIES, 0)) if first else None,
        later=page_url(entry=first + ENTRIES) if file and first + ENTRIES < len(file["entries"]) else None,
        findings=[shown.finding(code) for code in codes],
        form=form,
        checked=checked,
        public_key=keys.public_key(settings()).hex(),
    )
    return page, status


def _first_entry(count: int) -> int:
    """Where the shown part of the log begins, by `?entry=`."""
    given = request.args.get("entry", "")
    return min(int(given), count) // ENTRIES * ENTRIES if given.isdecimal() and len(given) < 9 else 0


@blueprint.get("/auctions/<number>/evidence", endpoint="evidence")
@public
def evidence_page(number: str) -> ResponseReturnValue:
    """Show how the auction can be checked, and what is public of it by now."""
    return _page(auction_or_404(number), ReceiptForm())


@blueprint.post("/auctions/<number>/evidence", endpoint="check_receipt")
@public
def check_receipt(number: str) -> ResponseReturnValue:
    """Check an uploaded receipt: signed by us, and (after the end) in the log at its place. Nothing is kept."""
    auction, form = auction_or_404(number), ReceiptForm()
    if not form.validate():
        return _page(auction, form, 422)
    receipt = _read(form.receipt.data.read(_RECEIPT_BYTES + 1))
    return _page(auction, ReceiptForm(formdata=None), 200, _checked(auction, receipt))


def _read(data: bytes) -> Receipt | None:
    try:
        return Receipt.from_json(json.loads(data)) if len(data) <= _RECEIPT_BYTES else None
    except (ValueError, KeyError, TypeError):
        return None


def _checked(auction: Auction, receipt: Receipt | None) -> dict[str, Any]:
    """What the check found, for the page: the receipt, and problems in words (none: it holds)."""
    if receipt is None:
        return {"receipt": None, "problems": [shown.finding("malformed")]}
    key = keys.public_key(settings())
    if auction.state in policies.OVER:
        codes = [one.code for one in verify(_published(auction)[0], [receipt], key)]
    else:
        codes = [] if verify_receipt(receipt, key) else ["receipt_forged"]
        codes += ["receipt_of_another_auction"] if receipt.auction != auction.number else []
    return {"receipt": receipt, "problems": [shown.finding(code) for code in codes]}


@blueprint.get("/auctions/<number>/evidence.json", endpoint="export")
@public
def export(number: str) -> Response:
    """The public log as a file that anybody can check."""
    auction = auction_or_404(number)
    file = _published(auction)[0] if auction.state in policies.OVER else evidence.public_file(settings(), auction)
    return _file(f"{auction.number}.public.json", file)


@blueprint.post("/desk/auctions/<number>/evidence.json", endpoint="export_audit")
@requires(Permission.AUDIT_READ)
def export_audit(number: str) -> Response:
    """The whole log, hidden amounts included, for an auditor; who took it is on record."""
    auction = auction_or_404(number)
    file = evidence.audit_file(settings(), auction)
    audit.record(current_actor(), "auction.export_audit", auction)
    return _file(f"{auction.number}.audit.json", file)


def _file(name: str, content: dict[str, Any]) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, indent=1),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
