"""Who may do what, read from the tables that decide it."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from marketplace.permissions import public

from ..roles import ORG_PERMISSIONS, ROLE_LABELS, STAFF_PERMISSIONS, labels_of, permissions_of
from . import blueprint


@blueprint.get("/help/roles", endpoint="roles")
@public
def roles() -> str:
    """Show every role with what it may do."""
    everybody = [(_("Everybody signed in"), labels_of(permissions_of(frozenset(), frozenset())))]
    members = [(ROLE_LABELS[role], labels_of(granted)) for role, granted in ORG_PERMISSIONS.items()]
    staff = [(ROLE_LABELS[role], labels_of(granted)) for role, granted in STAFF_PERMISSIONS.items()]
    tables = [
        (_("Everybody"), _("Reading is open to everybody, signed in or not."), everybody),
        (_("Members of an organisation"), _("Given by its manager; a member may have several."), members),
        (_("Staff of the exchange"), _("Given by an operator; only with a second factor."), staff),
    ]
    return render_template("accounts/roles.html", tables=tables)
