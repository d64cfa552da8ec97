"""Pages that only explain: what the exchange is, and how to use it, in plain words."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from flask_babel import lazy_gettext as _l

from . import ui
from .permissions import public

blueprint = Blueprint("pages", __name__)


@blueprint.get("/about", endpoint="about")
@public
def about() -> str:
    """Say what the exchange is for, who runs it and how it can be checked."""
    return render_template("pages/about.html")


@blueprint.get("/help", endpoint="help")
@public
def help_page() -> str:
    """Say how to list, bid, sign and register, and by which rules."""
    return render_template("pages/help.html")


def init_app(app: Flask) -> None:
    """Serve the pages and lead to them from the footer."""
    app.register_blueprint(blueprint)
    ui.register_footer_link("pages.about", _l("About the exchange"), 10)
    ui.register_footer_link("pages.help", _l("Help and rules"), 20)
