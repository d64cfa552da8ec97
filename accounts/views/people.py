"""One's own account: profile, and which organisation one acts for."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.db import db
from marketplace.edge import current_actor, done
from marketplace.permissions import Permission, requires

from .. import login, queries, services
from ..forms import ProfileForm
from ..models import User
from . import blueprint


def me() -> User:
    """The person who is signed in."""
    return db.session.get_one(User, current_actor().user_id)


@blueprint.get("/account", endpoint="profile")
@requires(Permission.ACCOUNT_USE)
def profile() -> ResponseReturnValue:
    """Show what one says of oneself, and where one is a member."""
    user = me()
    return _profile_page(ProfileForm(obj=user), user)


def _profile_page(form: ProfileForm, user: User, status: int = 200) -> ResponseReturnValue:
    memberships = queries.memberships_of(user.id)
    return render_template("accounts/profile.html", form=form, user=user, memberships=memberships), status


@blueprint.post("/account", endpoint="profile_post")
@requires(Permission.ACCOUNT_USE)
def profile_post() -> ResponseReturnValue:
    """Change name, phone, language."""
    form, user = ProfileForm(), me()
    if not form.validate():
        return _profile_page(form, user, 422)
    services.update_profile(
        current_actor(), user, name=form.name.data, phone=form.phone.data or "", locale=form.locale.data
    )
    return done(_("Your profile is saved."), "accounts.profile")


@blueprint.post("/account/act-for/<int:organisation_id>", endpoint="act_for")
@requires(Permission.ACCOUNT_USE)
def act_for(organisation_id: int) -> ResponseReturnValue:
    """Act for another of one's organisations; 0 is oneself."""
    row = login.current_session()
    if row is not None:
        services.switch_organisation(row, organisation_id or None)
        login.remember(row)
    return done(_("You act for %(name)s now.", name=current_actor().organisation_name or me().name), "desk.index")
