"""Reads about results, for this package's pages and for the packages above. The catalogue is in `catalogue`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Organisation, User
from marketplace import audit, files, people
from marketplace.audit import AuditEntry
from marketplace.db import db
from marketplace.files import StoredFile, Visibility
from marketplace.permissions import Actor
from marketplace.states import StateChange, history

from .. import policies
from ..deal_states import AccessState
from ..kinds import PriceMode
from ..models import Access, Listing, ListingImport, ListingReview, ListingVersion
from ..services import handing_over
from ..states import OPEN, PUBLIC, ListingState

WITH_OWNER = joinedload(Listing.organisation)
_WHOLE = (WITH_OWNER, selectinload(Listing.ip_items))


def get_listing(listing_id: int) -> Listing | None:
    """A result by id, with its owner and rights."""
    # A query, since `get` would hand back one that is known already without what was not read with it.
    return db.session.scalars(select(Listing).where(Listing.id == listing_id).options(*_WHOLE)).unique().one_or_none()


def listings(ids: Iterable[int | None]) -> dict[int, Listing]:
    """Results by id with their owners, in one query."""
    wanted = {one for one in ids if one is not None}
    query = select(Listing).where(Listing.id.in_(wanted)).options(joinedload(Listing.organisation))
    return {listing.id: listing for listing in db.session.scalars(query)}


def by_number(number: str) -> Listing | None:
    """A result by its public number, whatever its state."""
    query = select(Listing).where(Listing.number == number.upper()).options(*_WHOLE)
    return db.session.scalars(query).one_or_none()


def get_public(number: str) -> Listing | None:
    """A result that everybody may read."""
    found = by_number(number)
    return found if found is not None and found.state in PUBLIC else None


def visible(actor: Actor, number: str) -> Listing | None:
    """A result that this actor may read."""
    found = by_number(number)
    return found if found is not None and policies.can_see(actor, found) else None


def owned(actor: Actor, number: str) -> Listing | None:
    """A result of the organisation acted for; any other is as if it were not."""
    found = by_number(number)
    return found if found is not None and actor.acts_for(found.organisation_id) else None


def for_auction(actor: Actor) -> list[Listing]:
    """The actor's own results that may go to auction, the newest first."""
    query = (
        select(Listing)
        .where(
            Listing.organisation_id == actor.organisation_id,
            Listing.state == ListingState.LISTED,
            Listing.price_mode == PriceMode.AUCTION,
        )
        .options(joinedload(Listing.organisation))
        .order_by(Listing.listed_at.desc(), Listing.id.desc())
    )
    return list(db.session.scalars(query))


def newest(limit: int = 6) -> list[Listing]:
    """What came onto the board last, for the home page."""
    query = (
        select(Listing)
        .where(Listing.state.in_([ListingState.LISTED, ListingState.PUBLICITY, ListingState.BIDDING]))
        .options(joinedload(Listing.organisation))
        .order_by(Listing.public_at.desc(), Listing.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))


def owned_query(actor: Actor) -> Select[Any]:
    """All results of the organisation acted for."""
    return select(Listing).where(Listing.organisation_id == actor.organisation_id)


def counts(actor: Actor) -> dict[ListingState, int]:
    """How many results the organisation acted for has in each state."""
    query = (
        select(Listing.state, func.count())
        .where(Listing.organisation_id == actor.organisation_id)
        .group_by(Listing.state)
    )
    return {state: count for state, count in db.session.execute(query)}  # noqa: C416 - rows, not pairs


def to_work_on(actor: Actor, states: Sequence[ListingState], limit: int = 5) -> list[Listing]:
    """The organisation's results in these states, in the order of the states, the latest change first."""
    query = owned_query(actor).where(Listing.state.in_(states)).order_by(Listing.state, Listing.updated_at.desc())
    return list(db.session.scalars(query.limit(limit)))


def field_counts(limit: int = 6) -> list[tuple[str, int]]:
    """The industry fields with most results on the board."""
    query = select(Listing.field, func.count()).where(Listing.state.in_(OPEN), Listing.field != "")
    ordered = query.group_by(Listing.field).order_by(func.count().desc(), Listing.field).limit(limit)
    return [(code, count) for code, count in db.session.execute(ordered)]


def waiting_query(state: ListingState) -> Select[Any]:
    """Results in a queue with their owners; the longest waiting first."""
    query = select(Listing).where(Listing.state == state).options(joinedload(Listing.organisation))
    return query.order_by(Listing.submitted_at.asc().nulls_last(), Listing.id)


def read(query: Select[Any]) -> list[Listing]:
    """The results of a query."""
    return list(db.session.scalars(query))


def waiting_for_approval(actor: Actor) -> list[Listing]:
    """What the actor's organisation has to decide."""
    return in_org_review(actor.organisation_id or 0)


def looked_after(organisation_id: int, person: User) -> list[Listing]:
    """What this person keeps for the organisation or is the contact of."""
    query = select(Listing).where(handing_over.looked_after(organisation_id, person))
    return list(db.session.scalars(query.order_by(Listing.id)))


def in_org_review(organisation_id: int) -> list[Listing]:
    """What waits for the organisation's approvers."""
    query = waiting_query(ListingState.ORG_REVIEW).where(Listing.organisation_id == organisation_id)
    return list(db.session.scalars(query))


def count_in(state: ListingState) -> int:
    """How many results are in this state, all organisations together."""
    return int(db.session.execute(select(func.count()).where(Listing.state == state)).scalar_one())


def versions(listing: Listing) -> list[ListingVersion]:
    """Everything the public has read, the newest first."""
    query = select(ListingVersion).where(ListingVersion.listing_id == listing.id)
    return list(db.session.scalars(query.order_by(ListingVersion.version.desc())))


#: Steps that happen before anybody outside may know of them.
_INTERNAL = frozenset({"submit", "recall", "org_approve", "org_return", "return", "reject"})


def public_steps(listing: Listing) -> list[StateChange]:
    """The part of its way that everybody may see, the newest first."""
    return [one for one in steps(listing) if one.action not in _INTERNAL]


def reviews(listing: Listing) -> list[ListingReview]:
    """Decisions of approvers and reviewers, the newest first."""
    query = select(ListingReview).where(ListingReview.listing_id == listing.id)
    return list(db.session.scalars(query.order_by(ListingReview.id.desc())))


def last_return(listing: Listing) -> ListingReview | None:
    """Why it was returned, while it is being corrected."""
    return next((one for one in reviews(listing) if one.decision == "returned"), None)


def steps(listing: Listing) -> list[StateChange]:
    """Its way so far, the newest first."""
    return history(listing)[::-1]


def handovers(listing: Listing) -> list[AuditEntry]:
    """When it went from one member who looked after it to another."""
    return [entry for entry in audit.trail(listing) if entry.action == "listing.hand_over"]


def keeper_name(listing: Listing) -> str:
    """Who looks after it, or an empty text."""
    return people.names([listing.keeper_id]).get(listing.keeper_id or 0, "")


def attachments(listing: Listing, actor: Actor) -> list[tuple[StoredFile, bool]]:
    """Attachments that the actor may know of, each with whether they may open it.

    That something is shown in confidence everybody may know; what only the exchange sees, nobody else.
    """
    private = policies.sees_private(actor, listing)
    granted = private or has_access(listing.id, actor)
    shown = []
    for stored in files.owned_by(listing):
        if stored.visibility is Visibility.PUBLIC or private:
            shown.append((stored, True))
        elif stored.visibility is Visibility.RESTRICTED:
            shown.append((stored, granted))
    return shown


def has_access(listing_id: int, actor: Actor) -> bool:
    """True if the owner let the actor's organisation see what is shown in confidence."""
    if actor.organisation_id is None:
        return False
    query = select(Access.id).where(
        Access.listing_id == listing_id,
        Access.organisation_id == actor.organisation_id,
        Access.state == AccessState.GRANTED,
    )
    return db.session.scalars(query).first() is not None


def can_read_file(actor: Actor, listing_id: int, stored: StoredFile) -> bool:
    """Whether an attachment opens for the actor."""
    listing = get_listing(listing_id)
    if listing is None or not policies.can_see(actor, listing):
        return False
    return any(one.id == stored.id and opens for one, opens in attachments(listing, actor))


def imports(organisation: Organisation, limit: int = 10) -> list[ListingImport]:
    """The organisation's last imports."""
    query = select(ListingImport).where(ListingImport.organisation_id == organisation.id)
    return list(db.session.scalars(query.order_by(ListingImport.id.desc()).limit(limit)))
