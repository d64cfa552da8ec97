"""The page where people make and revoke tokens for their programs, and the page that explains the API."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length

from . import api, api_tokens, ui
from .edge import current_actor, done
from .errors import Invalid
from .permissions import Permission, public, requires

blueprint = Blueprint("tokens", __name__)


def init_app(app: Flask) -> None:
    """Serve the pages and lead to them from the account menu and the footer."""
    app.register_blueprint(blueprint)
    ui.register_account_link("tokens.index", _l("API tokens"), 80, "key")
    ui.register_footer_link("tokens.developers", _l("For developers"), 60)


class TokenForm(FlaskForm):  # type: ignore[misc]
    """What a new token is for, what it may do, and how long."""

    name = StringField(
        _l("What it is for"),
        [DataRequired(_l("Name the program that will use it.")), Length(max=80)],
        description=_l("Such as “contract archive of the finance department”."),
    )
    scopes = SelectMultipleField(_l("What it may do"), [DataRequired(_l("Choose at least one scope from the list."))])
    days = SelectField(
        _l("How long"),
        coerce=int,
        choices=[(30, _l("30 days")), (90, _l("90 days")), (365, _l("One year"))],
        default=90,
    )


def _form() -> TokenForm:
    form = TokenForm()
    form.scopes.choices = [(name, scope.label) for name, scope in api_tokens.offered(current_actor()).items()]
    return form


def _page(form: TokenForm) -> str:
    tokens = api_tokens.tokens_of(current_actor())
    return render_template("tokens/index.html", form=form, tokens=tokens, scopes=api_tokens.SCOPES, now=ui.server_now())


@blueprint.get("/account/tokens", endpoint="index")
@requires(Permission.ACCOUNT_USE)
def index() -> str:
    """List the person's tokens, with the form for a new one."""
    return _page(_form())


@blueprint.post("/account/tokens", endpoint="issue")
@requires(Permission.ACCOUNT_USE)
def issue() -> ResponseReturnValue:
    """Make a token and show it this once: a redirect would have to keep the secret somewhere."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        token, secret = api_tokens.issue(current_actor(), form.name.data, form.scopes.data, form.days.data)
    except Invalid as error:
        form.form_errors.append(str(error))
        return _page(form), 422
    response = make_response(render_template("tokens/issued.html", token=token, secret=secret), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/account/tokens/<int:token_id>/revoke", endpoint="revoke")
@requires(Permission.ACCOUNT_USE)
def revoke(token_id: int) -> ResponseReturnValue:
    """End a token at once."""
    token = api_tokens.revoke(current_actor(), token_id)
    return done(_("The token “%(name)s” no longer works.", name=token.name), "tokens.index")


@blueprint.get("/developers", endpoint="developers")
@public
def developers() -> str:
    """Explain the API to people: tokens, limits, errors, and every call."""
    return render_template(
        "developers/index.html",
        calls=calls(),
        scopes=api_tokens.SCOPES,
        token_limit=api.TOKEN_LIMIT,
        anonymous_limit=api.ANONYMOUS_LIMIT,
    )


def calls() -> list[dict[str, Any]]:
    """Every call of the API in the document's order."""
    found = []
    for path, operations in api.published()["paths"].items():
        for method, operation in operations.items():
            if method in ("get", "post", "put", "patch", "delete"):
                scopes = operation.get("x-scopes")
                summary = _(operation.get("summary", ""))  # extracted from the docstrings of api.py
                found.append({"method": method.upper(), "path": path, "summary": summary, "scopes": scopes})
    return found
