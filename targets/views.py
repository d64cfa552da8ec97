"""`/turnover`: the figure, its breakdowns, and the contracts behind each."""

from __future__ import annotations

import io

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from marketplace.permissions import public
from marketplace.tables import Column, Table

from . import documents, pages, queries
from .models import CountedContract
from .queries import Scope

blueprint = Blueprint("targets", __name__)

CONTRACTS = Table(
    name="registered-contracts",
    columns=(
        Column(_l("Registration number"), "registration_number", sort=CountedContract.registration_number),
        Column(_l("Kind of contract"), "kind", lambda one: pages.value_label("kind", one.kind)),
        Column(_l("Industry field"), "field", lambda one: pages.value_label("field", one.field)),
        Column(_l("City of the seller"), "city", lambda one: pages.value_label("city", one.city)),
        Column(
            _l("How it came about"), "source", lambda one: pages.value_label("source", one.source), export_only=True
        ),
        Column(_l("Contract amount"), "amount", sort=CountedContract.amount, num=True),
        Column(_l("Technical amount"), "technical_amount", sort=CountedContract.technical_amount, num=True),
        Column(_l("Registered on"), "day", sort=CountedContract.day),
    ),
    tie=CountedContract.id,
    search=(CountedContract.registration_number,),
    default_sort="-day",
)


def scope() -> Scope:
    """The scope that the address names; 404 for a window or value that does not exist."""
    return queries.scope_of(request.args) or abort(404)


@blueprint.get("/turnover", endpoint="turnover")
@public
def turnover() -> ResponseReturnValue:
    """The turnover against the target."""
    if queries.window(None) is None:
        return render_template("targets/none.html")
    shown, export = scope(), request.args.get("format")
    if export:
        return documents.table(shown, export)
    known = queries.windows()
    return render_template(
        "targets/turnover.html",
        scope=shown,
        state=(state := pages.progress(shown.window)),
        chart=pages.progress_chart(state),
        others=[pages.progress(one) for one in known if one.id != shown.window.id],
        windows=[
            {
                "label": pages.window_name(one),
                "url": url_for("targets.turnover", window=one.key),
                "current": one.id == shown.window.id,
            }
            for one in known
        ],
        figure=queries.total(shown),
        years=queries.by_year(Scope(shown.window, None, None, shown.chosen)),
        charts=pages.charts_of(shown),
        pages=pages,
    )


@blueprint.get("/turnover/contracts", endpoint="contracts")
@public
def contracts() -> ResponseReturnValue:
    """The contracts a figure is made of; names of the parties are not public."""
    shown = scope()
    page = CONTRACTS.page(queries.contracts(shown))
    return page.exported() or render_template(
        "targets/contracts.html", page=page, scope=shown, figure=queries.total(shown), pages=pages
    )


@blueprint.get("/turnover/report.pdf", endpoint="report")
@public
def report() -> ResponseReturnValue:
    """The figure and its breakdowns as a PDF, in Chinese."""
    shown = scope()
    name = f"turnover-{shown.window.key}.pdf"
    content = io.BytesIO(documents.report(shown))
    return send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name)
