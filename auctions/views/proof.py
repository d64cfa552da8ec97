"""Evidence for everybody: the public log after the end, its head, and the check of a receipt."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from marketplace import audit
from marketplace.edge import current_actor
from marketplace.kernel import settings
from marketplace.permissions import Permission, public, requires

from .. import evidence, keys, policies, shown
from ..engine.evidence import Receipt, verify, verify_receipt
from ..forms import ReceiptForm
from ..models import Auction
from . import blueprint
from .public import auction_or_404

#: A receipt is under two kilobytes; what is longer is none.
_RECEIPT_BYTES = 20_000


def _page(auction: Auction, form: ReceiptForm, status: int = 200, checked: Any = None) -> ResponseReturnValue:
    over = auction.state in policies.OVER
    file = evidence.public_file(settings(), auction) if over else None
    findings = verify(file, [], keys.public_key(settings())) if file else []
    page = render_template(
        "auctions/evidence.html",
        auction=auction,
        file=file,
        findings=[shown.finding(one.code) for one in findings],
        form=form,
        checked=checked,
        public_key=keys.public_key(settings()).hex(),
    )
    return page, status


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
        codes = [one.code for one in verify(evidence.public_file(settings(), auction), [receipt], key)]
    else:
        codes = [] if verify_receipt(receipt, key) else ["receipt_forged"]
        codes += ["receipt_of_another_auction"] if receipt.auction != auction.number else []
    return {"receipt": receipt, "problems": [shown.finding(code) for code in codes]}


@blueprint.get("/auctions/<number>/evidence.json", endpoint="export")
@public
def export(number: str) -> Response:
    """The public log as a file that anybody can check."""
    auction = auction_or_404(number)
    return _file(f"{auction.number}.public.json", evidence.public_file(settings(), auction))


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
