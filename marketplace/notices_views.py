"""The notices centre: what a person was told, and how they want to be told."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from . import notices, people, ui
from .db import db
from .edge import current_actor, done, found
from .permissions import Permission, requires

blueprint = Blueprint("notices", __name__)

PAGE_SIZE = 30


def init_app(app: Flask) -> None:
    """Show the centre in every page's head."""
    app.register_blueprint(blueprint)
    ui.register_notices("notices.index", unread)


def unread() -> int:
    """The visitor's unread notices, counted once a request."""
    if "unread_notices" not in g:
        g.unread_notices = notices.unread(_user_id())
    return int(g.unread_notices)


def _user_id() -> int:
    return current_actor().user_id or 0


@blueprint.get("/notices", endpoint="index")
@requires(Permission.ACCOUNT_USE)
def index() -> str:
    """List the person's notices, newest first."""
    only_unread = request.args.get("show") == "unread"
    query = select(notices.Notice).where(notices.Notice.user_id == _user_id(), notices.Notice.shown)
    if only_unread:
        query = query.where(notices.Notice.read_at.is_(None))
    page = db.paginate(query.order_by(notices.Notice.id.desc()), per_page=PAGE_SIZE, error_out=False)
    return render_template("notices/index.html", page=page, only_unread=only_unread, unread=unread())


@blueprint.get("/notices/<int:notice_id>", endpoint="detail")
@requires(Permission.ACCOUNT_USE)
def detail(notice_id: int) -> str:
    """Show one notice in full; having seen it, it counts as read."""
    query = select(notices.Notice).where(notices.Notice.id == notice_id, notices.Notice.user_id == _user_id())
    notice = found(db.session.scalars(query).first())
    notices.mark_read(_user_id(), notice_id)
    return render_template("notices/detail.html", told=notice, label=_label(notice.event))


@blueprint.post("/notices/read", endpoint="read_all")
@requires(Permission.ACCOUNT_USE)
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    count = notices.mark_read(_user_id())
    return done(_("%(count)s notices marked as read.", count=count), "notices.index")


@blueprint.get("/notices/preferences", endpoint="preferences")
@requires(Permission.ACCOUNT_USE)
def preferences() -> str:
    """Show what the person is told, and how."""
    person = people.people([_user_id()])[0]
    return render_template("notices/preferences.html", groups=_groups(person), email=person.email)


@blueprint.post("/notices/preferences", endpoint="save_preferences")
@requires(Permission.ACCOUNT_USE)
def save_preferences() -> ResponseReturnValue:
    """Keep the choices; what must be told by law is not among them."""
    chosen = set(request.form.getlist("choice"))
    wanted = {
        event.name: {channel: f"{event.name}:{channel}" in chosen for channel in notices.CHANNELS}
        for event in notices.EVENTS.values()
        if not event.legal
    }
    people.set_preferences(_user_id(), wanted)
    return done(_("Your choices are saved."), "notices.preferences")


def _label(event: str) -> Any:
    known = notices.EVENTS.get(event)
    return known.label if known else _("Notice")


def _groups(person: people.Person) -> list[tuple[notices.Event, list[tuple[str, bool]]]]:
    """Every event with its channels and whether each is on, those of law first."""
    events = sorted(notices.EVENTS.values(), key=lambda one: (not one.legal, one.name))
    return [
        (event, [(channel, notices.wants(person, event.name, channel, event.legal)) for channel in notices.CHANNELS])
        for event in events
    ]
