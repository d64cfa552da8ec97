"""What people and organisations may run into, in the product's words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.errors import Conflict, Forbidden, Invalid


class WrongCredentials(Invalid):
    """One answer for an unknown address and a wrong password, so that neither can be told apart."""

    code = "wrong_credentials"
    message = _l("The e-mail address or the password is wrong.")


class WrongCode(Invalid):
    code = "wrong_code"
    message = _l("The code is wrong or was used already. Please take the next one.")


class TokenExpired(Conflict):
    code = "token_expired"
    message = _l("This link has expired or was used already. Please ask for a new one.")


class AlreadyKnown(Invalid):
    code = "already_known"
    message = _l("This is already registered.")


class LastManager(Conflict):
    code = "last_manager"
    message = _l("An organisation needs a manager: give somebody else that role first.")


class NotVerified(Forbidden):
    code = "organisation_not_verified"
    message = _l("Your organisation must be verified before it may do this.")
