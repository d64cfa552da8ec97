"""A file's rows as drafts: in bulk, once each, with a report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts.models import Organisation
from marketplace import audit
from marketplace.db import db
from marketplace.numbers import reserve_numbers
from marketplace.permissions import Actor, Denied, Permission

from .. import ip_rules
from ..models import IpItem, Listing, ListingImport
from ..reading import Problem, Reading, Row
from ..states import LISTING


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking in a file would do."""

    new: list[Row]
    #: Rows that are here already, or stand twice in the file.
    unchanged: int
    failed: int
    problems: list[Problem]

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.new) + self.unchanged + self.failed


def plan(organisation: Organisation, reading: Reading) -> Plan:
    """Tell new rows from those that are here already, changing nothing."""
    known = _known(organisation, [row.hash for row in reading.rows])
    new: list[Row] = []
    unchanged = failed = 0
    twice: list[Problem] = []
    for row in reading.rows:
        if row.blocked:
            failed += 1
        elif row.hash in known:
            unchanged += 1
            if known[row.hash]:
                twice.append(
                    Problem(row.number, "", _l("The same row stands above, in row %(row)s.", row=known[row.hash]))
                )
        else:
            known[row.hash] = row.number
            new.append(row)
    problems = sorted([*reading.problems, *twice], key=lambda problem: problem.row)
    return Plan(new, unchanged, failed, problems)


def _known(organisation: Organisation, hashes: list[str]) -> dict[str, int]:
    """Hashes of rows that this organisation has here, with 0 for a place in the file."""
    query = select(Listing.import_hash).where(
        Listing.organisation_id == organisation.id, Listing.import_hash.in_(hashes)
    )
    return dict.fromkeys(db.session.scalars(query), 0)


def import_rows(
    actor: Actor, organisation: Organisation, reading: Reading, *, name: str, data: bytes, sample: bool = False
) -> ListingImport:
    """Take in what is new as drafts, and keep the report. The same file twice changes nothing.

    Raises:
        Forbidden: the actor edits for another organisation, or not at all.
    """
    if not (actor.acts_for(organisation.id) and actor.can(Permission.LISTING_EDIT)):
        Denied(_l("Only an editor of the owner may do this.")).check()
    planned = plan(organisation, reading)
    listings = _drafts(actor, organisation, planned.new, sample)
    db.session.add_all(listings)
    db.session.flush()
    _rights(listings, planned.new)
    audit.record_new(
        actor, "listing.import", [(listing, {"title": listing.title, "file": name}) for listing in listings]
    )
    numbers = {row.number: listing.number for row, listing in zip(planned.new, listings, strict=True)}
    report = ListingImport(
        organisation_id=organisation.id,
        actor_id=actor.user_id,
        file_name=name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        rows=planned.rows,
        created=len(listings),
        unchanged=planned.unchanged,
        failed=planned.failed,
        problems=[{**one.plain(), "number": numbers.get(one.row, "")} for one in planned.problems],
    )
    db.session.add(report)
    db.session.flush()
    return report


def _drafts(actor: Actor, organisation: Organisation, rows: Sequence[Row], sample: bool) -> list[Listing]:
    owners: dict[str, Any] = {
        "region": organisation.region,
        "contact_name": organisation.contact_name,
        "contact_phone": organisation.contact_phone,
        "contact_email": organisation.contact_email,
    }
    return [
        Listing(
            number=number,
            organisation_id=organisation.id,
            state=LISTING.start,
            created_by_id=actor.user_id,
            editors=[] if actor.user_id is None else [actor.user_id],
            import_hash=row.hash,
            sample=sample or organisation.sample,
            **{**owners, **row.values},
        )
        for number, row in zip(reserve_numbers("CG", len(rows)), rows, strict=True)
    ]


def _rights(listings: Sequence[Listing], rows: Sequence[Row]) -> None:
    db.session.add_all(
        IpItem(
            listing_id=listing.id,
            position=1,
            number_key=ip_rules.number_key(row.right.number),
            **asdict(row.right),
        )
        for listing, row in zip(listings, rows, strict=True)
        if row.right is not None
    )
