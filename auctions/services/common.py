"""What the services of auctions share: the lock, and a reason that must be given."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from marketplace.db import db
from marketplace.errors import Invalid

from ..models import Auction


def lock(auction: Auction) -> Auction:
    """Lock the auction's row as the desk and the closer do, and read it anew (its seller, joined in, stays unlocked)."""
    db.session.flush()
    db.session.refresh(auction, with_for_update={"of": Auction})
    return auction


def needed(reason: str) -> str:
    """The reason without blanks around it.

    Raises:
        Invalid: none is given.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Say why.")]})
    return reason.strip()
