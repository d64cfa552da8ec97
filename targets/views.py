"""`/turnover`: the figure, its breakdowns, and the contracts behind each."""

from __future__ import annotations

import io

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from contracts.kinds import KIND_LABELS
from marketplace import pdf
from marketplace.clock import beijing, db_now
from marketplace.export import table_response
from marketplace.fields import FIELDS
from marketplace.money import YI, format_unit, format_yuan
from marketplace.permissions import public
from marketplace.regions import REGIONS
from marketplace.tables import Column, Table

from . import pages, queries
from .models import CountedContract
from .queries import DIMENSIONS, Scope

blueprint = Blueprint("targets", __name__)

CONTRACTS = Table(
    name="registered-contracts",
    columns=(
        Column(_l("Registration number"), "registration_number", sort=CountedContract.registration_number),
        Column(_l("Kind of contract"), "kind", lambda one: pages.value_label("kind", one.kind)),
        Column(_l("Industry field"), "field", lambda one: pages.value_label("field", one.field)),
        Column(_l("City of the seller"), "city", lambda one: pages.value_label("city", one.city)),
        Column(_l("Contract amount"), "amount", sort=CountedContract.amount, num=True),
        Column(_l("Technical amount"), "technical_amount", sort=CountedContract.technical_amount, num=True),
        Column(_l("Registered on"), "day", sort=CountedContract.day),
    ),
    tie=CountedContract.id,
    search=(CountedContract.registration_number,),
    default_sort="-day",
)
#: Values that a dimension may have in the address.
KNOWN = {
    "city": set(REGIONS),
    "kind": {kind.value for kind in KIND_LABELS},
    "field": set(FIELDS),
    "source": {"auction", "listing", "outside"},
}


def scope() -> Scope:
    """The scope that the address names; 404 for a window or value that does not exist."""
    window = queries.window(request.args.get("window"))
    if window is None:
        abort(404)
    chosen = {name: request.args[name] for name in DIMENSIONS if request.args.get(name)}
    year = request.args.get("year", "")
    if any(value not in KNOWN[name] for name, value in chosen.items()) or (
        year and not (year.isascii() and year.isdigit() and len(year) == 4)
    ):
        abort(404)
    return Scope(window, int(year) if year else None, chosen)


@blueprint.get("/turnover", endpoint="turnover")
@public
def turnover() -> ResponseReturnValue:
    """The turnover against the target."""
    if queries.window(None) is None:
        return render_template("targets/none.html")
    shown = scope()
    export = request.args.get("format")
    if export:
        return _export(shown, export)
    state = pages.progress(shown.window)
    others = [pages.progress(one) for one in queries.windows() if one.id != shown.window.id]
    return render_template(
        "targets/turnover.html",
        scope=shown,
        state=state,
        others=others,
        windows=[
            {
                "label": pages.window_name(one),
                "url": url_for("targets.turnover", window=one.key),
                "current": one.id == shown.window.id,
            }
            for one in queries.windows()
        ],
        figure=queries.total(shown),
        chart=pages.progress_chart(state),
        years=queries.by_year(shown),
        charts=[(name, pages.breakdown_chart(shown, name)) for name in DIMENSIONS if name not in shown.chosen],
        chosen=[
            (name, pages.dimension_label(name), pages.value_label(name, value)) for name, value in shown.chosen.items()
        ],
        pages=pages,
    )


def _export(shown: Scope, export: str) -> ResponseReturnValue:
    """Every figure of the page as one table; the first row is the whole."""
    whole = queries.total(shown)
    rows = [(_("Whole"), "", whole)]
    rows += [(_("Year"), str(year), figure) for year, figure in queries.by_year(shown)]
    for name in DIMENSIONS:
        rows += [
            (pages.dimension_label(name), pages.value_label(name, value), figure)
            for value, figure in queries.breakdown(shown, name)
        ]
    columns = [
        (_("Breakdown"), lambda row: row[0]),
        (_("Value"), lambda row: row[1]),
        (_("Contracts"), lambda row: row[2].contracts),
        (_("Contract amount"), lambda row: row[2].amount),
        (_("Technical amount"), lambda row: row[2].technical_amount),
    ]
    return table_response(export, f"turnover-{shown.window.key}", columns, rows)


@blueprint.get("/turnover/contracts", endpoint="contracts")
@public
def contracts() -> ResponseReturnValue:
    """The contracts a figure is made of; names of the parties are not public."""
    shown = scope()
    page = CONTRACTS.page(queries.contracts(shown))
    exported = page.exported()
    if exported is not None:
        return exported
    chosen = [
        (name, pages.dimension_label(name), pages.value_label(name, value)) for name, value in shown.chosen.items()
    ]
    return render_template(
        "targets/contracts.html", page=page, scope=shown, figure=queries.total(shown), chosen=chosen, pages=pages
    )


@blueprint.get("/turnover/report.pdf", endpoint="report")
@public
def report() -> ResponseReturnValue:
    """The figure and its breakdowns as a PDF, in Chinese."""
    shown = scope()
    with force_locale("zh_CN"):
        whole = queries.total(shown)
        data = {
            "window": shown.window.name_zh,
            "at": beijing(db_now()).strftime("%Y-%m-%d %H:%M"),
            "sample": shown.window.sample,
            "amount": format_yuan(whole.amount),
            "amount_yi": format_unit(whole.amount, YI),
            "target_yi": format_unit(shown.window.target_amount, YI, 0),
            "technical_amount": format_yuan(whole.technical_amount),
            "contracts": f"{whole.contracts:,}",
            "parts": [
                {
                    "title": pages.dimension_label(name),
                    "rows": [
                        [pages.value_label(name, value), f"{figure.contracts:,}", format_yuan(figure.amount)]
                        for value, figure in queries.breakdown(shown, name)
                    ],
                }
                for name in DIMENSIONS
            ],
        }
        content = pdf.render("targets/turnover.typ", data)
    name = f"turnover-{shown.window.key}.pdf"
    return send_file(io.BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)
