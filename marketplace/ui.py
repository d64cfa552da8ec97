"""The page kit's Python side: what every template may call.

Icons, the state registry, navigation and query-keeping links live here; how money and time read is in
`ui_format`, markup in `templates/_macros/`. Nothing here knows a feature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from . import clock
from .ui_format import FILTERS

ICON_FOLDER = Path(__file__).resolve().parent.parent / "static" / "icons"

#: Each tone's own shape, so that a state never rests on colour alone.
TONE_SHAPES = {
    "action": "diamond",
    "done": "dot",
    "waiting": "square",
    "refused": "cross",
    "neutral": "ring",
}


@dataclass(frozen=True, slots=True)
class State:
    """How one state is shown: a word, a tone and a shape."""

    label: Any
    tone: str = "neutral"
    shape: str | None = None

    @property
    def mark(self) -> str:
        """The shape to draw: the tone's own unless one was chosen."""
        return self.shape or TONE_SHAPES[self.tone]


@dataclass(frozen=True, slots=True)
class Column:
    """One head of a table; with a `key` it sorts."""

    label: Any
    key: str | None = None
    num: bool = False
    hide: bool = False


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation or of the account menu."""

    endpoint: str
    label: Any
    order: int = 50
    section: str = ""
    icon: str = "arrow-right"
    visible: Callable[[], bool] | None = None

    @property
    def current(self) -> bool:
        """True on every page of the entry's section."""
        return bool(request.endpoint) and str(request.endpoint).startswith(f"{self.section}.")


@dataclass(slots=True)
class NoticeCounter:
    """Where the notices are and how many are unread; filled by whoever owns them."""

    endpoint: str = ""
    unread: Callable[[], int] | None = None


_notices = NoticeCounter()
_sample_probes: list[Callable[[], bool]] = []
_footer: dict[str, NavItem] = {}
_states: dict[tuple[str, str], State] = {}
_nav: dict[str, NavItem] = {}
_account_links: dict[str, NavItem] = {}


def register_states(kind: str, states: dict[Any, State]) -> None:
    """Teach the badge macro the states of one kind of record."""
    for value, state in states.items():
        _states[kind, _plain(value)] = state


def state_of(kind: str, value: Any) -> State:
    """How a state is shown; an unregistered one is a programming error and raises KeyError."""
    return _states[kind, _plain(value)]


def register_nav(endpoint: str, label: Any, order: int = 50, section: str | None = None) -> None:
    """Add an entry to the main navigation; it shows only where its endpoint exists."""
    _nav[endpoint] = NavItem(endpoint, label, order, section or endpoint.partition(".")[0])


def register_account_link(
    endpoint: str,
    label: Any,
    order: int = 50,
    icon: str = "arrow-right",
    visible: Callable[[], bool] | None = None,
) -> None:
    """Add an entry to the account menu, shown when `visible()` says so at the request."""
    _account_links[endpoint] = NavItem(endpoint, label, order, "", icon, visible)


def register_notices(endpoint: str, unread: Callable[[], int]) -> None:
    """Show the notice centre in the header with the visitor's unread count."""
    _notices.endpoint, _notices.unread = endpoint, unread


def register_footer_link(endpoint: str, label: Any, order: int = 50) -> None:
    """Add an entry to the footer; it shows only where its endpoint exists."""
    _footer[endpoint] = NavItem(endpoint, label, order)


def register_sample_probe(probe: Callable[[], bool]) -> None:
    """Tell the footer how to learn whether this installation shows sample data."""
    if probe not in _sample_probes:
        _sample_probes.append(probe)


def sample_data() -> bool:
    """True if anything shown here is sample data; every page then says so."""
    return any(probe() for probe in _sample_probes)


def footer_items() -> list[NavItem]:
    """The footer's entries that exist in this installation, in order."""
    return _existing(_footer.values())


def nav_items() -> list[NavItem]:
    """The main navigation's entries that exist in this installation, in order."""
    return _existing(_nav.values())


def account_links() -> list[NavItem]:
    """The account menu's entries that exist and are meant for this visitor."""
    return [item for item in _existing(_account_links.values()) if not item.visible or item.visible()]


def has_endpoint(endpoint: str) -> bool:
    """True if this installation serves the endpoint."""
    return endpoint in current_app.view_functions


@cache
def icon(name: str, size: int = 18) -> Markup:
    """An icon as inline SVG, hidden from screen readers because text always stands beside it."""
    svg = (ICON_FOLDER / f"{name}.svg").read_text(encoding="utf-8").strip()
    opening = f'<svg class="icon" width="{size}" height="{size}" aria-hidden="true" focusable="false" '
    return Markup(svg.replace("<svg ", opening, 1))  # noqa: S704 - our own file, named by a template


def page_url(**changes: Any) -> str:
    """This page's address with its query changed: `None` removes a key, a list repeats it.

    A changed filter starts again at the first page, so `page` goes unless it is given; so does `lang`,
    which the session keeps.
    """
    query = MultiDict(request.args)
    query.poplist("page")
    query.poplist("lang")
    for key, value in changes.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        query.setlist(key, [_plain(one) for one in values if one is not None])
    pairs = urlencode(list(query.items(multi=True)))
    return quote(request.script_root + request.path) + (f"?{pairs}" if pairs else "")


def sort_url(key: str, current: str | None) -> str:
    """The link of a sortable head: ascending first, then descending."""
    return page_url(sort=f"-{key}" if current == key else key)


def breadcrumbs(steps: list[tuple[Any, str | None]]) -> Markup:
    """The way back up, as a global so that a page's block needs no import."""
    kit: Any = current_app.jinja_env.get_template("_macros/nav.html").module
    return cast("Markup", kit.breadcrumbs(steps))


def chart_library() -> Markup:
    """The script tag of the charting library, for the pages that need it."""
    source = url_for("static", filename="vendor/echarts/echarts.min.js")
    return Markup('<script src="{}" defer></script>').format(source)


def page_size_items(sizes: Iterable[int], current: int) -> list[dict[str, Any]]:
    """Menu entries that change how many rows a page shows."""
    return [{"label": str(size), "url": page_url(size=size), "current": size == current} for size in sizes]


def field_attributes(field: Any, described: str, extra: dict[str, Any]) -> dict[str, Any]:
    """What ties an input to its hint and its error for screen readers, and the caller's own attributes."""
    attributes = dict(extra)
    if described.strip():
        attributes["aria_describedby"] = described.strip()
    if field.errors:
        attributes["aria_invalid"] = "true"
    return attributes


def is_safe_next(url: str | None) -> bool:
    """True if a `next` address stays on this site (no host, no scheme, no backslash trick)."""
    if not url or "\\" in url or not url.startswith("/") or url.startswith("//"):
        return False
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc


def lang_tag() -> str:
    """The active language for the `lang` attribute."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh-CN"


def server_now() -> datetime:
    """The database's time, read once a request and only by pages that count or compare."""
    if "ui_now" not in g:
        g.ui_now = clock.db_now()
    return cast("datetime", g.ui_now)


def init_app(app: Flask) -> None:
    """Give every template the kit's filters and globals."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        account_links=account_links,
        breadcrumbs=breadcrumbs,
        chart_library=chart_library,
        field_attributes=field_attributes,
        footer_items=footer_items,
        has_endpoint=has_endpoint,
        icon=icon,
        lang_tag=lang_tag,
        nav_items=nav_items,
        notice_counter=_notices,
        page_size_items=page_size_items,
        page_url=page_url,
        sample_data=sample_data,
        server_now=server_now,
        sort_url=sort_url,
        state_of=state_of,
        table_column=Column,
        tone_shapes=TONE_SHAPES,
    )


def _existing(items: Iterable[NavItem]) -> list[NavItem]:
    return sorted((item for item in items if has_endpoint(item.endpoint)), key=lambda item: item.order)


def _plain(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)
