"""What the turnover page shows, put together once for page, print, front page, desk and feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from contracts.kinds import KIND_LABELS, ContractKind
from marketplace import charts
from marketplace.clock import today
from marketplace.fields import field_label
from marketplace.i18n import current_language
from marketplace.money import YI
from marketplace.regions import region_label
from marketplace.ui_format import percent, yuan, yuan_short

from . import queries
from .forecast import Point, forecast
from .models import Window
from .queries import Figure, Scope

#: Bars shown of a dimension; all values stand in the table under them and in the exports.
BARS = 14
#: Years before the window that the forecast looks at.
PAST_YEARS = 4


def window_name(window: Window) -> str:
    """The window's name in the reader's language."""
    return window.name_en if current_language() == "en" else window.name_zh


def last_day(window: Window) -> date:
    """The last day that counts; windows are kept as `[from, to)`."""
    return window.ends_on - timedelta(days=1)


def source_label(source: str) -> Any:
    """How a contract came about."""
    labels = {"auction": _("Auction"), "listing": _("Sale by agreement"), "outside": _("Concluded elsewhere")}
    return labels.get(source, source)


def value_label(dimension: str, value: str) -> str:
    """A dimension's value in words."""
    if dimension == "city":
        return str(region_label(value))
    if dimension == "kind":
        return str(KIND_LABELS[ContractKind(value)])
    return str(field_label(value) if dimension == "field" else source_label(value))


def dimension_label(dimension: str) -> str:
    """A dimension in words."""
    labels = {
        "city": _("City of the seller"),
        "kind": _("Kind of contract"),
        "field": _("Industry field"),
        "source": _("How it came about"),
    }
    return str(labels[dimension])


def chosen(scope: Scope) -> list[tuple[str, str, str]]:
    """What narrows the scope: name in the address, label, value in words."""
    parts = [("year", _("Year"), str(scope.year))] if scope.year else []
    parts += [("month", _("Month"), str(scope.month))] if scope.month else []
    return parts + [(name, dimension_label(name), value_label(name, value)) for name, value in scope.chosen.items()]


@dataclass(frozen=True, slots=True)
class Progress:
    """A window with what it has reached and where it is heading."""

    window: Window
    figure: Figure
    curve: list[tuple[date, Decimal]]
    forecast: list[Point]
    closed: bool
    begun: bool

    @property
    def share(self) -> float:
        """Reached part of the target, 1 = all."""
        return float(self.figure.amount / self.window.target_amount)

    @property
    def standing(self) -> str:
        """`reached`, `missed` (closed below the target), `ahead`, `behind` (by the forecast), or empty: not known."""
        if self.figure.amount >= self.window.target_amount:
            return "reached"
        if self.closed:
            return "missed"
        if not self.forecast:
            return ""
        return "ahead" if self.forecast[-1].middle >= self.window.target_amount else "behind"


def progress(window: Window, day: date | None = None) -> Progress:
    """A window's cumulative curve by month, its figure, and its forecast if it is open."""
    now = day or today()
    daily = queries.daily(date(min(window.starts_on.year, now.year) - PAST_YEARS, 1, 1), window.ends_on)
    return Progress(
        window=window,
        figure=queries.total(Scope(window)),
        curve=_monthly(daily, window, now),
        forecast=forecast(daily, now, window.starts_on, window.ends_on) if now >= window.starts_on else [],
        closed=now >= window.ends_on,
        begun=now >= window.starts_on,
    )


def _monthly(daily: dict[date, Decimal], window: Window, now: date) -> list[tuple[date, Decimal]]:
    """The cumulative sum at the start and at the last registration of each month, up to today."""
    points, total, last = [(window.starts_on, Decimal(0))], Decimal(0), min(now, last_day(window))
    for day in sorted(one for one in daily if window.starts_on <= one <= last):
        total += daily[day]
        if points[-1][0].replace(day=1) == day.replace(day=1) and len(points) > 1:
            points.pop()
        points.append((day, total))
    if points[-1][0] < last:
        points.append((last, total))
    return points


def progress_chart(state: Progress) -> charts.Figure:
    """The cumulative line against the target, in 亿元."""
    rows = [
        (point.day, round(point.low / YI, 1), round(point.middle / YI, 1), round(point.high / YI, 1))
        for point in state.forecast
    ]
    return charts.target_chart(
        [(day, round(amount / YI, 1)) for day, amount in state.curve],
        target=plain(state.window.target_amount / YI),
        title=_("Registered turnover, %(window)s", window=window_name(state.window)),
        unit=_("100 million yuan"),
        sentence=how(state),
        forecast=rows,
        start=state.window.starts_on,
        end=last_day(state.window),
    )


def expectation(state: Progress) -> str:
    """Where an open window is heading, in one line; empty if that is not known."""
    if not state.forecast:
        return ""
    end = state.forecast[-1]
    said: str = _(
        "expected by %(month)s: %(middle)s (%(low)s to %(high)s)",
        month=f"{end.day:%Y-%m}", middle=about(end.middle), low=about(end.low), high=about(end.high),
    )  # fmt: skip
    return said


def how(state: Progress) -> str:
    """What the chart shows and how its forecast is made."""
    said: str = _("There is no forecast: it needs a full past year of registrations.")
    if state.closed:
        said = _("The window is closed: its line is final, but for contracts registered inside it that are cancelled.")
    elif state.forecast:
        said = _(
            "Forecast: this year grows as past years did from this day to their end (middle: their median, band: least"
            " to most); the years left repeat this one."
        )
    return said


def figures_chart(title: str, rows: list[tuple[str, Figure, str]], sentence: str) -> charts.Figure:
    """Bars in 亿元, each opening its contracts."""
    bars = [(label, _bar(figure.amount), url) for label, figure, url in rows]
    return charts.bar_chart(bars, title=title, unit=_("100 million yuan"), sentence=sentence)


def _bar(amount: Decimal) -> Decimal:
    """In 亿元, with more digits where two would say nought."""
    return round(amount / YI, 2) or round(amount / YI, 4).normalize()


def breakdown_chart(scope: Scope, dimension: str) -> charts.Figure:
    """Bars of a dimension, the largest first."""
    found = queries.breakdown(scope, dimension)
    rows = [
        (value_label(dimension, value), figure, contracts_url(scope, **{dimension: value})) for value, figure in found
    ]
    sentence = _("Nothing is registered here yet.")
    if rows:
        lead, figure, _url = rows[0]
        whole = sum((one.amount for _value, one in found), Decimal(0))
        sentence = _("%(lead)s leads with %(share)s of the amount.", lead=lead, share=percent(figure.amount / whole))
    return figures_chart(dimension_label(dimension), rows[:BARS], sentence)


def months_chart(scope: Scope) -> charts.Figure:
    """The months of the chosen year, each opening its contracts."""
    found = queries.by_month(scope)
    rows = [(f"{scope.year}-{month:02d}", one, contracts_url(scope, month=str(month))) for month, one in found]
    best = max(rows, key=lambda row: row[1].amount, default=None)
    sentence = _("%(best)s was the strongest.", best=best[0]) if best else _("Nothing is registered here yet.")
    return figures_chart(_("By month"), rows, sentence)


def charts_of(scope: Scope) -> list[charts.Figure]:
    """What the page draws under its figure: the months of a chosen year, and every dimension still open."""
    months = [months_chart(scope)] if scope.year is not None and scope.month is None else []
    return months + [breakdown_chart(scope, name) for name in queries.DIMENSIONS if name not in scope.chosen]


def plain(value: Decimal) -> Decimal:
    """A round figure without its noughts after the point, as an axis names it."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def target(window: Window) -> str:
    """The target in words: round ones without noughts after the point."""
    return yuan_short(window.target_amount)


def about(amount: Decimal) -> str:
    """What is only expected, in whole 亿元: more digits would promise more than a forecast knows."""
    return yuan_short(round(amount / YI) * YI) if amount >= 10 * YI else yuan(amount)


def contracts_url(scope: Scope, **more: str) -> str:
    """The list of contracts behind a figure."""
    return url_for("targets.contracts", **address(scope, **more))


def address(scope: Scope, **more: str) -> dict[str, Any]:
    """The scope as it stands in an address."""
    values = {"window": scope.window.key, "year": scope.year, "month": scope.month, **scope.chosen, **more}
    return {key: value for key, value in values.items() if value}
