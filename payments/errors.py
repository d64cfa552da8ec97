"""What people may run into with deposits."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.errors import Conflict, Forbidden, Invalid


class SamePerson(Forbidden):
    """Four eyes: money moves only when two people have looked."""

    code = "same_person"
    message = _l("A second person must do this: you did the step before it.")


class ReceiptIncomplete(Conflict):
    code = "receipt_incomplete"
    message = _l("Less than the deposit has arrived. It can be confirmed when the rest is here, or be released.")


class ReasonNeeded(Invalid):
    code = "reason_needed"
    message = _l("This receipt is flagged: say why it may stand all the same.")


class BankReferenceUsed(Invalid):
    code = "bank_reference_used"
    message = _l("This bank reference was recorded already.")


class NothingPrepared(Conflict):
    code = "nothing_prepared"
    message = _l("Nobody has prepared this step for this deposit.")


class TooMuchReturned(Invalid):
    code = "too_much_returned"
    message = _l("More than the deposit still holds cannot be paid back.")
