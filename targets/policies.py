"""Who may set what the turnover is measured against."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission


def can_set(actor: Actor) -> Decision:
    """Supervisors set windows and targets; everyone reads them."""
    if actor.can(Permission.TARGET_SET):
        return ALLOWED
    return Denied(_l("Only a supervisor may set windows."))
