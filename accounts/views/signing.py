"""Signing up, in and out; confirming an address; a forgotten password; an invitation."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.edge import current_actor, done, see_other
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.i18n import current_language
from marketplace.permissions import public
from marketplace.ui import is_safe_next

from .. import login, providers, queries, services
from ..forms import AcceptForm, ForgotForm, NewPasswordForm, SignInForm, SignUpForm
from ..models import User
from ..services.members import invitation as look_up_invitation
from . import blueprint


def form_page(template: str, form: object, status: int = 200, **context: object) -> ResponseReturnValue:
    """A page of this package with its form."""
    return render_template(f"accounts/{template}.html", form=form, **context), status


def next_url() -> str:
    """Where the visitor wanted to go, if that is a page of ours; else the desk."""
    asked = request.args.get("next")
    return asked if asked and is_safe_next(asked) else url_for("desk.index")


@blueprint.get("/sign-in", endpoint="sign_in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for address and password."""
    if current_actor().signed_in:
        return redirect(next_url(), 303)
    return form_page("sign_in", SignInForm(), providers=providers)


@blueprint.post("/sign-in", endpoint="sign_in_post")
@public
def sign_in_post() -> ResponseReturnValue:
    """Check address and password; go on to the second factor where there is one."""
    form = SignInForm()
    if not form.validate():
        return form_page("sign_in", form, 422, providers=providers)
    try:
        user = services.authenticate(form.email.data, form.password.data, login.client_ip())
    except Invalid as error:
        form.password.errors = [str(error)]
        return form_page("sign_in", form, 422, providers=providers)
    if user.email_confirmed_at is None:
        services.send_confirmation(user)
        return form_page("confirm_sent", form, email=user.email)
    if user.totp_confirmed_at is None and not user.staff_roles:
        return enter(user)
    login.begin_halfway(user)
    step = "second_factor" if user.totp_confirmed_at else "enrol"
    return see_other(f"accounts.{step}", next=request.args.get("next"))


def enter(user: User) -> ResponseReturnValue:
    """Start the session and lead on; everything was checked before."""
    target = next_url()
    login.sign_in(services.start_session(user, login.client_ip(), request.user_agent.string))
    return redirect(target, 303)


@blueprint.post("/sign-out", endpoint="sign_out")
@public
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    row = login.current_session()
    if row is not None:
        services.revoke_session(row.user_id, row.id)
    login.sign_out()
    flash(_("You are signed out."), "success")
    return redirect("/", 303)


@blueprint.get("/sign-up", endpoint="sign_up")
@public
def sign_up() -> ResponseReturnValue:
    """Ask who registers."""
    return form_page("sign_up", SignUpForm())


@blueprint.post("/sign-up", endpoint="sign_up_post")
@public
def sign_up_post() -> ResponseReturnValue:
    """Register; the answer is the same whether the address is known or not."""
    form = SignUpForm()
    if not form.validate():
        return form_page("sign_up", form, 422)
    try:
        services.sign_up(
            email=form.email.data,
            name=form.name.data,
            password=form.password.data,
            ip=login.client_ip(),
            locale=current_language(),
        )
    except Invalid as error:
        attach(form, error)
        return form_page("sign_up", form, 422)
    return form_page("confirm_sent", form, email=form.email.data)


@blueprint.get("/confirm/<token>", endpoint="confirm")
@public
def confirm(token: str) -> ResponseReturnValue:
    """A page with one button: mail scanners follow links, and a link that acts would be used up by them."""
    return render_template("accounts/confirm.html", token=token)


@blueprint.post("/confirm/<token>", endpoint="confirm_post")
@public
def confirm_post(token: str) -> ResponseReturnValue:
    """Confirm the address."""
    services.confirm_email(token)
    return done(_("Your address is confirmed. Please sign in."), "accounts.sign_in")


@blueprint.get("/forgot", endpoint="forgot")
@public
def forgot() -> ResponseReturnValue:
    """Ask for the address of a forgotten password."""
    return form_page("forgot", ForgotForm())


@blueprint.post("/forgot", endpoint="forgot_post")
@public
def forgot_post() -> ResponseReturnValue:
    """Mail a link if the address is known, and say the same if not."""
    form = ForgotForm()
    if not form.validate():
        return form_page("forgot", form, 422)
    services.request_password_reset(form.email.data, login.client_ip())
    return done(_("If the address has an account, a link is on its way."), "accounts.sign_in")


@blueprint.get("/reset/<token>", endpoint="reset")
@public
def reset(token: str) -> ResponseReturnValue:
    """Ask for the new password."""
    return form_page("reset", NewPasswordForm(), token=token)


@blueprint.post("/reset/<token>", endpoint="reset_post")
@public
def reset_post(token: str) -> ResponseReturnValue:
    """Set the new password."""
    form = NewPasswordForm()
    try:
        if not form.validate():
            return form_page("reset", form, 422, token=token)
        services.reset_password(token, form.password.data)
    except Invalid as error:
        attach(form, error)
        return form_page("reset", form, 422, token=token)
    return done(_("Your password is changed. Please sign in."), "accounts.sign_in")


def _invitation_page(token: str, form: AcceptForm, status: int = 200) -> ResponseReturnValue:
    found, organisation = look_up_invitation(token)
    known = queries.user_by_email(found.email) is not None
    shown = {"email": found.email, "organisation": organisation, "roles": found.payload["roles"], "known": known}
    return form_page("invitation", form, status, token=token, **shown)


@blueprint.get("/invitation/<token>", endpoint="invitation")
@public
def invitation(token: str) -> ResponseReturnValue:
    """Show who invites, and what accepting means."""
    return _invitation_page(token, AcceptForm())


@blueprint.post("/invitation/<token>", endpoint="invitation_post")
@public
def invitation_post(token: str) -> ResponseReturnValue:
    """Accept: as who is signed in, or as a new person."""
    form, (_found, organisation) = AcceptForm(), look_up_invitation(token)
    user = queries.get_user(current_actor().user_id or 0)
    try:
        if user is None:
            require_valid(form)
        typed = {"name": form.name.data or "", "password": form.password.data or ""}
        services.accept_invitation(token, user=user, **typed, locale=current_language())
    except Invalid as error:
        attach(form, error)
        return _invitation_page(token, form, 422)
    message = _("You belong to %(name)s now.", name=organisation.name)
    return done(message, "accounts.profile" if user else "accounts.sign_in")
