"""What several use cases of results share: the lock, the checklist, the public version, the present sale."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.queries import get_organisation
from marketplace import audit, clock, files
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import ListingListed
from marketplace.outbox import publish
from marketplace.permissions import Actor
from marketplace.states import move

from .. import rules, search
from ..deal_states import SaleState
from ..errors import ReasonNeeded
from ..models import Listing, ListingVersion, Sale
from ..snapshot import snapshot
from ..states import LISTING, ListingAction

CURRENT_SALE = (SaleState.PROPOSED, SaleState.CONFIRMED, SaleState.AGREED)


def lock(listing: Listing) -> Listing:
    """Hold the result's row until the transaction ends and read it anew."""
    db.session.flush()
    return db.session.get_one(
        Listing,
        listing.id,
        options=[joinedload(Listing.organisation)],
        with_for_update={"of": Listing},
        populate_existing=True,
    )


def step(listing: Listing, action: ListingAction, actor: Actor, reason: str = "", **facts: Any) -> None:
    """One step of the machine with its audit entry."""
    before = listing.state
    move(listing, LISTING, action, actor, reason)
    listing.updated_at = clock.db_now()
    after = {"state": listing.state, **({"reason": reason} if reason else {}), **facts}
    audit.record(actor, f"listing.{action.value}", listing, {"state": before}, after)


def needed(reason: str, field: str = "reason") -> str:
    """The reason given, without which a decision against somebody is not taken.

    Raises:
        Invalid: it is empty.
    """
    if not reason.strip():
        raise ReasonNeeded(fields={field: [ReasonNeeded.message]})
    return reason.strip()


def current_sale(listing: Listing) -> Sale | None:
    """The sale by agreement that stands, if any."""
    query = select(Sale).where(Sale.listing_id == listing.id, Sale.state.in_(CURRENT_SALE))
    return db.session.scalars(query).one_or_none()


def checklist(listing: Listing) -> list[rules.Point]:
    """The checklist of a stored result."""
    sale = current_sale(listing)
    attached = len(files.owned_by(listing))
    return rules.checklist(listing, listing.ip_items, files=attached, sale=sale is not None, today=clock.today())


def write_version(actor: Actor, listing: Listing, reason: str = "") -> bool:
    """Keep what the public reads from now on; False if it reads as the version before."""
    taken = snapshot(listing, listing.ip_items)
    query = select(ListingVersion).where(ListingVersion.listing_id == listing.id)
    last = db.session.scalars(query.order_by(ListingVersion.version.desc()).limit(1)).first()
    if last is not None and last.snapshot == taken:
        return False
    listing.version = (last.version if last else 0) + 1
    db.session.add(
        ListingVersion(
            listing_id=listing.id,
            version=listing.version,
            snapshot=taken,
            reason=reason,
            actor_id=actor.user_id,
            actor_name=actor.name,
        )
    )
    return True


def reindex(listing: Listing) -> None:
    """Write what the search finds the result by."""
    organisation = get_organisation(listing.organisation_id)
    parts = search.parts_of(listing, organisation.name if organisation else "", listing.ip_items)
    listing.search = search.vector(search.document(parts))


def reindex_of(organisation_id: int) -> int:
    """Write anew what the search finds an organisation's published results by; returns how many."""
    query = select(Listing).where(Listing.organisation_id == organisation_id, Listing.version > 0)
    found = list(db.session.scalars(query.order_by(Listing.id).with_for_update()))
    for listing in found:
        reindex(listing)
    return len(found)


def make_public(actor: Actor, listing: Listing, reason: str = "") -> None:
    """Keep the version, index it, and note since when it is public."""
    write_version(actor, listing, reason)
    reindex(listing)
    listing.public_at = clock.db_now()


def put_on_board(actor: Actor, listing: Listing, reason: str = "") -> None:
    """The step that makes a result for sale to all."""
    step(listing, ListingAction.PUBLISH, actor, reason)
    make_public(actor, listing, reason)
    listing.listed_at = listing.public_at
    publish(ListingListed(**about(listing)))


def about(listing: Listing) -> dict[str, Any]:
    """The part common to all facts about a result."""
    return {"listing_id": listing.id, "number": listing.number, "organisation_id": listing.organisation_id}


def positive(price: Any) -> Any:
    """The price, if it is one.

    Raises:
        Invalid: nothing, or not above zero.
    """
    if price is None or price <= 0:
        raise Invalid(fields={"price": [_l("Give a price above zero.")]})
    return price
