"""The public catalogue: what the address asks for, the results that fit, and the counts of every filter.

Several values of one filter are alternatives; different filters must all fit. The counts beside a filter's values
are those of the other filters, so each number says what choosing it would show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import contains_eager
from werkzeug.datastructures import MultiDict

from accounts.models import Organisation
from accounts.roles import OrganisationKind
from marketplace.db import db
from marketplace.fields import FIELDS
from marketplace.regions import REGIONS

from . import ip_rules, search
from .kinds import Band, PriceMode, TransferMode
from .models import IpItem, Listing
from .states import OPEN, PUBLIC, SOLD, ListingState

SIZES = (20, 50, 100)
#: Deeper pages are for the export; a database counts rows to skip them.
LAST_PAGE = 500
SORTS = ("relevance", "newest", "price", "-price", "-trl")

#: What people ask for by state: one word for all that is sold.
STATUSES: dict[str, frozenset[ListingState]] = {
    "listed": frozenset({ListingState.LISTED}),
    "bidding": frozenset({ListingState.BIDDING}),
    "publicity": frozenset({ListingState.PUBLICITY}),
    "negotiating": frozenset({ListingState.NEGOTIATING}),
    "sold": SOLD,
    "suspended": frozenset({ListingState.SUSPENDED}),
}
#: Every filter with the values that it takes.
FILTERS: dict[str, frozenset[str]] = {
    "field": frozenset(FIELDS),
    "region": frozenset(REGIONS),
    "band": frozenset(band.value for band in Band),
    "mode": frozenset(mode.value for mode in TransferMode),
    "price": frozenset(mode.value for mode in PriceMode),
    "kind": frozenset(kind.value for kind in OrganisationKind),
    "state": frozenset(STATUSES),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor asks for; values that no filter knows are left out, so a mistyped address still opens."""

    q: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    organisation: int | None = None
    sort: str = "newest"
    page: int = 1
    size: int = SIZES[0]

    @property
    def narrowed(self) -> bool:
        """True if anything narrows the list."""
        return bool(self.q or self.chosen or self.organisation)


def read(args: MultiDict[str, str]) -> Wanted:
    """The address's query as a wish."""
    q = " ".join(args.get("q", "").replace("\0", "").split())[:200]
    chosen = {}
    for name, values in FILTERS.items():
        given = tuple(dict.fromkeys(value for value in args.getlist(name) if value in values))
        if given:
            chosen[name] = given
    sort = args.get("sort", "")
    default = "relevance" if search.query_text(q) else "newest"
    size = _number(args.get("size"), SIZES[0])
    return Wanted(
        q=q,
        chosen=chosen,
        organisation=_number(args.get("organisation"), 0) or None,
        sort=sort if sort in SORTS and (sort != "relevance" or default == "relevance") else default,
        page=min(max(1, _number(args.get("page"), 1)), LAST_PAGE),
        size=size if size in SIZES else SIZES[0],
    )


def _number(raw: str | None, default: int) -> int:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 10 else default


BAND = case(
    (Listing.trl.is_(None), literal("")), (Listing.trl <= 3, "early"), (Listing.trl <= 6, "pilot"), else_="ready"
)
STATUS = case(
    *((Listing.state.in_(sorted(states)), literal(name)) for name, states in STATUSES.items() if name != "suspended"),
    else_="suspended",
)
_COLUMNS: dict[str, Any] = {
    "field": Listing.field,
    "region": Listing.region,
    "band": BAND,
    "price": cast(Listing.price_mode, String),
    "kind": cast(Organisation.kind, String),
    "state": STATUS,
}


def condition(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    """What choosing these values of a filter means; several are alternatives."""
    if name == "mode":
        return or_(*(Listing.transfer_modes.op("?")(value) for value in values))
    if name == "state":
        return in_states(frozenset().union(*(STATUSES[value] for value in values)))
    return _COLUMNS[name].in_(values)  # type: ignore[no-any-return]


def in_states(states: frozenset[ListingState]) -> ColumnElement[bool]:
    """Written out instead of bound: only so does the planner see that the board's index fits."""
    return literal_column("listings.state").in_([literal_column(f"'{state.value}'") for state in sorted(states)])


def _base(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions that are no facets: the words and the organisation."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.organisation:
        conditions.append(Listing.organisation_id == wanted.organisation)
    if wanted.q:
        conditions.append(_found(wanted.q))
    return conditions


def _found(q: str) -> ColumnElement[bool]:
    terms = search.query_text(q)
    by_words = search.matches(Listing.search, terms) if terms else literal(False)
    ids = _exact_ids(q)
    return or_(by_words, Listing.id.in_(ids)) if ids else by_words


def _exact_ids(q: str) -> list[int]:
    """Results with exactly this number, a patent's or our own; they stand first."""
    key = ip_rules.number_key(q)
    if len(key) < 8 or not any(ch.isdigit() for ch in key):
        return []
    by_right = select(IpItem.listing_id).where(IpItem.number_key == key)
    own = select(Listing.id).where(Listing.number == q.strip().upper())
    return list(db.session.scalars(union_all(by_right, own).limit(50)))


def _conditions(wanted: Wanted, leave_out: str = "") -> list[ColumnElement[bool]]:
    """What the chosen filters mean, but for one of them."""
    conditions = [condition(name, values) for name, values in wanted.chosen.items() if name != leave_out]
    if "state" not in wanted.chosen or leave_out == "state":
        conditions.append(in_states(PUBLIC if leave_out == "state" else OPEN))
    return conditions


def query(wanted: Wanted) -> Select[Any]:
    """The results that fit, in order."""
    made = select(Listing).join(Listing.organisation).options(contains_eager(Listing.organisation))
    return made.where(*_base(wanted), *_conditions(wanted)).order_by(*_order(wanted))


def _order(wanted: Wanted) -> list[Any]:
    newest = [Listing.public_at.desc(), Listing.id.desc()]
    if wanted.sort == "price":
        return [Listing.price.asc().nulls_last(), *newest]
    if wanted.sort == "-price":
        return [Listing.price.desc().nulls_last(), *newest]
    if wanted.sort == "-trl":
        return [Listing.trl.desc().nulls_last(), *newest]
    if wanted.sort == "relevance":
        exact = _exact_ids(wanted.q)
        first = [case((Listing.id.in_(exact), 0), else_=1)] if exact else []
        return [*first, search.rank(Listing.search, search.query_text(wanted.q)).desc(), *newest]
    return newest


def items_of(listings: Sequence[Listing]) -> dict[int, int]:
    """How many rights each result of a page has, in one query."""
    ids = [listing.id for listing in listings]
    counted = select(IpItem.listing_id, func.count()).where(IpItem.listing_id.in_(ids)).group_by(IpItem.listing_id)
    return {listing_id: count for listing_id, count in db.session.execute(counted)}  # noqa: C416 - rows, not pairs


Counts = dict[str, dict[str, int]]


def counts(wanted: Wanted) -> tuple[int, Counts]:
    """How many results fit, and how many every value of every filter would show: one pass over one index.

    Each grouping set is one filter. What is counted in it leaves that filter's own choice out, so the statement
    counts several things at once and each set reads the one that is its own.
    """
    others = {name: and_(true(), *_conditions(wanted, name)) for name in (*wanted.chosen, "state", "")}
    counted = [func.count().filter(fits).label(f"n_{name}") for name, fits in others.items()]
    sets = {**_COLUMNS, "mode": Listing.transfer_modes}
    statement = (
        select(*(column.label(name) for name, column in sets.items()), *counted)
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .where(*_base(wanted), in_states(PUBLIC))
        .group_by(func.grouping_sets(*(tuple_(text(str(place))) for place in range(1, len(sets) + 1))))
    )
    found: Counts = {name: defaultdict(int) for name in sets}
    total = 0
    for row in db.session.execute(statement).mappings():
        name = next((one for one in sets if row[one] is not None), "price")
        for value in row[name] if name == "mode" else [row[name] or ""]:
            found[name][value] += row[f"n_{name}" if name in others else "n_"]
        total += row["n_"] if name == "state" else 0
    return total, {name: {value: n for value, n in values.items() if n} for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the catalogue."""

    wanted: Wanted
    listings: list[Listing]
    total: int
    counts: Counts
    rights: dict[int, int]

    @property
    def pagination(self) -> Pagination:
        """The links to the other pages."""
        return _Counted(page=self.wanted.page, per_page=self.wanted.size, total=self.total)


class _Counted(Pagination):
    """A page whose rows and count are known already."""

    def __init__(self, page: int, per_page: int, total: int) -> None:
        super().__init__(page=page, per_page=per_page, count=False, error_out=False)
        self.total = total
        self.items = list(range(max(0, min(per_page, total - (page - 1) * per_page))))

    def _query_items(self) -> list[Any]:
        return []

    def _query_count(self) -> int:
        return 0


def page(wanted: Wanted) -> Page:
    """Read one page with its counts."""
    total, found = counts(wanted)
    rows = query(wanted).limit(wanted.size).offset((wanted.page - 1) * wanted.size)
    listings = list(db.session.scalars(rows)) if total else []
    return Page(wanted, listings, total, found, items_of(listings))


def rows(wanted: Wanted, limit: int) -> list[Listing]:
    """What an export holds: everything that fits, in the same order."""
    return list(db.session.scalars(query(wanted).limit(limit)))
