"""People, organisations and roles: sign-in, sessions, second factor, verification, memberships."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from marketplace import files, trails, ui
from marketplace.notices import register_event
from marketplace.permissions import Actor, Permission
from marketplace.regions import region_label
from marketplace.ui import State

from . import cli, desk, login
from .roles import KIND_LABELS, PERMISSION_LABELS, ROLE_LABELS, OrganisationKind
from .states import DOCUMENT_LABELS, LABELS, OrganisationState
from .views import blueprint

_TONES = {
    OrganisationState.DRAFT: "neutral",
    OrganisationState.SUBMITTED: "waiting",
    OrganisationState.VERIFIED: "done",
    OrganisationState.RETURNED: "waiting",
    OrganisationState.SUSPENDED: "refused",
}


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    login.init_app(app)
    app.register_blueprint(blueprint)
    app.cli.add_command(cli.group)
    ui.register_states("organisation", {one: State(LABELS[one], _TONES[one], None) for one in OrganisationState})
    ui.register_account_link("accounts.profile", _l("Your account"), order=10, icon="user")
    app.jinja_env.globals.update(
        role_label=role_label,
        kind_label=kind_label,
        region_label=region_label,
        document_label=DOCUMENT_LABELS.get,
        permission_labels=PERMISSION_LABELS,
    )
    files.register_reader("organisations", may_read_document)
    for table, label in _OBJECTS.items():
        trails.register_object(table, label)
    trails.register_actions(_ACTIONS)
    desk.register()
    for name, label in _EVENTS.items():
        register_event(f"accounts.{name}", label, legal=True)


_OBJECTS = {"organisations": _l("Organisation"), "memberships": _l("Membership"), "users": _l("Account of a person")}
_ACTIONS = {
    "user.created": _l("Account made"),
    "user.email_confirmed": _l("Address confirmed"),
    "user.password_reset": _l("Password set anew"),
    "user.password_changed": _l("Password changed"),
    "user.updated": _l("Profile changed"),
    "user.staff_roles": _l("Roles at the exchange changed"),
    "user.disabled": _l("Account closed"),
    "user.enabled": _l("Account opened again"),
    "user.signed_out_everywhere": _l("Signed out everywhere"),
    "user.second_factor_on": _l("Second factor turned on"),
    "user.recovery_codes": _l("Recovery codes made anew"),
    "user.second_factor_off": _l("Second factor taken off"),
    "organisation.created": _l("Organisation registered"),
    "organisation.updated": _l("Data changed"),
    "organisation.submit": _l("Submitted for verification"),
    "organisation.verify": _l("Verified"),
    "organisation.return": _l("Returned for correction"),
    "organisation.rename": _l("Renamed"),
    "organisation.suspend": _l("Suspended"),
    "organisation.restore": _l("Restored"),
    "organisation.ban": _l("Banned from auctions"),
    "organisation.lift_ban": _l("Ban lifted"),
    "organisation.document_added": _l("Document added"),
    "organisation.document_removed": _l("Document removed"),
    "organisation.second_approval": _l("Amount for second approval changed"),
    "member.invited": _l("Member invited"),
    "member.invitation_withdrawn": _l("Invitation withdrawn"),
    "member.added": _l("Member added"),
    "member.roles": _l("Roles changed"),
    "member.bid_limit": _l("Limit on bids changed"),
    "member.ended": _l("Membership ended"),
}

_EVENTS = {
    "organisation_submitted": _l("An organisation waits for verification"),
    "organisation_verified": _l("Your organisation is verified"),
    "organisation_returned": _l("Your registration was returned"),
    "organisation_renamed": _l("Your organisation has its new name"),
    "organisation_suspended": _l("Your organisation is suspended"),
    "organisation_banned": _l("Your organisation is banned from auctions"),
    "work_taken_over": _l("You take over the work of somebody who left"),
    "work_unattended": _l("Somebody left whose work nobody else may do"),
    "password_changed": _l("Your password was changed"),
    "second_factor_changed": _l("Your second factor was changed"),
    "recovery_code_used": _l("A recovery code was used"),
}


def role_label(role: str) -> Any:
    """A role's name for people."""
    known: dict[str, Any] = {one.value: label for one, label in ROLE_LABELS.items()}
    return known.get(role, role)


def kind_label(kind: OrganisationKind) -> Any:
    """A kind's name for people."""
    return KIND_LABELS[kind]


def may_read_document(actor: Actor, organisation_id: int, _file: Any) -> bool:
    """An organisation's papers are for its managers and for who verifies it."""
    own = actor.acts_for(organisation_id) and actor.can(Permission.ORG_MANAGE)
    return own or actor.can(Permission.ORG_VERIFY)
