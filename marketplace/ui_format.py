"""How money, numbers and moments read: pure functions, registered as template filters by `marketplace.ui`.

Each works in the visitor's language. Rounding is for the eye only; the exact yuan stand in a title beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_timedelta
from flask_babel import get_locale
from flask_babel import gettext as _

from . import clock
from .money import WAN, YI, format_unit, format_yuan

DASH = "—"
MILLION = Decimal(1_000_000)
BILLION = Decimal(1_000_000_000)
#: Below this a fraction of 万元 reads worse than plain yuan.
PLAIN_YUAN_BELOW = 100 * WAN


def yuan(amount: Decimal | None) -> str:
    """`3865000` → `386.50 万元`; in English `CNY 3.865 million`."""
    if amount is None:
        return DASH
    return _yuan_zh(Decimal(amount)) if _chinese() else _yuan_en(Decimal(amount))


def yuan_short(amount: Decimal) -> str:
    """A round sum without its noughts: `2,000 亿元` rather than `2,000.00 亿元`."""
    figure, unit = yuan_parts(amount)
    return f"{figure.rstrip('0').rstrip('.') if '.' in figure else figure} {unit}".rstrip()


def yuan_rough(amount: Decimal | None) -> str:
    """An estimate in three digits: `28043050` → `2,800 万元`."""
    if not amount:
        return DASH if amount is None else yuan_short(amount)
    return yuan_short(Decimal(round(amount, 2 - amount.adjusted())))


def yuan_exact(amount: Decimal | None) -> str:
    """`3865000` → `3,865,000.00 元`."""
    return DASH if amount is None else _("%(amount)s yuan", amount=format_yuan(Decimal(amount)))


def wan(amount: Decimal | None) -> str:
    """The bare figure in 万元, for a column whose head names the unit."""
    return DASH if amount is None else _wan(Decimal(amount))


def yuan_parts(amount: Decimal) -> tuple[str, str]:
    """The figure and its unit apart, for a large display."""
    figure, _space, unit = yuan(amount).rpartition(" ")
    return (figure, unit) if figure not in ("", "CNY") else (yuan(amount), "")


def number(value: Decimal | float | None, places: int = 0) -> str:
    """`1284` → `1,284`."""
    return DASH if value is None else f"{value:,.{places}f}"


def percent(share: Decimal | float | None, places: int = 1) -> str:
    """`0.812` → `81.2%`. A part never reads as all or as nothing: `99.98%`, and beyond another digit `>99.99%`."""
    if share is None:
        return DASH
    part, nothing, everything = 0 < share < 1, f"{0:.{places}f}", f"{100:.{places}f}"
    if not part or f"{share * 100:.{places}f}" not in (nothing, everything):
        return f"{share * 100:.{places}f}%"
    finer, step = f"{share * 100:.{places + 1}f}", f"{10 ** -(places + 1):.{places + 1}f}"
    if float(finer) == 0:
        return f"<{step}%"
    return f">{100 - float(step):.{places + 1}f}%" if float(finer) == 100 else f"{finer}%"


def moment(value: datetime | None, seconds: bool = False, zone: bool = True) -> str:
    """`2026-11-25 14:00（北京时间）`: the absolute time always names its zone unless the page has."""
    if value is None:
        return DASH
    text = clock.beijing(value).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
    return _("%(time)s (Beijing time)", time=text) if zone else text


def day(value: date | datetime | None) -> str:
    """`2026-11-25`, the day in Beijing."""
    if value is None:
        return DASH
    return (clock.beijing_date(value) if isinstance(value, datetime) else value).isoformat()


def clock_time(value: datetime | None, millis: bool = False) -> str:
    """`15:01:00`, or `15:01:00.412`, on Beijing's clock."""
    if value is None:
        return DASH
    return clock.beijing(value).time().isoformat("milliseconds" if millis else "seconds")


def relative(value: datetime, now: datetime) -> str:
    """`3 天后`, `2 小时前`; only ever beside the absolute time."""
    return format_timedelta(value - now, add_direction=True, locale=get_locale() or "zh_CN")


def iso(value: date | datetime) -> str:
    """The machine-readable form for `<time datetime>`."""
    return value.isoformat()


def filesize(size: int | None) -> str:
    """`1536` → `1.5 KB`."""
    if size is None:
        return DASH
    value = float(size)
    for unit in ("B", "KB", "MB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GB"


def _chinese() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _wan(amount: Decimal) -> str:
    return format_unit(amount, WAN, 2 if amount % 100 == 0 else 4)


def _yuan_zh(amount: Decimal) -> str:
    size = abs(amount)
    if size >= YI:
        return f"{format_unit(amount, YI)} 亿元"
    if size < WAN or (size < PLAIN_YUAN_BELOW and amount % 100 != 0):
        return f"{format_yuan(amount)} 元"
    return f"{_wan(amount)} 万元"


def _yuan_en(amount: Decimal) -> str:
    size = abs(amount)
    if size >= BILLION:
        return f"CNY {format_unit(amount, BILLION)} billion"
    if size >= MILLION:
        return f"CNY {format_unit(amount, MILLION, 3)} million"
    return f"CNY {format_yuan(amount)}"


FILTERS: dict[str, Callable[..., Any]] = {
    "yuan": yuan,
    "yuan_exact": yuan_exact,
    "yuan_parts": yuan_parts,
    "yuan_rough": yuan_rough,
    "yuan_short": yuan_short,
    "wan": wan,
    "number": number,
    "percent": percent,
    "datetime": moment,
    "date": day,
    "time": clock_time,
    "relative": relative,
    "iso": iso,
    "filesize": filesize,
}
