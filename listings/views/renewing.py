"""Noting that a right's annual fees are paid; what a lapse took off the board goes back by it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.clock import today
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import policies, services
from ..forms import RenewForm
from ..models import Listing
from ..services.rights import lapsed
from . import blueprint
from .desk import owned


@blueprint.get("/desk/listings/<number>/fees", endpoint="renew")
@requires(Permission.ORG_READ)
def renew(number: str) -> ResponseReturnValue:
    """Show the patents with the day up to which their fees are paid."""
    listing = owned(number)
    policies.can_renew(current_actor(), listing).check()
    return _page(listing, RenewForm(formdata=None))


def _page(listing: Listing, form: RenewForm, status: int = 200) -> ResponseReturnValue:
    form.offer(listing)
    page = render_template("listings/renew.html", listing=listing, form=form, lapsed=lapsed(listing, today()))
    return page, status


@blueprint.post("/desk/listings/<number>/fees", endpoint="renew_post")
@requires(Permission.ORG_READ)
def renew_post(number: str) -> ResponseReturnValue:
    """Note the new day."""
    listing, form = owned(number), RenewForm()
    form.offer(listing)
    try:
        require_valid(form)
        back = services.renew_right(current_actor(), listing, form.item.data, form.paid_to.day)
    except Invalid as error:
        attach(form, error)
        return _page(listing, form, 422)
    said = _("Noted. The result is on the board again.") if back else _("Noted.")
    return done(said, "listings.manage", number=number)
