"""The supervisors' pages: windows and their targets."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace import audit
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.money import YI
from marketplace.permissions import Permission, requires

from . import pages, queries, services
from .forms import WindowForm
from .models import Window

blueprint = Blueprint("windows", __name__)


@blueprint.get("/desk/windows", endpoint="index")
@requires(Permission.TARGET_SET)
def index() -> ResponseReturnValue:
    """List the windows with what they have reached."""
    states = [pages.progress(one) for one in queries.windows()]
    return render_template("targets/windows.html", states=states, pages=pages)


@blueprint.get("/desk/windows/new", endpoint="new")
@requires(Permission.TARGET_SET)
def new() -> ResponseReturnValue:
    """Ask for a new window."""
    return _page(WindowForm(), None)


@blueprint.get("/desk/windows/<key>", endpoint="edit")
@requires(Permission.TARGET_SET)
def edit(key: str) -> ResponseReturnValue:
    """Ask for changes of a window."""
    window = queries.window(key) or abort(404)
    form = WindowForm(obj=window)
    form.target_yi.data = (window.target_amount / YI).normalize()
    return _page(form, window)


def _page(form: WindowForm, window: Window | None, status: int = 200) -> ResponseReturnValue:
    trail = audit.trail(window) if window else []
    return render_template("targets/window.html", form=form, window=window, trail=trail, pages=pages), status


@blueprint.post("/desk/windows/new", endpoint="create")
@requires(Permission.TARGET_SET)
def create() -> ResponseReturnValue:
    """Set a new window."""
    form = WindowForm()
    if queries.window(form.key.data or "-") is not None:
        form.key.errors = [_("There is a window with this key.")]
        return _page(form, None, 422)
    return _save(form, None)


@blueprint.post("/desk/windows/<key>", endpoint="save")
@requires(Permission.TARGET_SET)
def save(key: str) -> ResponseReturnValue:
    """Change a window; every figure follows at once."""
    window, form = queries.window(key) or abort(404), WindowForm()
    form.key.data = key
    return _save(form, window)


def _save(form: WindowForm, window: Window | None) -> ResponseReturnValue:
    try:
        require_valid(form)
        services.set_window(current_actor(), **form.values())
    except Invalid as error:
        attach(form, error)
        return _page(form, window, 422)
    return done(_("The window is set. Every figure follows it from now on."), "windows.index")
