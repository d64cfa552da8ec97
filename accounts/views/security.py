"""One's own security: password, and where one is signed in."""

from __future__ import annotations

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import login, queries, rules, services
from ..forms import ChangePasswordForm
from . import blueprint
from .people import me


@blueprint.get("/account/security", endpoint="security")
@requires(Permission.ACCOUNT_USE)
def security() -> ResponseReturnValue:
    """Show the state of the second factor and every sign-in."""
    return _page(ChangePasswordForm())


def _page(form: ChangePasswordForm, status: int = 200) -> ResponseReturnValue:
    user, here = me(), session.get("sid")
    sessions = queries.live_sessions(user.id)
    page = render_template(
        "accounts/security.html",
        form=form,
        user=user,
        sessions=sessions,
        here=here,
        device=rules.device,
        codes_left=queries.unused_recovery_codes(user.id),
    )
    return page, status


@blueprint.post("/account/password", endpoint="change_password")
@requires(Permission.ACCOUNT_USE)
def change_password() -> ResponseReturnValue:
    """Change the password; every sign-in but this one ends."""
    form, user = ChangePasswordForm(), me()
    try:
        require_valid(form)
        services.change_password(current_actor(), user, form.old.data, form.password.data)
    except Invalid as error:
        attach(form, error)
        return _page(form, 422)
    login.sign_in(services.start_session(user, login.client_ip(), request.user_agent.string))
    return done(_("Your password is changed; you are signed out everywhere else."), "accounts.security")


@blueprint.post("/account/sessions/<session_id>/revoke", endpoint="revoke")
@requires(Permission.ACCOUNT_USE)
def revoke(session_id: str) -> ResponseReturnValue:
    """End one sign-in."""
    services.revoke_session(me().id, session_id)
    return done(_("That sign-in has ended."), "accounts.security")


@blueprint.post("/account/sessions/revoke-all", endpoint="revoke_all")
@requires(Permission.ACCOUNT_USE)
def revoke_all() -> ResponseReturnValue:
    """End every sign-in, this one too."""
    services.sign_out_everywhere(current_actor(), me())
    login.sign_out()
    return done(_("You are signed out everywhere."), "accounts.sign_in")
