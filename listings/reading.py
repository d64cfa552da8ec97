"""A file of results as rows of a draft, with everything in it that does not fit. Pure: bytes go in, rows come out.

Real files are untidy: any of the usual encodings, quotes and separators, full-width letters, invisible and broken
characters, text of any length, columns in any order and under many names. What can be read is read and what was
changed on the way is said, with its row and column; only a row without a title is left out.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import python_calamine
from flask_babel import lazy_gettext as _l

from marketplace.errors import Invalid
from marketplace.fields import FIELDS
from marketplace.jsons import canonical
from marketplace.money import WAN, NotAnAmount, parse_yuan
from marketplace.regions import REGIONS

from . import ip_rules, kinds, rules
from .columns import HEADS, TEXT_LIMITS, words
from .texts import clean_line, clean_text, damaged, raise_figures, split_list
from .values import IpValues

Cell = Any
_ENCODINGS = ("utf-8-sig", "gb18030", "big5")
#: csv's own limit is far below what people paste into one cell.
_CELL_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in the file that did not fit or was changed. `blocks`: the row was left out because of it."""

    row: int
    column: str
    reason: Any
    value: str = ""
    blocks: bool = False

    def plain(self) -> dict[str, Any]:
        """As kept in the report."""
        return {
            "row": self.row,
            "column": self.column,
            "reason": str(self.reason),
            "value": self.value,
            "blocks": self.blocks,
        }


@dataclass(slots=True)
class Row:
    """One row as a draft: its number in the file, its fields, its right, and a hash of what it says."""

    number: int
    values: dict[str, Any]
    right: IpValues | None
    hash: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def blocked(self) -> bool:
        """True if it cannot become a draft."""
        return any(problem.blocks for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file."""

    rows: list[Row]
    #: Heads that no field is known for; their cells are left out.
    unknown: list[str]

    @property
    def problems(self) -> list[Problem]:
        """Everything that did not fit, in the order of the file."""
        heads = [Problem(1, head, _l("This column is not known and was left out.")) for head in self.unknown]
        return heads + [problem for row in self.rows for problem in row.problems]


def read(data: bytes, name: str) -> Reading:
    """The rows of a CSV or XLSX file.

    Raises:
        Invalid: it cannot be read as a table, or has no column for the title.
    """
    table = _spreadsheet(data) if name.lower().endswith((".xlsx", ".xls", ".ods")) else _csv(data)
    lines = [(place, line) for place, line in enumerate(table, 1) if any(_text(cell).strip() for cell in line)]
    if not lines:
        raise Invalid(fields={"file": [_l("The file holds no rows.")]})
    heads = [clean_line(_text(cell)) for cell in lines[0][1]]
    columns = [HEADS.get(head.lower().replace(" ", "")) for head in heads]
    if "title" not in columns:
        known = "标题, 成果名称, title"
        raise Invalid(fields={"file": [_l("The first row must name a column for the title (%(known)s).", known=known)]})
    unknown = [head for head, column in zip(heads, columns, strict=True) if head and column is None]
    return Reading([_row(place, columns, heads, line) for place, line in lines[1:]], unknown)


def _spreadsheet(data: bytes) -> list[list[Cell]]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, ValueError, IndexError) as error:
        raise Invalid(fields={"file": [_l("The spreadsheet cannot be read.")]}) from error


def _csv(data: bytes) -> list[list[Cell]]:
    text = decode(data)
    csv.field_size_limit(_CELL_LIMIT)
    first = text.split("\n", 1)[0]
    separator = max(",\t;", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator))
    except csv.Error as error:
        raise Invalid(fields={"file": [_l("The file cannot be read as CSV: %(error)s", error=str(error))]}) from error


def decode(data: bytes) -> str:
    """The text in whatever encoding it is; a few broken bytes in UTF-8 are marked, not taken for another encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8-sig", errors="replace")


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date)):
        return cell.strftime("%Y-%m-%d")
    return "" if cell is None else str(cell)


class _Taker:
    """Reads the cells of one row and notes what does not fit."""

    def __init__(self, number: int, cells: dict[str, str], heads: dict[str, str]) -> None:
        self.number, self.cells, self.heads = number, cells, heads
        self.problems: list[Problem] = []

    def note(self, name: str, reason: Any, value: str = "", *, blocks: bool = False) -> None:
        self.problems.append(Problem(self.number, self.heads.get(name, name), reason, value[:80], blocks))

    def text(self, name: str, *, line: bool = False) -> str:
        raw = self.cells.get(name, "")
        if around := damaged(raw):
            self.note(name, _l("Broken characters were left out: please compare with the original."), around)
        plain = clean_line(raw) if line else clean_text(raw)
        cleaned = raise_figures(plain)
        if cleaned != plain:
            self.note(name, _l("Figures marked with ~ or _ were raised or lowered, as in m² and CO₂."))
        limit = TEXT_LIMITS.get(name, rules.MAX_TEXT)
        if len(cleaned) > limit:
            self.note(name, _l("Cut to %(limit)s characters.", limit=limit), cleaned)
        return cleaned[:limit].strip()

    def one_of(self, name: str, labels: dict[Any, Any]) -> Any:
        """A value by its code or by its word in either language; None if it is neither."""
        raw = clean_line(self.cells.get(name, ""))
        if not raw:
            return None
        found = words(labels).get(raw.lower())
        if found is None:
            self.note(name, _l("This value is not known and was left out."), raw)
        return found

    def some_of(self, name: str, labels: dict[Any, Any]) -> list[Any]:
        known, kept = words(labels), []
        for part in split_list(self.cells.get(name, "")):
            if part.lower() in known:
                kept.append(known[part.lower()])
            else:
                self.note(name, _l("This value is not known and was left out."), part)
        return list(dict.fromkeys(kept))

    def parsed(self, name: str, parse: Callable[[str], Any], reason: Any) -> Any:
        raw = clean_line(self.cells.get(name, ""))
        if not raw:
            return None
        try:
            return parse(raw)
        except (ValueError, ArithmeticError):
            self.note(name, reason, raw)
            return None


def _row(number: int, columns: Sequence[str | None], heads: Sequence[str], line: Iterable[Cell]) -> Row:
    cells, named = {}, {}
    for column, head, cell in zip(columns, heads, line, strict=False):
        if column is not None and column not in cells:
            cells[column], named[column] = _text(cell), head
    taker = _Taker(number, cells, named)
    values, right = _values(taker), _right(taker)
    if not values["title"]:
        taker.note("title", _l("A row without a title cannot become a draft."), blocks=True)
    given = {name: value for name, value in values.items() if value not in ("", None, [])}
    said = {name: clean_text(text) for name, text in cells.items()}
    return Row(number, given, right, hashlib.sha256(canonical(said)).hexdigest(), taker.problems)


def _values(take: _Taker) -> dict[str, Any]:
    keywords = split_list(take.text("keywords"))
    if len(keywords) > rules.MAX_KEYWORDS:
        rest = "；".join(keywords[rules.MAX_KEYWORDS :])
        take.note("keywords", _l("Only the first %(count)s keywords were kept.", count=rules.MAX_KEYWORDS), rest)
    return {
        "title": take.text("title", line=True),
        "summary": take.text("summary"),
        "problem": take.text("problem"),
        "current_solution": take.text("current_solution"),
        "applications": take.text("applications"),
        "keywords": [word[:60] for word in keywords[: rules.MAX_KEYWORDS]],
        "inventors": split_list(take.text("inventors")),
        "contact_name": take.text("contact_name", line=True),
        "contact_phone": take.text("contact_phone", line=True),
        "contact_email": take.text("contact_email", line=True),
        "funding_source": take.text("funding_source", line=True),
        "registration_no": take.text("registration_no", line=True),
        "security_class": take.one_of("security_class", kinds.SECURITY_LABELS),
        "field": take.one_of("field", FIELDS),
        "region": take.one_of("region", REGIONS),
        "trl": take.parsed("trl", _trl, _l("Not a level from 1 to 9.")),
        "phase": take.one_of("phase", kinds.PHASE_LABELS),
        "transfer_modes": [mode.value for mode in take.some_of("transfer_modes", kinds.MODE_LABELS)],
        "licence_term": take.text("licence_term", line=True),
        "territory": take.text("territory", line=True),
        "price_mode": take.one_of("price_mode", kinds.PRICE_MODE_LABELS),
        "price": take.parsed("price", _wan, _l("Not an amount in 10k yuan, such as 250 or 12.5.")),
        "payment_terms": take.text("payment_terms"),
        "buyer_conditions": take.text("buyer_conditions"),
    }


def _trl(text: str) -> int:
    level = int(text.upper().removeprefix("TRL").strip().removesuffix("级"))
    if not 1 <= level <= 9:
        raise ValueError(text)
    return level


def _wan(text: str) -> Decimal:
    try:
        amount = parse_yuan(text.removesuffix("万元").removesuffix("万"), WAN)
    except NotAnAmount as error:
        raise ValueError(text) from error
    if not amount:
        raise ValueError(text)
    return amount


def _right(take: _Taker) -> IpValues | None:
    """The one right that a row can name; more are added in the draft."""
    number = take.text("ip_number", line=True)
    title = take.text("ip_title", line=True)
    if not number and not title:
        return None
    kind = take.one_of("ip_kind", kinds.IP_KIND_LABELS) or _kind_of(number)
    granted = take.parsed("ip_granted_on", ip_rules.parse_day, _l("Not a date like 2020-03-06."))
    status = take.one_of("ip_status", kinds.IP_STATUS_LABELS)
    status = status or (kinds.IpStatus.GRANTED if granted else kinds.IpStatus.PENDING)
    if kind in kinds.PATENTS:
        if number and not ip_rules.is_patent_number(number):
            take.note(
                "ip_number",
                _l("The check character does not fit: please compare the number with the certificate."),
                number,
            )
        number = ip_rules.clean_patent_number(number, status in ip_rules.GRANTED)
    return IpValues(
        kind=kind,
        number=number,
        title=title or take.text("title", line=True),
        holder=take.text("ip_holder", line=True),
        filed_on=take.parsed("ip_filed_on", ip_rules.parse_day, _l("Not a date like 2020-03-06.")),
        granted_on=granted,
        status=status,
    )


def _kind_of(number: str) -> kinds.IpKind:
    """What a patent number's fifth digit says, else an invention."""
    key = ip_rules.number_key(number)
    return {"2": kinds.IpKind.UTILITY, "9": kinds.IpKind.UTILITY, "3": kinds.IpKind.DESIGN}.get(
        key[4:5], kinds.IpKind.INVENTION
    )
