"""What the goal puts on the desks of registrars and supervisors."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import desk
from marketplace.desk import DeskSection, SideItem
from marketplace.permissions import Actor, Permission
from marketplace.ui_format import percent, yuan

from . import pages, queries


def register() -> None:
    """Contribute sections and side navigation."""
    desk.register_section("targets.registrar", _l("Turnover"), Permission.CONTRACT_REGISTER, progress, order=70)
    desk.register_section("targets.goal", _l("Turnover"), Permission.TARGET_SET, progress, order=20)
    watch = [
        SideItem(_l("Turnover"), "targets.turnover", Permission.DESK_STAFF, icon="chart-line"),
        SideItem(_l("Windows and targets"), "windows.index", Permission.TARGET_SET, icon="target"),
    ]
    desk.register_side("targets", _l("Goal"), watch, order=80)


def progress(_actor: Actor) -> DeskSection | None:
    """How the running window stands."""
    window = queries.window(None)
    if window is None:
        return None
    state = pages.progress(window)
    tiles = [
        {"label": pages.window_name(window), "value": yuan(state.figure.amount), "note": percent(state.share)},
        {"label": _("Target"), "value": pages.target(window)},
        {"label": _("Contracts"), "value": f"{state.figure.contracts:,}"},
    ]
    if state.forecast:
        last = state.forecast[-1]
        tiles.append({
            "label": _("Expected at the end"), "value": yuan(last.middle),
            "note": _("%(low)s to %(high)s", low=yuan(last.low), high=yuan(last.high)),
        })  # fmt: skip
    return DeskSection(tiles=tiles, links=[(_("The turnover page"), url_for("targets.turnover"))])
