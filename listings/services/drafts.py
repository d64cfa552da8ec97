"""Writing: a result is begun, saved step by step, given its rights and its attachments, or thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import IO, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from accounts.models import Organisation
from marketplace import audit, clock, files
from marketplace.db import db
from marketplace.errors import Invalid, NotFound
from marketplace.file_types import DOCUMENTS, IMAGES
from marketplace.files import StoredFile, Visibility
from marketplace.numbers import next_number
from marketplace.permissions import Actor, Denied, Permission
from marketplace.states import history

from .. import ip_rules, policies, rules
from ..errors import NotEditable
from ..models import IpItem, Listing, Sale
from ..states import LISTING, ListingState
from ..values import IpValues
from .common import lock

#: What a seller writes; everything else of a result is written by steps.
FIELDS = frozenset(
    {
        "title", "summary", "problem", "current_solution", "advantages", "applications", "keywords",
        "inventors", "co_owners", "contact_name", "contact_phone", "contact_email", "funding_source",
        "registration_no", "security_class", "field", "region", "trl", "phase", "transfer_modes",
        "licence_term", "territory", "price_mode", "price", "payment_terms", "buyer_conditions",
    }
)  # fmt: skip


def create_draft(
    actor: Actor,
    organisation: Organisation,
    values: Mapping[str, Any] | None = None,
    *,
    import_hash: str = "",
    sample: bool = False,
) -> Listing:
    """Begin a result of this organisation.

    Raises:
        Forbidden: the actor edits for another organisation, or not at all.
    """
    if not (actor.acts_for(organisation.id) and actor.can(Permission.LISTING_EDIT)):
        Denied(_l("Only an editor of the owner may do this.")).check()
    given = {
        "region": organisation.region,
        "contact_name": organisation.contact_name,
        "contact_phone": organisation.contact_phone,
        "contact_email": organisation.contact_email,
        **_known(values or {}),
    }
    listing = Listing(
        number=next_number("CG"),
        organisation=organisation,
        organisation_id=organisation.id,
        state=LISTING.start,
        created_by_id=actor.user_id,
        editors=[] if actor.user_id is None else [actor.user_id],
        import_hash=import_hash,
        sample=sample or organisation.sample,
        **given,
    )
    db.session.add(listing)
    audit.record(actor, "listing.create", listing, after={"title": listing.title})
    return listing


def save_draft(actor: Actor, listing: Listing, values: Mapping[str, Any]) -> bool:
    """Write the given fields; True if anything changed. An incomplete draft is saved as it is.

    Raises:
        Forbidden: the actor may not edit it, or it is not open for editing.
    """
    listing = lock(listing)
    policies.can_edit(actor, listing).check()
    before, after = audit.changes(listing, _known(values))
    if not after:
        return False
    for name, value in after.items():
        setattr(listing, name, value)
    touched(actor, listing)
    audit.record(actor, "listing.save", listing, before, after)
    return True


def touched(actor: Actor, listing: Listing) -> None:
    """Note who wrote in the draft: they may not approve it."""
    listing.updated_at = clock.db_now()
    if actor.user_id is not None and actor.user_id not in listing.editors:
        listing.editors = [*listing.editors, actor.user_id]


def set_ip_items(actor: Actor, listing: Listing, items: Sequence[IpValues]) -> bool:
    """Replace the IP items; True if anything changed."""
    listing = lock(listing)
    policies.can_edit(actor, listing).check()
    if len(items) > rules.MAX_ROWS:
        raise Invalid(_l("At most %(count)s rights."), count=rules.MAX_ROWS)
    before = [values_of(item) for item in listing.ip_items]
    after = list(items)
    if before == after:
        return False
    listing.ip_items = [
        IpItem(position=place, number_key=ip_rules.number_key(item.number), **asdict(item))
        for place, item in enumerate(after, 1)
    ]
    touched(actor, listing)
    audit.record(
        actor,
        "listing.save_rights",
        listing,
        {"ip_items": [asdict(item) for item in before]},
        {"ip_items": [asdict(item) for item in after]},
    )
    return True


def values_of(item: IpItem) -> IpValues:
    """A stored item as values."""
    return IpValues(**{name: getattr(item, name) for name in IpValues.__slots__})


def add_file(actor: Actor, listing: Listing, stream: IO[bytes], filename: str, visibility: Visibility) -> StoredFile:
    """Attach a document or a picture.

    Raises:
        Invalid: it is no document or picture, or too large.
    """
    listing = lock(listing)
    policies.can_edit(actor, listing).check()
    stored = files.store(stream, filename, owner=listing, visibility=visibility, actor=actor, kinds=DOCUMENTS | IMAGES)
    touched(actor, listing)
    audit.record(actor, "listing.attach", listing, after={"file": stored.name, "visibility": visibility})
    return stored


def remove_file(actor: Actor, listing: Listing, file_id: int) -> None:
    """Take an attachment off.

    Raises:
        NotFound: it is not one of this result.
    """
    listing = lock(listing)
    policies.can_edit(actor, listing).check()
    stored = next((one for one in files.owned_by(listing) if one.id == file_id), None)
    if stored is None:
        raise NotFound
    touched(actor, listing)
    audit.record(actor, "listing.detach", listing, before={"file": stored.name})
    files.discard(stored)


def discard(actor: Actor, listing: Listing) -> None:
    """Throw a draft away that nobody but its organisation ever saw. Its audit trail stays.

    Raises:
        Conflict: it has been submitted before; it can be withdrawn instead.
    """
    listing = lock(listing)
    policies.can_edit(actor, listing).check()
    if listing.state is not ListingState.DRAFT or history(listing):
        raise NotEditable(_l("It has been submitted before: withdraw it instead."))
    for stored in files.owned_by(listing):
        files.discard(stored)
    db.session.execute(delete(Sale).where(Sale.listing_id == listing.id))
    audit.record(actor, "listing.discard", listing, before={"title": listing.title})
    db.session.delete(listing)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - FIELDS
    if unknown:
        raise TypeError(f"not fields of a draft: {sorted(unknown)}")
    return dict(values)
