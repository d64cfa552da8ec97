"""The second factor: the code at sign-in, enrolling an app, recovery codes.

Enrolling is open to who is signed in, and to staff who have given their password but have no second factor yet:
they are not signed in before they have one.
"""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.db import db
from marketplace.edge import current_actor, done, see_other
from marketplace.errors import Invalid, SignInRequired
from marketplace.forms import require_valid
from marketplace.pdf import qr_svg
from marketplace.permissions import Permission, public, requires

from .. import login, services
from ..forms import CodeForm
from ..models import User
from . import blueprint
from .signing import enter, form_page, next_url


@blueprint.get("/sign-in/code", endpoint="second_factor")
@public
def second_factor() -> ResponseReturnValue:
    """Ask for the code."""
    return form_page("second_factor", CodeForm()) if login.halfway_user() else see_other("accounts.sign_in")


@blueprint.post("/sign-in/code", endpoint="second_factor_post")
@public
def second_factor_post() -> ResponseReturnValue:
    """Check the code and enter."""
    user, form = login.halfway_user(), CodeForm()
    if user is None or user.totp_confirmed_at is None:
        return see_other("accounts.sign_in")
    if not form.validate():
        return form_page("second_factor", form, 422)
    try:
        services.check_code(user, form.code.data)
    except Invalid as error:
        form.code.errors = [str(error)]
        return form_page("second_factor", form, 422)
    return enter(user)


def _person() -> User:
    """Who enrols: the one signed in, or the one who has given the password."""
    actor = current_actor()
    user = db.session.get(User, actor.user_id) if actor.user_id else login.halfway_user()
    if user is None:
        raise SignInRequired
    return user


@blueprint.get("/account/second-factor", endpoint="enrol")
@public
def enrol() -> ResponseReturnValue:
    """Show the QR code that sets up an authenticator app."""
    user = _person()
    return see_other("accounts.security") if user.totp_confirmed_at else _enrol_page(user, CodeForm())


def _enrol_page(user: User, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    address = services.begin_totp(user)
    page = render_template(
        "accounts/enrol.html", form=form, qr=qr_svg(address), secret=user.totp_secret, compulsory=bool(user.staff_roles)
    )
    return _unkept(page), status


@blueprint.post("/account/second-factor", endpoint="enrol_confirm")
@public
def enrol_confirm() -> ResponseReturnValue:
    """Turn the second factor on, sign in who was halfway, and show the recovery codes once."""
    user, form, target = _person(), CodeForm(), next_url()
    if user.totp_confirmed_at:
        return see_other("accounts.security")
    try:
        require_valid(form)
        codes = services.confirm_totp(login.actor_of(user, None), user, form.code.data)
    except Invalid as error:
        form.code.errors = form.code.errors or [str(error)]
        return _enrol_page(user, form, 422)
    if not current_actor().signed_in:
        enter(user)
    return _unkept(render_template("accounts/recovery_codes.html", codes=codes, target=target))


@blueprint.post("/account/second-factor/codes", endpoint="new_codes")
@requires(Permission.ACCOUNT_USE)
def new_codes() -> ResponseReturnValue:
    """Make new recovery codes; the old ones no longer work."""
    codes = services.renew_recovery_codes(current_actor(), _with_code())
    return _unkept(render_template("accounts/recovery_codes.html", codes=codes, target=next_url()))


@blueprint.post("/account/second-factor/off", endpoint="second_factor_off")
@requires(Permission.ACCOUNT_USE)
def second_factor_off() -> ResponseReturnValue:
    """Turn one's own second factor off; staff cannot."""
    services.turn_off_totp(current_actor(), _with_code())
    return done(_("The second factor is off."), "accounts.security")


def _with_code() -> User:
    """The person signed in, who has proved with a code that the phone is theirs."""
    user = _person()
    services.check_code(user, request.form.get("code", ""))
    return user


def _unkept(page: str) -> Response:
    """A page with secrets is kept by no cache and no history."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
