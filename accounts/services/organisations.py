"""Organisations as their own members keep them: registered, described, proved by documents, submitted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from marketplace import audit, files
from marketplace.db import db
from marketplace.errors import Conflict, Invalid
from marketplace.facts import OrganisationRenamed
from marketplace.file_types import IMAGES, PDF
from marketplace.outbox import publish
from marketplace.permissions import Actor
from marketplace.regions import REGIONS

from .. import notifications, policies
from ..errors import AlreadyKnown
from ..models import Membership, Organisation, OrganisationDocument
from ..queries import documents, organisation_by_uscc
from ..roles import OrganisationKind, OrgRole
from ..rules import clean_uscc, missing_for_verification
from ..states import DocumentKind, OrganisationAction, OrganisationState
from .people import unless_taken
from .standing import move, require_free_name

#: What the exchange verified. Once submitted, nobody changes it unseen.
IDENTITY = ("name", "kind", "uscc", "legal_representative")
EDITABLE = (OrganisationState.DRAFT, OrganisationState.RETURNED)
PAPERS = frozenset({PDF, *IMAGES})


def create_organisation(
    actor: Actor, *, name: str, kind: OrganisationKind, uscc: str, region: str, **details: Any
) -> Organisation:
    """Register an organisation; who registers it is its first manager.

    Raises:
        Invalid: the USCC's check character does not fit, or the region is unknown.
        AlreadyKnown: the USCC or the name is registered.
    """
    code = _valid_uscc(uscc)
    if region not in REGIONS:
        raise Invalid(fields={"region": [_l("Choose a region from the list.")]})
    known = AlreadyKnown(fields={"uscc": [_l("This code is registered. Ask a manager there to invite you.")]})
    if organisation_by_uscc(code) is not None:
        raise known
    require_free_name(name)
    organisation = Organisation(
        name=name.strip(), kind=kind, uscc=code, region=region, created_by_id=actor.user_id, **details
    )
    with unless_taken(known):
        db.session.add(organisation)
    if actor.user_id is not None:
        first = [OrgRole.MANAGER.value]
        db.session.add(Membership(user_id=actor.user_id, organisation_id=organisation.id, roles=first))
    after = {"name": organisation.name, "uscc": code, "kind": kind.value, "region": region}
    audit.record(actor, "organisation.created", organisation, after=after, label=organisation.name)
    return organisation


def _valid_uscc(text: str) -> str:
    code = clean_uscc(text)
    if code is None:
        raise Invalid(fields={"uscc": [_l("The check character does not fit: compare all 18 characters.")]})
    return code


def update_organisation(actor: Actor, organisation: Organisation, values: dict[str, Any]) -> None:
    """Change what an organisation says of itself.

    Raises:
        Conflict: it would change what a reviewer verified, or is about to.
    """
    policies.can_manage(actor, organisation).check()
    if "uscc" in values:
        values = {**values, "uscc": _valid_uscc(values["uscc"])}
    before, after = audit.changes(organisation, values)
    if organisation.state not in EDITABLE and set(after) & set(IDENTITY):
        raise Conflict(_l("Name, kind, code and legal representative were submitted. Ask the exchange to change them."))
    if "name" in after:
        require_free_name(values["name"])
    known = AlreadyKnown(fields={"uscc": [_l("This code or name is registered already.")]})
    with unless_taken(known):
        for key, value in values.items():
            setattr(organisation, key, value)
    if after:
        audit.record(actor, "organisation.updated", organisation, before, after, label=organisation.name)
    if "name" in after:
        publish(OrganisationRenamed(organisation_id=organisation.id, old_name=before["name"], name=organisation.name))


def add_document(
    actor: Actor, organisation: Organisation, upload: FileStorage, kind: DocumentKind
) -> OrganisationDocument:
    """Keep a paper that proves the registration.

    Raises:
        Invalid: empty, too large, or neither a PDF nor a picture.
    """
    policies.can_manage(actor, organisation).check()
    try:
        file = files.store(
            upload.stream, upload.filename, owner=organisation, visibility="private", actor=actor, kinds=PAPERS
        )
    except Invalid as error:
        raise Invalid(fields={"file": [str(error)]}) from None
    document = OrganisationDocument(organisation_id=organisation.id, kind=kind, file_id=file.id)
    db.session.add(document)
    after = {"document": file.name, "kind": kind, "sha256": file.sha256}
    audit.record(actor, "organisation.document_added", organisation, after=after, label=organisation.name)
    return document


def remove_document(actor: Actor, organisation: Organisation, document: OrganisationDocument) -> None:
    """Take a paper back, as long as nobody has been asked to rely on it.

    Raises:
        Conflict: the registration was submitted.
    """
    policies.can_manage(actor, organisation).check()
    if organisation.state not in EDITABLE:
        raise Conflict(_l("Submitted papers stay. Add the right one beside it."))
    before = {"document": document.file.name, "sha256": document.file.sha256}
    file = document.file
    db.session.delete(document)
    db.session.flush()
    files.discard(file)
    audit.record(actor, "organisation.document_removed", organisation, before=before, label=organisation.name)


def submit_organisation(actor: Actor, organisation: Organisation) -> None:
    """Ask the exchange to verify the organisation.

    Raises:
        Invalid: something required is missing.
    """
    policies.can_manage(actor, organisation).check()
    kinds = {document.kind for document in documents(organisation.id)}
    if missing_for_verification(organisation, kinds):
        raise Invalid(_l("Fill in what is missing first."))
    move(actor, organisation, OrganisationAction.SUBMIT)
    notifications.organisation_submitted(organisation)


def set_second_approval(actor: Actor, organisation: Organisation, above: Decimal | None) -> None:
    """From which amount a bid needs a second person of the organisation; None: never."""
    policies.can_manage(actor, organisation).check()
    before, after = audit.changes(organisation, {"second_approval_above": above})
    organisation.second_approval_above = above
    if after:
        audit.record(actor, "organisation.second_approval", organisation, before, after, label=organisation.name)
