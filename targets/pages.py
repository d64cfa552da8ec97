"""What the turnover page shows, put together once for page, print, front page and feed."""

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
from marketplace.money import YI, format_unit
from marketplace.regions import region_label

from . import queries
from .forecast import Point, forecast
from .models import Window
from .queries import Figure, Scope

#: Bars shown of a dimension; the rest stands in the table.
BARS = 14


def window_name(window: Window) -> str:
    """The window's name in the reader's language."""
    return window.name_en if current_language() == "en" else window.name_zh


def source_label(source: str) -> Any:
    """How a contract came about."""
    return {"auction": _("Auction"), "listing": _("Sale by agreement"), "outside": _("Concluded elsewhere")}.get(
        source, source
    )


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
    return labels[dimension]


@dataclass(frozen=True, slots=True)
class Progress:
    """A window with what it has reached and where it is heading."""

    window: Window
    figure: Figure
    curve: list[tuple[date, Decimal]]
    forecast: list[Point]
    closed: bool

    @property
    def share(self) -> float:
        """Reached part of the target, 1 = all."""
        return float(self.figure.amount / self.window.target_amount)

    @property
    def on_course(self) -> bool:
        """Reached or expected to be reached by the middle of the forecast."""
        expected = self.forecast[-1].middle if self.forecast else self.figure.amount
        return expected >= self.window.target_amount


def progress(window: Window, day: date | None = None) -> Progress:
    """A window's cumulative curve by month, its figure, and its forecast if it is open."""
    now = day or today()
    daily = queries.daily(date(min(window.starts_on.year, now.year) - 4, 1, 1), window.ends_on)
    return Progress(
        window=window,
        figure=queries.total(Scope(window)),
        curve=_monthly(daily, window, now),
        forecast=forecast(daily, now, window.starts_on, window.ends_on) if now >= window.starts_on else [],
        closed=now >= window.ends_on,
    )


def _monthly(daily: dict[date, Decimal], window: Window, now: date) -> list[tuple[date, Decimal]]:
    """The cumulative sum at the start and at each month's end, up to today."""
    points, total, last = [(window.starts_on, Decimal(0))], Decimal(0), min(now, window.ends_on - timedelta(days=1))
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
        (point.day, *(round(value / YI, 1) for value in (point.low, point.middle, point.high)))
        for point in state.forecast
    ]
    return charts.target_chart(
        [(day, round(amount / YI, 1)) for day, amount in state.curve],
        target=state.window.target_amount / YI,
        title=_("Registered turnover, %(window)s", window=window_name(state.window)),
        unit=_("100 million yuan"),
        sentence=sentence(state),
        forecast=rows,
        start=state.window.starts_on,
        end=state.window.ends_on,
    )


def sentence(state: Progress) -> str:
    """What the chart says, in words."""
    said = _(
        "%(amount)s of %(target)s (100 million yuan) reached, %(share)s.",
        amount=format_unit(state.figure.amount, YI, 1),
        target=format_unit(state.window.target_amount, YI, 0),
        share=f"{state.share:.1%}",
    )
    if not state.forecast:
        return said
    end = state.forecast[-1]
    return said + " " + _(
        "By the seasons of past years it reaches %(middle)s by %(day)s, between %(low)s and %(high)s; later years repeat this one.",
        middle=format_unit(end.middle, YI, 0), low=format_unit(end.low, YI, 0), high=format_unit(end.high, YI, 0),
        day=end.day.isoformat(),
    )  # fmt: skip


def breakdown_chart(scope: Scope, dimension: str) -> charts.Figure:
    """Bars of a dimension, each opening its contracts."""
    found = queries.breakdown(scope, dimension)
    rows = [
        (value_label(dimension, value), round(figure.amount / YI, 2), contracts_url(scope, **{dimension: value}))
        for value, figure in found[:BARS]
    ]
    lead = value_label(dimension, found[0][0]) if found else "—"
    return charts.bar_chart(
        rows,
        title=dimension_label(dimension),
        unit=_("100 million yuan"),
        sentence=_("%(lead)s leads among %(count)s.", lead=lead, count=len(found)),
    )


def contracts_url(scope: Scope, **chosen: str) -> str:
    """The list of contracts behind a figure."""
    values = {"window": scope.window.key, "year": scope.year, **scope.chosen, **chosen}
    return url_for("targets.contracts", **{key: value for key, value in values.items() if value})
