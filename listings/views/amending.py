"""Changing the public text of a result that stays on the board: a new version, with its reason, for all to compare."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import policies, services
from ..forms import AmendForm
from . import blueprint
from .desk import owned


@blueprint.get("/desk/listings/<number>/amend", endpoint="amend")
@requires(Permission.LISTING_APPROVE)
def amend(number: str) -> ResponseReturnValue:
    """Show the public text to change."""
    listing = owned(number)
    policies.can_amend(current_actor(), listing).check()
    form = AmendForm(formdata=None, obj=listing)
    form.keywords.data = "；".join(listing.keywords)
    return render_template("listings/amend.html", listing=listing, form=form)


@blueprint.post("/desk/listings/<number>/amend", endpoint="amend_post")
@requires(Permission.LISTING_APPROVE)
def amend_post(number: str) -> ResponseReturnValue:
    """Publish the change."""
    listing, form = owned(number), AmendForm()
    try:
        require_valid(form)
        services.amend(current_actor(), listing, form.values(), form.reason.data)
    except Invalid as error:
        attach(form, error)
        return render_template("listings/amend.html", listing=listing, form=form), 422
    return done(_("Amended. The public sees the new version."), "listings.detail", number=number)
