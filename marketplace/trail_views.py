"""Auditors read the trail: every recorded step, found by object, person or action, and one object's whole chain."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from . import clock, desk, trails
from .audit import AuditEntry, breaks_of
from .db import db
from .edge import found
from .permissions import Actor, Permission, requires
from .tables import Column, Filter, Table

blueprint = Blueprint("trail", __name__)

TRAIL = Table(
    name="audit-trail",
    columns=(
        Column(_l("When"), "at", lambda one: clock.beijing(one.at).isoformat(timespec="seconds"), sort=AuditEntry.id),
        Column(_l("Recorded step"), "action", lambda one: str(trails.action_label(one.action))),
        Column(_l("Object"), "object_label"),
        Column(_l("Kind of object"), "kind", lambda one: str(trails.object_label(one.object_type)), export_only=True),
        Column(_l("Who"), "actor_name"),
        Column(_l("Action"), "code", "action", export_only=True),
        Column(_l("Before"), "before", export_only=True),
        Column(_l("After"), "after", export_only=True),
        Column(_l("Hash"), "hash", export_only=True),
    ),
    tie=AuditEntry.id,
    search=(AuditEntry.object_label, AuditEntry.actor_name, AuditEntry.action),
    filters=(Filter("kind", _l("Kind of object"), trails.kinds, lambda value: AuditEntry.object_type == value),),
    default_sort="-at",
)


#: What the kernel itself keeps a trail of.
_OBJECTS = {"api_tokens": _l("Access token"), "facts": _l("Fact"), "holidays": _l("Holidays of a year")}
_ACTIONS = {
    "api_token.issue": _l("Access token issued"),
    "api_token.revoke": _l("Access token revoked"),
    "fact.dismiss": _l("Failing fact left out"),
    "holidays.import": _l("Holidays taken in"),
}


def init_app(app: Flask) -> None:
    """Serve the auditors' pages."""
    for table, label in _OBJECTS.items():
        trails.register_object(table, label)
    trails.register_actions(_ACTIONS)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(action_label=trails.action_label, object_kind=trails.object_label)
    item = desk.SideItem(_l("Audit trail"), "trail.index", Permission.AUDIT_READ, icon="scroll-text")
    desk.register_side("audit", _l("Audit"), [item], order=85)
    desk.register_section("trail", _l("Audit trail"), Permission.AUDIT_READ, desk_section, order=85)


def desk_section(_actor: Actor) -> desk.DeskSection:
    """How much was recorded today, and the way to all of it."""
    since = clock.start_of_day(clock.today())
    today = db.session.scalar(select(func.count()).where(AuditEntry.at >= since)) or 0
    tiles = [{"label": _l("Recorded today"), "value": today, "url": url_for("trail.index")}]
    return desk.DeskSection(tiles=tiles, links=[(_l("Audit trail"), url_for("trail.index"))])


@blueprint.get("/desk/trail", endpoint="index")
@requires(Permission.AUDIT_READ)
def index() -> Any:
    """List what was recorded, the latest first."""
    page = TRAIL.page(select(AuditEntry))
    return page.exported() or render_template("trail/index.html", page=page)


@blueprint.get("/desk/trail/<kind>/<int:object_id>", endpoint="chain")
@requires(Permission.AUDIT_READ)
def chain(kind: str, object_id: int) -> str:
    """Show everything recorded about one object, and whether its chain holds."""
    query = select(AuditEntry).where(AuditEntry.object_type == kind, AuditEntry.object_id == object_id)
    entries = list(db.session.scalars(query.order_by(AuditEntry.sequence)))
    last = found(entries[-1] if entries else None)
    return render_template(
        "trail/chain.html",
        entries=entries[::-1],
        last=last,
        breaks=list(breaks_of(entries)),
        page_of_object=trails.object_url(last),
        changed=trails.changed,
        title=_("%(kind)s %(label)s", kind=trails.object_label(kind), label=last.object_label or object_id),
    )
