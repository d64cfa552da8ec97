"""The desk: what waits for the person who signed in, put together from what each package contributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, current_app, render_template, url_for
from flask_babel import lazy_gettext as _l

from . import ui
from .edge import current_actor
from .permissions import Actor, Permission, requires

blueprint = Blueprint("desk", __name__)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits, with the page that deals with it."""

    label: Any
    url: str
    note: Any = ""
    badge: Any = ""


@dataclass(frozen=True, slots=True)
class DeskSection:
    """One package's part of the desk: figures, what waits, and where to go on."""

    tiles: Sequence[dict[str, Any]] = ()
    items: Sequence[Item] = ()
    links: Sequence[tuple[Any, str]] = ()
    #: Said when nothing waits.
    empty: Any = ""
    #: Markup of the package's own, between the figures and what waits.
    body: Any = ""
    #: What can be begun here at once: a button each, posted to its address.
    begin: Sequence[tuple[Any, str]] = ()


@dataclass(frozen=True, slots=True)
class _Registered:
    name: str
    title: Any
    permission: Permission
    provider: Callable[[Actor], DeskSection | None]
    order: int


@dataclass(frozen=True, slots=True)
class SideItem:
    """An entry of the side navigation; `count` is asked only of those who may open it."""

    label: Any
    endpoint: str
    permission: Permission
    count: Callable[[Actor], int] | None = None
    icon: str = ""
    values: dict[str, Any] = field(default_factory=dict)


_sections: dict[str, _Registered] = {}
_side: dict[str, tuple[int, Any, list[SideItem]]] = {}


def register_section(
    name: str, title: Any, permission: Permission, provider: Callable[[Actor], DeskSection | None], order: int = 50
) -> None:
    """Contribute a section, shown to those with the permission when the provider gives one."""
    _sections[name] = _Registered(name, title, permission, provider, order)


def register_side(group: str, heading: Any, items: Sequence[SideItem], order: int = 50) -> None:
    """Contribute a group of the side navigation."""
    _side[group] = (order, heading, list(items))


def sections(actor: Actor) -> list[tuple[Any, DeskSection]]:
    """The sections of this person's desk."""
    found = []
    for one in sorted(_sections.values(), key=lambda section: (section.order, section.name)):
        if actor.can(one.permission):
            section = one.provider(actor)
            if section is not None:
                found.append((one.title, section))
    return found


def side(actor: Actor) -> list[dict[str, Any]]:
    """The side navigation for this person, as the macro takes it."""
    groups = []
    for _order, heading, items in sorted(_side.values(), key=lambda group: group[0]):
        shown = [_entry(item, actor) for item in items if actor.can(item.permission) and ui.has_endpoint(item.endpoint)]
        if shown:
            groups.append({"heading": heading, "items": shown})
    return groups


def _entry(item: SideItem, actor: Actor) -> dict[str, Any]:
    url = url_for(item.endpoint, **item.values)
    return {
        "label": item.label,
        "url": url,
        "count": item.count(actor) if item.count else None,
        # An entry that differs from its neighbours only in its query is nobody's present page.
        "current": ui.page_url().split("?")[0] == url,
        "icon": item.icon or None,
    }


@blueprint.get("/desk", endpoint="index")
@requires(Permission.ACCOUNT_USE)
def index() -> str:
    """Show what waits for me."""
    actor = current_actor()
    return render_template("desk/index.html", sections=sections(actor), actor=actor)


def init_app(app: Flask) -> None:
    """Serve the desk; `desk_side()` gives every working page its side navigation."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["desk_side"] = _side_markup
    ui.register_account_link(
        "desk.index", _l("My desk"), order=1, icon="layout-grid", visible=lambda: current_actor().signed_in
    )


def _side_markup() -> Any:
    template = current_app.jinja_env.get_template("_macros/desk.html")
    return template.module.side_nav(side(current_actor()))  # type: ignore[attr-defined]
