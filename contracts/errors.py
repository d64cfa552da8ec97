"""What a contract may run into, in the field's words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.errors import Conflict, Forbidden, Invalid


class ContractChanged(Conflict):
    code = "contract_changed"
    message = _l("The other side changed the contract meanwhile. Look at the present text and try again.")


class AlreadySigned(Conflict):
    code = "already_signed"
    message = _l("Your side has signed already.")


class AlreadyConfirmed(Conflict):
    code = "already_confirmed"
    message = _l("Your side has confirmed already.")


class OwnText(Forbidden):
    code = "own_text"
    message = _l("Another member must sign: you wrote in this contract yourself.")


class Incomplete(Invalid):
    code = "contract_incomplete"
    message = _l("The contract is not complete yet.")


class NoTerm(Conflict):
    code = "no_registration_term"
    message = _l("No term for decisions is set for this day.")
