"""The front page: the search, the goal, what is being sold now; packages fill the rest."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from . import slots
from .edge import current_actor
from .permissions import public

blueprint = Blueprint("home", __name__)


@blueprint.get("/", endpoint="index")
@public
def index() -> str:
    """Show the exchange to everybody."""
    actor = current_actor()
    return render_template(
        "home/index.html", hero=slots.collect("home.hero", actor=actor), parts=slots.collect("home.main", actor=actor)
    )


def init_app(app: Flask) -> None:
    """Serve the front page."""
    app.register_blueprint(blueprint)
