"""Rights that lapse while their result is for sale: off the board until the fee is paid, then back on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_, select

from marketplace import audit, clock
from marketplace.db import db, unit_of_work
from marketplace.errors import Invalid, NotFound
from marketplace.facts import ListingChanged, ListingListed
from marketplace.outbox import publish
from marketplace.permissions import SYSTEM, Actor

from .. import ip_rules, notifications, policies
from ..kinds import PATENTS, IpStatus
from ..models import IpItem, Listing
from ..states import OPEN, ListingAction, ListingState
from .common import about, lock, step, write_version

log = structlog.get_logger(__name__)
#: No patent's term is shorter.
SHORTEST_TERM_YEARS = 10


def lapsed(listing: Listing, today: date) -> list[IpItem]:
    """Its rights that have lapsed."""
    return [item for item in listing.ip_items if ip_rules.lapse(item, today)]


def suspend_lapsed(limit: int = 500) -> int:
    """Take results off the board whose rights lapsed; tell of those that are just being sold. Returns how many left.

    One transaction each. Run again it finds nothing new: a suspended result is off the board, a notice is told once.
    """
    query = select(Listing.id).join(Listing.ip_items).where(Listing.state.in_(OPEN), _perhaps_lapsed(clock.today()))
    ids = list(db.session.scalars(query.distinct().order_by(Listing.id).limit(limit)))
    db.session.rollback()
    done = 0
    for listing_id in ids:
        try:
            with unit_of_work():
                done += _suspend(lock(db.session.get_one(Listing, listing_id)))
        except Exception:
            log.exception("right_lapsed_failed", listing=listing_id)
    return done


def _perhaps_lapsed(today: date) -> ColumnElement[bool]:
    """What `ip_rules.lapse` looks at; the exact term is asked of each afterwards."""
    earliest = today.replace(year=today.year - SHORTEST_TERM_YEARS, day=min(today.day, 28))
    unpaid = and_(IpItem.fee_paid_to < today, IpItem.status.not_in(ip_rules.NOT_YET_GRANTED))
    return and_(IpItem.kind.in_(PATENTS), or_(IpItem.status == IpStatus.LAPSED, unpaid, IpItem.filed_on <= earliest))


def _suspend(listing: Listing) -> bool:
    found = lapsed(listing, clock.today())
    if not found:
        return False
    if listing.state is not ListingState.LISTED:
        # An auction or a publicity that runs is for people to stop; they are told.
        notifications.right_lapsed(listing, found[0])
        return False
    reason = str(_l("A right has lapsed: %(rights)s", rights="、".join(item.number or item.title for item in found)))
    step(listing, ListingAction.SUSPEND, SYSTEM, reason)
    listing.rights_lapsed = True
    publish(ListingChanged(**about(listing)))
    notifications.suspended(listing, reason)
    return True


def renew_right(actor: Actor, listing: Listing, item_id: int, paid_to: date | None) -> bool:
    """Note until when a right's annual fees are paid, as a new version; True if the result is on the board again.

    Raises:
        NotFound: it is no right of this result.
        Invalid: the day is not later than the one known, in the past, or after the right's term.
    """
    listing = lock(listing)
    policies.can_renew(actor, listing).check()
    item = next((one for one in listing.ip_items if one.id == item_id), None)
    if item is None:
        raise NotFound
    _check(item, paid_to, clock.today())
    before = {"right": item.number, "fee_paid_to": item.fee_paid_to}
    item.fee_paid_to = paid_to
    audit.record(actor, "listing.renew_right", listing, before, {"fee_paid_to": paid_to})
    if listing.version:
        write_version(actor, listing, str(_l("Annual fees paid: %(number)s", number=item.number)))
        publish(ListingChanged(**about(listing)))
    return _resume(listing)


def _check(item: IpItem, paid_to: date | None, today: date) -> None:
    last = ip_rules.expires_on(item.kind, item.filed_on)
    if paid_to is None:
        raise Invalid(fields={"paid_to": [_l("Give the day up to which the fees are paid.")]})
    if paid_to < today or (item.fee_paid_to and paid_to <= item.fee_paid_to):
        raise Invalid(fields={"paid_to": [_l("This day is not later than what was paid before.")]})
    if last and paid_to > last:
        raise Invalid(fields={"paid_to": [_l("The term of this right ends before this day.")]})


def _resume(listing: Listing) -> bool:
    """What the lapse took off the board goes back by itself; what a person suspended waits for that person."""
    if not listing.rights_lapsed or listing.state is not ListingState.SUSPENDED or lapsed(listing, clock.today()):
        return False
    step(listing, ListingAction.RESUME, SYSTEM, str(_l("The fees are paid again")))
    listing.rights_lapsed = False
    publish(ListingListed(**about(listing)))
    notifications.listed(listing)
    return True


def refuse_while_lapsed(rights: Iterable[IpItem], today: date) -> None:
    """Nothing goes back on the board with a right that has lapsed.

    Raises:
        Invalid: one has.
    """
    if any(ip_rules.lapse(item, today) for item in rights):
        raise Invalid(fields={"reason": [_l("A right has lapsed: note first that its fees are paid.")]})
