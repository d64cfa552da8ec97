"""The exchange's own pages: organisations to verify, people and their roles."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires
from marketplace.regions import CITIES, region_label
from marketplace.tables import Column, Filter, Table

from .. import policies, queries, services
from ..forms import BanForm, PersonForm, ReasonForm, RenameForm, StaffForm
from ..models import Organisation, User
from ..roles import KIND_LABELS, ROLE_LABELS, StaffRole
from ..states import LABELS
from . import blueprint

ORGANISATIONS = Table(
    name="organisations",
    columns=(
        Column(_l("Name"), "name", sort=Organisation.name),
        Column(_l("Kind"), "kind", lambda one: str(KIND_LABELS[one.kind])),
        Column(_l("Region"), "region", lambda one: str(region_label(one.region)), sort=Organisation.region),
        Column(_l("Unified social credit code"), "uscc", sort=Organisation.uscc),
        Column(_l("State"), "state", lambda one: str(LABELS[one.state])),
        Column(_l("Registered"), "created_at", sort=Organisation.created_at),
    ),
    tie=Organisation.id,
    search=(Organisation.name, Organisation.uscc),
    filters=(
        Filter("state", _l("State"), [(k.value, v) for k, v in LABELS.items()], lambda v: Organisation.state == v),
        Filter("kind", _l("Kind"), [(k.value, v) for k, v in KIND_LABELS.items()], lambda v: Organisation.kind == v),
        Filter("region", _l("Region"), list(CITIES.items()), lambda v: Organisation.region == v),
    ),
    default_sort="-created_at",
)

STAFF_CHOICES = [(role.value, ROLE_LABELS[role]) for role in StaffRole]
UNENROLLED = and_(func.jsonb_array_length(User.staff_roles) > 0, User.totp_confirmed_at.is_(None))
PEOPLE = Table(
    name="people",
    columns=(
        Column(_l("Person"), "name", sort=User.name),
        Column(_l("E-mail address"), "email", sort=User.email),
        Column(_l("Roles at the exchange"), "staff_roles", lambda one: ", ".join(one.staff_roles)),
        Column(_l("Second factor"), "totp_confirmed_at"),
        Column(_l("Registered"), "created_at", sort=User.created_at),
    ),
    tie=User.id,
    search=(User.name, User.email),
    filters=(
        Filter("role", _l("Roles at the exchange"), STAFF_CHOICES, lambda role: User.staff_roles.contains([role])),
        Filter("factor", _l("Second factor"), [("off", _l("Staff without one"))], lambda _value: UNENROLLED),
        Filter("closed", _l("Closed"), [("yes", _l("Closed accounts"))], lambda _value: User.disabled_at.is_not(None)),
    ),
    default_sort="-created_at",
)


@blueprint.get("/desk/organisations", endpoint="organisations")
@requires(Permission.ORG_VERIFY)
def organisations() -> ResponseReturnValue:
    """List organisations, those that wait first."""
    page = ORGANISATIONS.page(queries.organisations_query())
    return page.exported() or render_template("accounts/organisations.html", page=page)


def _organisation(organisation_id: int) -> Organisation:
    return queries.get_organisation(organisation_id) or abort(404)


@blueprint.get("/desk/organisations/<int:organisation_id>", endpoint="verification")
@requires(Permission.ORG_VERIFY)
def verification(organisation_id: int) -> ResponseReturnValue:
    """Show what an organisation says beside what proves it."""
    shown = _organisation(organisation_id)
    return _verification_page(shown, ReasonForm())


def _verification_page(
    shown: Organisation,
    form: ReasonForm,
    status: int = 200,
    ban_form: BanForm | None = None,
    rename_form: RenameForm | None = None,
) -> ResponseReturnValue:
    actor = current_actor()
    belongs = queries.membership(actor.user_id or 0, shown.id) is not None
    page = render_template(
        "accounts/verification.html",
        organisation=shown,
        documents=queries.documents(shown.id),
        members=queries.members(shown.id),
        trail=audit.trail(shown),
        decision=policies.can_verify(actor, shown, belongs=belongs),
        form=form,
        ban_form=ban_form or BanForm(formdata=None),
        rename_form=rename_form or RenameForm(formdata=None),
    )
    return page, status


@blueprint.post("/desk/organisations/<int:organisation_id>/verify", endpoint="verify")
@requires(Permission.ORG_VERIFY)
def verify(organisation_id: int) -> ResponseReturnValue:
    """Accept."""
    services.verify_organisation(current_actor(), _organisation(organisation_id))
    return done(_("Verified. Its managers are told."), "accounts.organisations", state="submitted")


_WITH_REASON = {
    "return": services.return_organisation,
    "suspend": services.suspend_organisation,
    "restore": services.restore_organisation,
    "lift_ban": services.lift_ban,
}


@blueprint.post(
    "/desk/organisations/<int:organisation_id>/<any(return,suspend,restore,lift_ban):verb>", endpoint="decide"
)
@requires(Permission.ORG_VERIFY)
def decide(organisation_id: int, verb: str) -> ResponseReturnValue:
    """Return, suspend, restore, or lift a ban, with a reason."""
    shown, form = _organisation(organisation_id), ReasonForm()
    if not form.validate():
        return _verification_page(shown, form, 422)
    _WITH_REASON[verb](current_actor(), shown, form.reason.data)
    return done(_("Done. Its managers are told."), "accounts.verification", organisation_id=shown.id)


@blueprint.post("/desk/organisations/<int:organisation_id>/rename", endpoint="rename")
@requires(Permission.ORG_VERIFY)
def rename(organisation_id: int) -> ResponseReturnValue:
    """Give the organisation the name that its new certificate shows."""
    shown, form = _organisation(organisation_id), RenameForm()
    try:
        require_valid(form)
        services.rename_organisation(current_actor(), shown, form.name.data, form.rename_reason.data)
    except Invalid as error:
        attach(form, error)
        return _verification_page(shown, ReasonForm(formdata=None), 422, rename_form=form)
    return done(_("Done. Its managers are told."), "accounts.verification", organisation_id=shown.id)


@blueprint.post("/desk/organisations/<int:organisation_id>/ban", endpoint="ban")
@requires(Permission.ORG_VERIFY)
def ban(organisation_id: int) -> ResponseReturnValue:
    """Keep an organisation out of auctions until a moment."""
    shown, form, now = _organisation(organisation_id), BanForm(), db_now()
    try:
        require_valid(form)
        services.ban_organisation(current_actor(), shown, form.until.moment or now, form.ban_reason.data)
    except Invalid as error:
        attach(form, error)
        return _verification_page(shown, ReasonForm(formdata=None), 422, form)
    return done(_("Banned. Its managers are told."), "accounts.verification", organisation_id=shown.id)


@blueprint.get("/desk/people", endpoint="people")
@requires(Permission.USERS_MANAGE)
def people() -> ResponseReturnValue:
    """List people."""
    page = PEOPLE.page(queries.people_query())
    return page.exported() or render_template("accounts/people.html", page=page)


@blueprint.get("/desk/people/new", endpoint="new_person")
@requires(Permission.USERS_MANAGE)
def new_person() -> ResponseReturnValue:
    """Ask for a new account."""
    return render_template("accounts/person_form.html", form=PersonForm())


@blueprint.post("/desk/people", endpoint="people_post")
@requires(Permission.USERS_MANAGE)
def people_post() -> ResponseReturnValue:
    """Make an account; its owner sets the password from a mailed link."""
    form = PersonForm()
    try:
        require_valid(form)
        roles = tuple(StaffRole(role) for role in form.roles.data)
        user = services.create_user(current_actor(), email=form.email.data, name=form.name.data, staff_roles=roles)
    except Invalid as error:
        attach(form, error)
        return render_template("accounts/person_form.html", form=form), 422
    services.send_password_link(user)
    return done(_("The account is made; a link to set a password is on its way."), "accounts.people")


def _person(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


@blueprint.get("/desk/people/<int:user_id>", endpoint="person")
@requires(Permission.USERS_MANAGE)
def person(user_id: int) -> ResponseReturnValue:
    """Show one person."""
    shown = _person(user_id)
    return _person_page(shown, StaffForm(roles=shown.staff_roles), ReasonForm())


def _person_page(shown: User, form: StaffForm, reason: ReasonForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "accounts/person.html",
        user=shown,
        form=form,
        reason_form=reason,
        memberships=queries.memberships_of(shown.id),
        trail=audit.trail(shown),
    )
    return page, status


@blueprint.post("/desk/people/<int:user_id>/roles", endpoint="staff_roles")
@requires(Permission.USERS_MANAGE)
def staff_roles(user_id: int) -> ResponseReturnValue:
    """Give or take roles at the exchange."""
    shown, form = _person(user_id), StaffForm()
    try:
        require_valid(form)
        services.set_staff_roles(current_actor(), shown, [StaffRole(role) for role in form.roles.data or []])
    except Invalid as error:
        attach(form, error)
        return _person_page(shown, form, ReasonForm(formdata=None), 422)
    return done(_("The roles are saved."), "accounts.person", user_id=user_id)


@blueprint.post("/desk/people/<int:user_id>/disable", endpoint="disable")
@requires(Permission.USERS_MANAGE)
def disable(user_id: int) -> ResponseReturnValue:
    """Close an account, with a reason."""
    shown, form = _person(user_id), ReasonForm()
    if not form.validate():
        return _person_page(shown, StaffForm(roles=shown.staff_roles), form, 422)
    services.disable_user(current_actor(), shown, form.reason.data)
    return done(_("The account is closed."), "accounts.person", user_id=user_id)


@blueprint.post("/desk/people/<int:user_id>/<any(enable,reset_factor):verb>", endpoint="restore_person")
@requires(Permission.USERS_MANAGE)
def restore_person(user_id: int, verb: str) -> ResponseReturnValue:
    """Open an account again, or take a lost second factor off."""
    act = {"enable": services.enable_user, "reset_factor": services.remove_totp}[verb]
    act(current_actor(), _person(user_id))
    return done(_("Done."), "accounts.person", user_id=user_id)
