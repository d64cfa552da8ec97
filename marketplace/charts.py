"""Charts drawn on the server: SVG that needs no script, with its sentence and its table.

Pure: values come in with their unit, nothing is read. Each chart is drawn twice, wide and narrow, so that its
words stay readable on a phone; the style sheet shows one. Floats here are places on paper, never money.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import floor, log10
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from . import clock

#: Width, height and whether it is the phone's drawing.
SIZES = ((720, 300, "wide"), (340, 240, "narrow"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, what it says in words, and the figures behind it."""

    svg: Markup
    title: str
    sentence: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight scale from values to places on the paper; `bend` gives a stretch of time its own share."""

    low: float
    high: float
    start: float
    end: float
    bend: tuple[float, float] | None = None

    def at(self, value: float) -> float:
        """The place of a value."""
        if self.bend is None:
            return self._between(value, self.low, self.high, self.start, self.end)
        border, share = self.bend
        middle = self.start + (self.end - self.start) * share
        if value <= border:
            return self._between(value, self.low, border, self.start, middle)
        return self._between(value, border, self.high, middle, self.end)

    @staticmethod
    def _between(value: float, low: float, high: float, start: float, end: float) -> float:
        span = high - low
        return start if span == 0 else start + (end - start) * (value - low) / span


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values that cover a range, in steps of 1, 2 or 5 times a power of ten."""
    raw = max((high - low) / wanted, abs(high) / 1000, 1e-9)
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first = floor(low / step)
    values = [first * step]
    while values[-1] < high - step * 1e-6:
        values.append((first + len(values)) * step)
    return values


def step_chart(
    points: Sequence[tuple[datetime, Decimal]],
    *,
    title: str,
    unit: str,
    sentence: str,
    mark: tuple[datetime, str] | None = None,
    x_labels: Sequence[tuple[datetime, str]] = (),
) -> Figure:
    """A price that holds until the next bid; from `mark` on (extended bidding) time is drawn wider."""
    values = [float(value) for _moment, value in points]
    drawings = [_step(size, points, values, mark=mark, x_labels=x_labels, unit=unit) for size in SIZES]
    rows = [(clock.beijing(moment).strftime("%Y-%m-%d %H:%M:%S"), f"{value:,}") for moment, value in points]
    return Figure(_both(drawings, title, sentence), title, sentence, (_("Time (Beijing)"), unit), rows)


def target_chart(
    actual: Sequence[tuple[date, Decimal]],
    *,
    target: Decimal,
    title: str,
    unit: str,
    sentence: str,
    forecast: Sequence[tuple[date, Decimal, Decimal, Decimal]] = (),
    start: date | None = None,
    end: date | None = None,
) -> Figure:
    """A sum that grows towards its target, with the forecast's middle and band."""
    days = [day for day, _value in actual] + [row[0] for row in forecast]
    span = (start or min(days), end or max(days))
    top = max([float(target), *(float(v) for _day, v in actual), *(float(row[3]) for row in forecast)])
    drawings = [_target(size, actual, forecast, target=target, span=span, top=top, unit=unit) for size in SIZES]
    rows = [(day.isoformat(), f"{value:,}", "") for day, value in actual]
    rows += [(day.isoformat(), f"{middle:,}", f"{low:,} – {high:,}") for day, low, middle, high in forecast]
    headers = (_("Date"), unit, _("Forecast range"))
    return Figure(_both(drawings, title, sentence), title, sentence, headers, rows)


def bar_chart(rows: Sequence[tuple[str, Decimal, str | None]], *, title: str, unit: str, sentence: str) -> Figure:
    """Bars that start at nought, each drilling down where it has an address."""
    top = max((float(value) for _label, value, _url in rows), default=0.0) or 1.0
    drawings = [_bars(size, rows, top) for size in SIZES]
    table = [(label, f"{value:,}") for label, value, _url in rows]
    return Figure(_both(drawings, title, sentence), title, sentence, ("", unit), table)


def _both(drawings: Iterable[tuple[int, int, str, Markup]], title: str, sentence: str) -> Markup:
    role = Markup('role="img" aria-label="{}"').format(f"{title}. {sentence}")
    return Markup("").join(
        Markup('<svg class="chart-{}" viewBox="0 0 {} {}" {}>{}</svg>').format(
            kind,
            width,
            height,
            role if "<a " not in body else Markup('role="group" aria-label="{}"').format(title),
            body,
        )
        for width, height, kind, body in drawings
    )


Size = tuple[int, int, str]
Drawing = tuple[int, int, str, Markup]


def _step(
    size: Size,
    points: Sequence[tuple[datetime, Decimal]],
    values: Sequence[float],
    *,
    mark: tuple[datetime, str] | None,
    x_labels: Sequence[tuple[datetime, str]],
    unit: str,
) -> Drawing:
    width, height, kind = size
    grid = ticks(min(values), max(values) if max(values) > min(values) else max(values) * 1.1 + 1)
    y = Axis(grid[0], grid[-1], height - 36, 24)
    first, last = points[0][0].timestamp(), points[-1][0].timestamp()
    after_mark = mark is not None and first < mark[0].timestamp() < last
    bend = (mark[0].timestamp(), 0.62) if mark is not None and after_mark else None
    x = Axis(first, last, 56, width - 34, bend)
    parts = [_grid(y, grid, width, unit)]
    if mark is not None and after_mark:
        place = x.at(mark[0].timestamp())
        parts.append(_vertical("mark", place, 24, height - 36))
        parts.append(_text(place, height - 14, mark[1]))
    path = f"M{x.at(first):.1f} {y.at(values[0]):.1f}"
    for (moment, _value), value in zip(points[1:], values[1:], strict=True):
        path += f"H{x.at(moment.timestamp()):.1f}V{y.at(value):.1f}"
    parts.append(Markup('<path class="line" d="{}H{}"/>').format(path, width - 16))
    parts.append(_dot(x.at(last), y.at(values[-1])))
    labels = x_labels or ((points[0][0], clock.beijing(points[0][0]).strftime("%m-%d %H:%M")),)
    parts += [_text(x.at(moment.timestamp()), height - 14, word) for moment, word in labels]
    return width, height, kind, Markup("").join(parts)


def _target(
    size: Size,
    actual: Sequence[tuple[date, Decimal]],
    forecast: Sequence[tuple[date, Decimal, Decimal, Decimal]],
    *,
    target: Decimal,
    span: tuple[date, date],
    top: float,
    unit: str,
) -> Drawing:
    width, height, kind = size
    grid = ticks(0, top * 1.05)
    y = Axis(0, grid[-1], height - 36, 24)
    x = Axis(_number(span[0]), _number(span[1]), 56, width - 16)
    parts = [_grid(y, grid, width, unit)]
    line = y.at(float(target))
    parts.append(Markup('<path class="target" d="M56 {0:.1f}H{1}"/>').format(line, width - 16))
    parts.append(_text(60, line - 6, _("Target %(value)s", value=f"{target:,}")))
    ends = [(x.at(_number(day)), y.at(float(value))) for day, value in actual]
    if forecast and ends:
        upper = [(x.at(_number(row[0])), y.at(float(row[3]))) for row in forecast]
        lower = [(x.at(_number(row[0])), y.at(float(row[1]))) for row in reversed(forecast)]
        middle = [(x.at(_number(row[0])), y.at(float(row[2]))) for row in forecast]
        parts.append(Markup('<path class="band" d="{}Z"/>').format(_path([ends[-1], *upper, *lower])))
        parts.append(Markup('<path class="line forecast" d="{}"/>').format(_path([ends[-1], *middle])))
    if ends:
        parts.append(Markup('<path class="line" d="{}"/>').format(_path(ends)))
        parts.append(_dot(*ends[-1]))
    for year in range(span[0].year, span[1].year + 1):
        day = max(date(year, 1, 1), span[0])
        if day < span[1]:
            parts.append(_text(x.at(_number(day)), height - 14, str(year)))
    return width, height, kind, Markup("").join(parts)


def _bars(size: Size, rows: Sequence[tuple[str, Decimal, str | None]], top: float) -> Drawing:
    width, _height, kind = size
    narrow = kind == "narrow"
    pitch, left = (46, 0) if narrow else (34, 190)
    x = Axis(0, top, left, width - 96)
    parts = []
    for index, (label, value, url) in enumerate(rows):
        line = index * pitch + (34 if narrow else 20)
        length = max(x.at(float(value)) - left, 1)
        bar = Markup('<rect class="bar" x="{}" y="{}" width="{:.1f}" height="14" rx="3"/>').format(
            left, line - 11, length
        )
        words = _text(left, line - 17, label) if narrow else _text(left - 12, line, label, "end")
        drawn = words + bar + _text(left + length + 8, line, f"{value:,}")
        parts.append(Markup('<a href="{}">{}</a>').format(url, drawn) if url else drawn)
    return width, max(len(rows), 1) * pitch + 8, kind, Markup("").join(parts)


def _grid(y: Axis, values: Sequence[float], width: int, unit: str) -> Markup:
    parts = [_text(0, 12, unit)]
    for value in values:
        place = y.at(value)
        parts.append(Markup('<path class="grid" d="M56 {:.1f}H{}"/>').format(place, width - 16))
        parts.append(_text(48, place + 4, f"{value:,.10g}", "end"))
    return Markup("").join(parts)


def _number(day: date) -> float:
    return datetime.combine(day, time.min, UTC).timestamp()


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in places)


def _vertical(name: str, x: float, top: float, bottom: float) -> Markup:
    return Markup('<path class="{}" d="M{:.1f} {}V{}"/>').format(name, x, top, bottom)


def _dot(x: float, y: float) -> Markup:
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="5"/>').format(x, y)


def _text(x: float, y: float, words: Any, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, escape(words))
