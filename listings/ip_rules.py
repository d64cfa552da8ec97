"""Checks on IP items. Pure: what the item says and today's date go in, messages by field come out.

Sources: ZC 0006-2003 (form and check digit of patent numbers), 专利法 art. 42 (terms), WIPO's IPC guide (form of
a class), and the form of 软件著作权登记号.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any, Protocol

from flask_babel import lazy_gettext as _l

from .kinds import PATENTS, IpKind, IpStatus

_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
#: The fifth digit of a patent number says its kind; 8 and 9 came through PCT.
_KIND_DIGITS = {IpKind.INVENTION: "18", IpKind.UTILITY: "29", IpKind.DESIGN: "3"}
#: Twelve-digit numbers are given since October 2003.
_FIRST_YEAR = 2003
_IPC = re.compile(r"[A-H]\d{2}[A-Z] ?\d{1,4}/\d{2,6}")
_SOFTWARE = re.compile(r"\d{4}SR\d{6,8}")
_TERM_YEARS = {IpKind.INVENTION: 20, IpKind.UTILITY: 10}
#: 专利法 as amended: designs filed from this day are protected for 15 years, before for 10.
_LONG_DESIGN = date(2021, 6, 1)
GRANTED = frozenset(
    {IpStatus.GRANTED, IpStatus.LICENSED, IpStatus.PLEDGED, IpStatus.FROZEN, IpStatus.DISPUTED, IpStatus.LAPSED}
)
NOT_YET_GRANTED = frozenset({IpStatus.PENDING, IpStatus.PUBLISHED})


class IpFacts(Protocol):
    """What the rules read of an item."""

    kind: Any
    number: str
    title: str
    holder: str
    filed_on: date | None
    granted_on: date | None
    status: Any
    fee_paid_to: date | None
    ipc: str


def number_key(text: str) -> str:
    """A number as it is compared: no prefix, dots, blanks; `ZL 2020 1 0123456.7` → `2020101234567`."""
    folded = unicodedata.normalize("NFKC", text).upper()
    bare = re.sub(r"[^0-9A-Z\u3400-\u9fff]", "", folded)
    return re.sub(r"^(ZL|CN)(?=\d)", "", bare)


def check_character(twelve: str) -> str:
    """The check character of a patent number's twelve digits (ZC 0006-2003)."""
    rest = sum(int(digit) * weight for digit, weight in zip(twelve, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def is_patent_number(text: str) -> bool:
    """True for twelve digits with their check character, in any usual spelling."""
    key = number_key(text)
    return bool(re.fullmatch(r"\d{12}[\dX]", key)) and key[12] == check_character(key[:12])


def clean_patent_number(text: str, granted: bool) -> str:
    """The number in its one spelling: `ZL202010123456.7`, or without ZL while it is an application."""
    key = number_key(text)
    return f"{'ZL' if granted else ''}{key[:12]}.{key[12]}" if is_patent_number(text) else text.strip()


def clean_ipc(text: str) -> str:
    """`h01l 21/02` → `H01L 21/02`."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).upper())
    return re.sub(r"^([A-H]\d{2}[A-Z])(\d)", r"\1 \2", folded)


def expires_on(kind: IpKind, filed_on: date | None) -> date | None:
    """The last day of a patent's term, counted from filing; None for rights without such a term."""
    if filed_on is None or kind not in PATENTS:
        return None
    years = _TERM_YEARS.get(kind) or (15 if filed_on >= _LONG_DESIGN else 10)
    try:
        return filed_on.replace(year=filed_on.year + years)
    except ValueError:
        return filed_on.replace(year=filed_on.year + years, month=3, day=1)


def lapse(item: IpFacts, today: date) -> str:
    """Why a patent protects nothing any more: `lapsed`, `term_over`, `fees_unpaid`; empty while it does."""
    if item.kind not in PATENTS:
        return ""
    last = expires_on(item.kind, item.filed_on)
    if item.status is IpStatus.LAPSED:
        return "lapsed"
    if last and last < today:
        return "term_over"
    unpaid = item.status in GRANTED and item.fee_paid_to is not None and item.fee_paid_to < today
    return "fees_unpaid" if unpaid else ""


def problems(item: IpFacts, today: date) -> dict[str, Any]:
    """Everything that does not fit, by field."""
    found: dict[str, Any] = {}
    for check in (_check_texts, _check_number, _check_dates, _check_term):
        for name, message in check(item, today):
            found.setdefault(name, message)
    return found


def _check_texts(item: IpFacts, _today: date) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if not item.title:
        found.append(("title", _l("Give the title of the right.")))
    if not item.holder:
        found.append(("holder", _l("Say who holds the right.")))
    if item.ipc and not _IPC.fullmatch(item.ipc):
        found.append(("ipc", _l("An IPC class looks like H01L 21/02.")))
    return found


def _check_number(item: IpFacts, _today: date) -> list[tuple[str, Any]]:
    if item.kind is IpKind.SOFTWARE and item.number and not _SOFTWARE.fullmatch(number_key(item.number)):
        return [("number", _l("A registration number of software looks like 2023SR0123456."))]
    if item.kind not in PATENTS:
        return []
    if not item.number:
        return [("number", _l("Give the patent or application number."))]
    key = number_key(item.number)
    if not re.fullmatch(r"\d{12}[\dX]", key):
        return [("number", _l("A patent number has 12 digits and a check character: ZL202010123456.7."))]
    if key[12] != check_character(key[:12]):
        return [("number", _l("The check character does not fit: please compare the number with the certificate."))]
    if key[4] not in _KIND_DIGITS[item.kind]:
        return [
            ("number", _l("The number belongs to another kind of patent: its fifth digit is %(digit)s.", digit=key[4]))
        ]
    if int(key[:4]) < _FIRST_YEAR or (item.filed_on and item.filed_on.year != int(key[:4])):
        return [("filed_on", _l("The number says that it was filed in %(year)s.", year=key[:4]))]
    return []


def _check_dates(item: IpFacts, today: date) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if item.kind in PATENTS and item.filed_on is None:
        found.append(("filed_on", _l("Give the filing date.")))
    if item.filed_on and item.filed_on > today:
        found.append(("filed_on", _l("This date lies in the future.")))
    if item.granted_on and item.granted_on > today:
        found.append(("granted_on", _l("This date lies in the future.")))
    if item.granted_on and item.filed_on and item.granted_on < item.filed_on:
        found.append(("granted_on", _l("A right cannot be granted before it was filed.")))
    if item.kind in PATENTS and item.status in GRANTED and item.granted_on is None:
        found.append(("granted_on", _l("Give the date of grant.")))
    if item.status in NOT_YET_GRANTED and item.granted_on:
        found.append(("status", _l("A right with a date of grant is no longer applied for.")))
    if item.fee_paid_to and item.filed_on and item.fee_paid_to < item.filed_on:
        found.append(("fee_paid_to", _l("Fees cannot be paid up to a day before the filing.")))
    if lapse(item, today) == "fees_unpaid":
        found.append(("fee_paid_to", _l("The fees are not paid up to today: the right is about to lapse.")))
    return found


def _check_term(item: IpFacts, today: date) -> list[tuple[str, Any]]:
    last = expires_on(item.kind, item.filed_on)
    if last and last < today and item.status is not IpStatus.LAPSED:
        return [("status", _l("The term of this right ended on %(day)s: it has lapsed.", day=last.isoformat()))]
    return []


def parse_day(text: str) -> date:
    """`2020-03-06`, `2020/3/6`, `2020.3.6`, `20200306` or `2020年3月6日` as a date.

    Raises:
        ValueError: it is none of these, or there is no such day.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    parts = re.fullmatch(r"(\d{4})(?:[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})日?|(\d{2})(\d{2}))", folded)
    if parts is None:
        raise ValueError(text)
    year, *rest = (int(part) for part in parts.groups() if part is not None)
    return date(year, *rest)
