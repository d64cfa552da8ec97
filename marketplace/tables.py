"""A list page's address: `?q=&sort=&page=&size=` and its filters, read against what the list declares.

The page, its exports and its links all come from the one declaration, so an export holds exactly what is
filtered. Values that do not fit the declaration are ignored, as a mistyped address should still open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, String, cast, or_

from . import export, ui
from .db import db

SIZES = (20, 50, 100)
#: No export is longer; whoever needs more takes the open data.
EXPORT_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its value in an export, and what it sorts by."""

    label: Any
    key: str
    #: Attribute path or function giving the exported value; the key itself if not given.
    value: export.Key | None = None
    #: SQL expression to sort by; without it the column does not sort.
    sort: Any = None
    num: bool = False
    #: Only in exports.
    export_only: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: which values it takes and what condition a value means."""

    name: str
    label: Any
    #: `[(value, label)]`, or a function that gives them at the request.
    options: Sequence[tuple[str, Any]] | Callable[[], Sequence[tuple[str, Any]]]
    condition: Callable[[str], ColumnElement[bool]]

    def choices(self) -> list[tuple[str, Any]]:
        """The values offered, as text."""
        given = self.options() if callable(self.options) else self.options
        return [(str(value), label) for value, label in given]


@dataclass(frozen=True, slots=True)
class Table:
    """What a list offers. `tie` ends every order, so that pages never repeat or skip a row."""

    name: str
    columns: Sequence[Column]
    tie: Any
    search: Sequence[Any] = ()
    filters: Sequence[Filter] = ()
    default_sort: str = ""

    def page(self, query: Select[Any], args: Mapping[str, str] | None = None) -> TablePage:
        """Read the request's address (or `args`) and find the rows it asks for."""
        given = request.args if args is None else args
        q = given.get("q", "").strip()[:200]
        chosen = {one.name: value for one in self.filters if (value := self._chosen(one, given))}
        filtered = self._search(query, q)
        for one in self.filters:
            if one.name in chosen:
                filtered = filtered.where(one.condition(chosen[one.name]))
        sort = self._sort(given.get("sort", ""))
        size = _number(given.get("size"), SIZES[0])
        return TablePage(
            table=self,
            query=self._ordered(filtered, sort),
            q=q,
            sort=sort,
            size=size if size in SIZES else SIZES[0],
            number=max(1, _number(given.get("page"), 1)),
            chosen=chosen,
            format=given.get("format", ""),
        )

    def _chosen(self, one: Filter, given: Mapping[str, str]) -> str:
        value = given.get(one.name, "")
        return value if value in {key for key, _ in one.choices()} else ""

    def _search(self, query: Select[Any], q: str) -> Select[Any]:
        """Every word must be found in one of the searched columns."""
        for word in q.split()[:8]:
            pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            query = query.where(or_(*(cast(column, String).ilike(pattern, escape="\\") for column in self.search)))
        return query

    def _sort(self, asked: str) -> str:
        keys = {column.key for column in self.columns if column.sort is not None}
        return asked if asked.removeprefix("-") in keys else self.default_sort

    def _ordered(self, query: Select[Any], sort: str) -> Select[Any]:
        falling = sort.startswith("-")
        by = next((one.sort for one in self.columns if sort and one.key == sort.removeprefix("-")), None)
        order = [] if by is None else [by.desc().nulls_last() if falling else by.asc().nulls_last()]
        return query.order_by(None).order_by(*order, self.tie.desc() if falling else self.tie.asc())


@dataclass(frozen=True)
class TablePage:
    """One page of a list, for its template: rows, what was asked, and the links of its exports."""

    table: Table
    query: Select[Any]
    q: str
    sort: str
    size: int
    number: int
    chosen: dict[str, str]
    format: str
    _kept: dict[str, Pagination] = field(default_factory=dict, compare=False)

    @property
    def rows(self) -> list[Any]:
        return list(self.pagination.items)

    @property
    def pagination(self) -> Pagination:
        """Flask-SQLAlchemy's page, read on first use."""
        if "page" not in self._kept:
            self._kept["page"] = db.paginate(self.query, page=self.number, per_page=self.size, error_out=False)
        return self._kept["page"]

    @property
    def total(self) -> int:
        return int(self.pagination.total or 0)

    @property
    def sizes(self) -> tuple[int, ...]:
        return SIZES

    @property
    def filtered(self) -> bool:
        """True if anything narrows the list, so that an empty page says so."""
        return bool(self.q or self.chosen)

    @property
    def heads(self) -> list[ui.Column]:
        """Heads for the table macro."""
        shown = [one for one in self.table.columns if not one.export_only]
        return [ui.Column(one.label, one.key if one.sort is not None else None, one.num) for one in shown]

    @property
    def export_csv(self) -> str:
        return ui.page_url(format="csv")

    @property
    def export_xlsx(self) -> str:
        return ui.page_url(format="xlsx")

    def exported(self, prepare: Callable[[list[Any]], Iterable[Any]] = list) -> Response | None:
        """The export that was asked for (`?format=`), or None; `prepare` may turn rows into what columns read."""
        if not self.format:
            return None
        found = list(db.session.execute(self.query.limit(EXPORT_LIMIT)).unique().scalars())
        columns = [(one.label, one.key if one.value is None else one.value) for one in self.table.columns]
        return export.table_response(self.format, self.table.name, columns, prepare(found))


def _number(raw: str | None, default: int) -> int:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 9 else default
