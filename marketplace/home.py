"""The front page: the search, the goal, what is being sold now; packages fill the rest."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from markupsafe import Markup

from . import slots
from .edge import current_actor
from .permissions import Actor, public

blueprint = Blueprint("home", __name__)


@blueprint.get("/", endpoint="index")
@public
def index() -> str:
    """Show the exchange to everybody."""
    actor = current_actor()
    return render_template("home/index.html", hero=_parts("home.hero", actor), parts=_parts("home.main", actor))


def _parts(slot: str, actor: Actor) -> list[Markup]:
    """The markup of a slot's providers, one by one."""
    return [Markup(part) for part in slots.collect(slot, actor=actor)]  # noqa: S704 - rendered by templates


def init_app(app: Flask) -> None:
    """Serve the front page."""
    app.register_blueprint(blueprint)
