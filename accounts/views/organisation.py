"""The organisation one acts for: registered, described, proved by documents, submitted for verification."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.edge import current_actor, done, found
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import login, policies, queries, rules, services
from ..forms import DocumentForm, OrganisationForm
from ..models import Organisation
from ..services.organisations import EDITABLE, IDENTITY
from ..states import DocumentKind
from . import blueprint


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
    return _page(own(), DocumentForm())


def _page(shown: Organisation, form: DocumentForm, status: int = 200) -> ResponseReturnValue:
    actor, papers = current_actor(), queries.documents(shown.id)
    page = render_template(
        "accounts/organisation.html",
        organisation=shown,
        members=queries.members(shown.id),
        invitations=queries.open_invitations(shown.id),
        documents=papers if actor.can(Permission.ORG_MANAGE) else [],
        missing=rules.missing_for_verification(shown, {one.kind for one in papers}),
        manages=policies.can_manage(actor, shown),
        editable=shown.state in EDITABLE,
        document_form=form,
    )
    return page, status


def _edit_form(shown: Organisation) -> OrganisationForm:
    """The form as it stands; what was submitted is no longer among its fields."""
    form = OrganisationForm(obj=shown)
    if shown.state not in EDITABLE:
        for name in IDENTITY:
            del form[name]
    return form


@blueprint.get("/organisation/edit", endpoint="edit_organisation")
@requires(Permission.ORG_MANAGE)
def edit_organisation() -> ResponseReturnValue:
    """Ask for changes."""
    shown = own()
    return render_template("accounts/organisation_form.html", form=_edit_form(shown), organisation=shown)


@blueprint.post("/organisation/edit", endpoint="edit_organisation_post")
@requires(Permission.ORG_MANAGE)
def edit_organisation_post() -> ResponseReturnValue:
    """Save changes."""
    shown = own()
    form = _edit_form(shown)
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
    try:
        require_valid(form)
        services.add_document(current_actor(), shown, form.file.data, DocumentKind(form.kind.data))
    except Invalid as error:
        attach(form, error)
        return _page(shown, form, 422)
    return done(_("The document is kept."), "accounts.organisation", _anchor="documents")


@blueprint.post("/organisation/documents/<int:document_id>/remove", endpoint="remove_document")
@requires(Permission.ORG_MANAGE)
def remove_document(document_id: int) -> ResponseReturnValue:
    """Take a document back."""
    shown = own()
    services.remove_document(current_actor(), shown, found(queries.document(shown.id, document_id)))
    return done(_("The document is removed."), "accounts.organisation", _anchor="documents")


@blueprint.post("/organisation/submit", endpoint="submit_organisation")
@requires(Permission.ORG_MANAGE)
def submit_organisation() -> ResponseReturnValue:
    """Ask for verification."""
    services.submit_organisation(current_actor(), own())
    return done(_("Submitted. A reviewer looks at it; you will be told."), "accounts.organisation")
