"""The turnover as files: a table for spreadsheets, a report for paper. Both read what the page reads."""

from __future__ import annotations

from flask import Response
from flask_babel import force_locale
from flask_babel import gettext as _

from marketplace import pdf
from marketplace.clock import beijing, db_now
from marketplace.export import table_response
from marketplace.money import YI, format_unit, format_yuan

from . import pages, queries
from .queries import DIMENSIONS, Figure, Scope

Row = tuple[str, str, Figure]


def parts(scope: Scope) -> list[tuple[str, list[tuple[str, Figure]]]]:
    """Every breakdown of the page: its title, and its values with their figures."""
    years = [(str(year), figure) for year, figure in queries.by_year(scope)]
    found = [(_("Year"), years)]
    if scope.year is not None:
        found.append((_("Month"), [(f"{scope.year}-{month:02d}", one) for month, one in queries.by_month(scope)]))
    for name in DIMENSIONS:
        rows = [(pages.value_label(name, value), figure) for value, figure in queries.breakdown(scope, name)]
        found.append((pages.dimension_label(name), rows))
    return found


def table(scope: Scope, form: str) -> Response:
    """Every figure of the page as one table; the first row is the whole."""
    rows: list[Row] = [(_("Whole"), "", queries.total(scope))]
    rows += [(title, value, figure) for title, values in parts(scope) for value, figure in values]
    columns = [
        (_("Breakdown"), lambda row: row[0]),
        (_("Value"), lambda row: row[1]),
        (_("Contracts"), lambda row: row[2].contracts),
        (_("Contract amount"), lambda row: row[2].amount),
        (_("Technical amount"), lambda row: row[2].technical_amount),
    ]
    return table_response(form, f"turnover-{scope.window.key}", columns, rows)


def report(scope: Scope) -> bytes:
    """The figure and its breakdowns as a PDF, in Chinese."""
    with force_locale("zh_CN"):
        whole, state = queries.total(scope), pages.progress(scope.window)
        data = {
            "window": scope.window.name_zh,
            "days": f"{scope.window.starts_on} 至 {pages.last_day(scope.window)}",
            "chosen": "，".join(f"{label}：{value}" for _name, label, value in pages.chosen(scope)),
            "at": beijing(db_now()).strftime("%Y-%m-%d %H:%M"),
            "sample": scope.window.sample,
            "amount": format_yuan(whole.amount),
            "amount_yi": format_unit(whole.amount, YI),
            "target_yi": format_unit(scope.window.target_amount, YI, 0),
            "share": f"{state.share:.1%}" if scope.whole else "",
            "expectation": pages.expectation(state) if scope.whole else "",
            "how": pages.how(state),
            "technical_amount": format_yuan(whole.technical_amount),
            "contracts": f"{whole.contracts:,}",
            "parts": [
                {
                    "title": title,
                    "rows": [[value, f"{one.contracts:,}", format_yuan(one.amount)] for value, one in values],
                }
                for title, values in parts(scope)
            ],
        }
        return pdf.render("targets/turnover.typ", data)
