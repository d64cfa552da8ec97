"""States of an organisation on its way to being allowed to list and bid."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.states import machine


class OrganisationState(enum.StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    RETURNED = "returned"
    SUSPENDED = "suspended"


class OrganisationAction(enum.StrEnum):
    SUBMIT = "submit"
    VERIFY = "verify"
    RETURN = "return"
    SUSPEND = "suspend"
    RESTORE = "restore"


class TokenPurpose(enum.StrEnum):
    """What a mailed link is for."""

    CONFIRM = "confirm_email"
    RESET = "reset_password"
    INVITE = "invitation"


class DocumentKind(enum.StrEnum):
    """What a paper of an organisation proves."""

    CERTIFICATE = "certificate"
    AUTHORISATION = "authorisation"
    OTHER = "other"


DOCUMENT_LABELS = {
    DocumentKind.CERTIFICATE: _l("Certificate of registration"),
    DocumentKind.AUTHORISATION: _l("Letter of authorisation for the manager"),
    DocumentKind.OTHER: _l("Other document"),
}

LABELS = {
    OrganisationState.DRAFT: _l("Not submitted"),
    OrganisationState.SUBMITTED: _l("Waiting for verification"),
    OrganisationState.VERIFIED: _l("Verified"),
    OrganisationState.RETURNED: _l("Returned for correction"),
    OrganisationState.SUSPENDED: _l("Suspended"),
}

_S, _A = OrganisationState, OrganisationAction

ORGANISATION = machine(
    "organisation",
    _S.DRAFT,
    {
        (_S.DRAFT, _A.SUBMIT): _S.SUBMITTED,
        (_S.RETURNED, _A.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _A.VERIFY): _S.VERIFIED,
        (_S.SUBMITTED, _A.RETURN): _S.RETURNED,
        (_S.VERIFIED, _A.SUSPEND): _S.SUSPENDED,
        (_S.SUSPENDED, _A.RESTORE): _S.VERIFIED,
    },
)
