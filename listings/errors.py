"""What sellers, buyers and reviewers may run into, in the product's words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.errors import Conflict, Invalid


class Incomplete(Conflict):
    """The checklist of the result still has open points."""

    code = "listing_incomplete"
    message = _l("Something is still missing: see the checklist.")


class NotEditable(Conflict):
    code = "listing_not_editable"
    message = _l("This result is not open for editing in its present state.")


class BuyerHasNotConfirmed(Conflict):
    code = "buyer_has_not_confirmed"
    message = _l("The buyer has not confirmed the sale yet.")


class ObjectionOpen(Conflict):
    code = "objection_open"
    message = _l("An objection is open: it must be decided first.")


class NoPublicity(Conflict):
    code = "no_publicity"
    message = _l("No publicity is running for this result.")


class NotThisBuyer(Invalid):
    code = "not_this_buyer"
    message = _l("This organisation cannot be the buyer.")


class ReasonNeeded(Invalid):
    """A decision against somebody is given with its reason."""

    code = "reason_needed"
    message = _l("Give the reason: it is shown to whom it concerns.")
