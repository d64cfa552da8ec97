"""The organisation one acts for: registration, documents, members, authority to bid."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace import files
from marketplace.db import db
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import login, policies, queries, services
from ..forms import ApprovalForm, DocumentForm, EndForm, InviteForm, MemberForm, OrganisationForm
from ..models import Membership, Organisation
from ..roles import OrgRole
from ..services.organisations import missing_for_verification
from . import blueprint
from .people import me


def own() -> Organisation:
    """The organisation acted for, or 404."""
    organisation_id = current_actor().organisation_id
    found_one = queries.get_organisation(organisation_id) if organisation_id else None
    return found_one or abort(404)


@blueprint.get("/organisation/new", endpoint="new_organisation")
@requires(Permission.ACCOUNT_USE)
def new_organisation() -> ResponseReturnValue:
    """Ask for a new organisation."""
    return render_template("accounts/organisation_form.html", form=OrganisationForm(), organisation=None)


@blueprint.post("/organisation/new", endpoint="new_organisation_post")
@requires(Permission.ACCOUNT_USE)
def new_organisation_post() -> ResponseReturnValue:
    """Register it and act for it from here on."""
    form = OrganisationForm()
    try:
        require_valid(form)
        organisation = services.create_organisation(current_actor(), **form.values())
    except Invalid as error:
        attach(form, error)
        return render_template("accounts/organisation_form.html", form=form, organisation=None), 422
    row = login.current_session()
    if row is not None:
        services.switch_organisation(row, organisation.id)
        login.remember(row)
    return done(_("The organisation is registered. Add its documents and submit it."), "accounts.organisation")


@blueprint.get("/organisation", endpoint="organisation")
@requires(Permission.ORG_READ)
def organisation() -> ResponseReturnValue:
    """Show the organisation, what is missing, and its members."""
    shown = own()
    return render_template(
        "accounts/organisation.html",
        organisation=shown,
        members=queries.members(shown.id),
        documents=files.owned_by(shown),
        missing=missing_for_verification(shown),
        manages=policies.can_manage(current_actor(), shown),
        document_form=DocumentForm(),
    )


@blueprint.get("/organisation/edit", endpoint="edit_organisation")
@requires(Permission.ORG_MANAGE)
def edit_organisation() -> ResponseReturnValue:
    """Ask for changes."""
    shown = own()
    form = OrganisationForm(obj=shown)
    form.kind.data = shown.kind.value
    return render_template("accounts/organisation_form.html", form=form, organisation=shown)


@blueprint.post("/organisation/edit", endpoint="edit_organisation_post")
@requires(Permission.ORG_MANAGE)
def edit_organisation_post() -> ResponseReturnValue:
    """Save changes."""
    form, shown = OrganisationForm(), own()
    try:
        require_valid(form)
        services.update_organisation(current_actor(), shown, form.values())
    except Invalid as error:
        attach(form, error)
        return render_template("accounts/organisation_form.html", form=form, organisation=shown), 422
    return done(_("The changes are saved."), "accounts.organisation")


@blueprint.post("/organisation/documents", endpoint="add_document")
@requires(Permission.ORG_MANAGE)
def add_document() -> ResponseReturnValue:
    """Take a document that proves the registration."""
    form, shown = DocumentForm(), own()
    if not form.validate():
        raise Invalid(_("Choose a file first."))
    upload = form.file.data
    files.store(upload.stream, upload.filename, owner=shown, visibility="private", actor=current_actor())
    return done(_("The document is kept."), "accounts.organisation")


@blueprint.post("/organisation/submit", endpoint="submit_organisation")
@requires(Permission.ORG_MANAGE)
def submit_organisation() -> ResponseReturnValue:
    """Ask for verification."""
    services.submit_organisation(current_actor(), own())
    return done(_("Submitted. A reviewer looks at it; you will be told."), "accounts.organisation")


@blueprint.get("/organisation/invite", endpoint="invite")
@requires(Permission.ORG_MANAGE)
def invite() -> ResponseReturnValue:
    """Ask whom to invite."""
    return render_template("accounts/invite.html", form=InviteForm(), organisation=own())


@blueprint.post("/organisation/invite", endpoint="invite_post")
@requires(Permission.ORG_MANAGE)
def invite_post() -> ResponseReturnValue:
    """Mail the invitation."""
    form = InviteForm()
    try:
        require_valid(form)
        services.invite(current_actor(), own(), form.email.data, [OrgRole(role) for role in form.roles.data])
    except Invalid as error:
        attach(form, error)
        return render_template("accounts/invite.html", form=form, organisation=own()), 422
    return done(_("The invitation is on its way to %(email)s.", email=form.email.data), "accounts.organisation")


def _member(member_id: int) -> Membership:
    member = db.session.get(Membership, member_id)
    if member is None or member.organisation_id != own().id or member.ended_at is not None:
        abort(404)
    return member


@blueprint.get("/organisation/members/<int:member_id>", endpoint="member")
@requires(Permission.ORG_MANAGE)
def member(member_id: int) -> ResponseReturnValue:
    """Show a member's roles and limit."""
    shown = _member(member_id)
    limit = "" if shown.bid_limit is None else f"{shown.bid_limit / 10000:f}".rstrip("0").rstrip(".")
    return _member_page(shown, MemberForm(roles=shown.roles, bid_limit=limit))


def _member_page(shown: Membership, form: MemberForm, status: int = 200) -> ResponseReturnValue:
    others = [one for one in queries.members(shown.organisation_id) if one.id != shown.id]
    end_form = EndForm()
    end_form.heir.choices = [("", _("Nobody")), *((str(one.id), one.user.name) for one in others)]
    page = render_template(
        "accounts/member.html", member=shown, form=form, end_form=end_form, own=shown.user_id == me().id
    )
    return page, status


@blueprint.post("/organisation/members/<int:member_id>", endpoint="member_post")
@requires(Permission.ORG_MANAGE)
def member_post(member_id: int) -> ResponseReturnValue:
    """Change roles and limit."""
    shown, form, actor = _member(member_id), MemberForm(), current_actor()
    try:
        require_valid(form)
        services.set_roles(actor, shown, [OrgRole(role) for role in form.roles.data])
        if form.bid_limit.amount != shown.bid_limit:
            services.set_authority(actor, shown, form.bid_limit.amount)
    except Invalid as error:
        attach(form, error)
        return _member_page(shown, form, 422)
    return done(_("The member’s roles are saved."), "accounts.organisation")


@blueprint.post("/organisation/members/<int:member_id>/end", endpoint="end_membership")
@requires(Permission.ORG_READ)
def end_membership(member_id: int) -> ResponseReturnValue:
    """A member leaves; open work goes to the one chosen."""
    shown, form = _member(member_id), EndForm()
    form.heir.choices = [("", "")] + [(str(one.id), "") for one in queries.members(shown.organisation_id)]
    heir = db.session.get(Membership, form.heir.data) if form.heir.data else None
    services.end_membership(current_actor(), shown, heir)
    return done(_("The membership has ended."), "desk.index" if shown.user_id == me().id else "accounts.organisation")


@blueprint.get("/organisation/bidding", endpoint="bidding")
@requires(Permission.ORG_MANAGE)
def bidding() -> ResponseReturnValue:
    """Show who may commit what."""
    shown = own()
    above = "" if shown.second_approval_above is None else f"{shown.second_approval_above / 10000:f}"
    form = ApprovalForm(above=above.rstrip("0").rstrip(".") if "." in above else above)
    return render_template("accounts/bidding.html", form=form, organisation=shown, members=queries.members(shown.id))


@blueprint.post("/organisation/bidding", endpoint="bidding_post")
@requires(Permission.ORG_MANAGE)
def bidding_post() -> ResponseReturnValue:
    """Set the amount from which a second person approves."""
    form, shown = ApprovalForm(), own()
    if not form.validate():
        page = render_template(
            "accounts/bidding.html", form=form, organisation=shown, members=queries.members(shown.id)
        )
        return page, 422
    services.set_second_approval(current_actor(), shown, form.above.amount)
    return done(_("Saved. It holds for every bid from now on."), "accounts.bidding")
