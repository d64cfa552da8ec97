"""Working days, make-up days included. A year whose holidays nobody published is refused, never guessed.

2004–2026 come with the product; a later year is imported when the State Council has published it
(`flask holidays import`, or the operators' page).
"""

from __future__ import annotations

import csv
import enum
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import Holiday as KnownName
from chinese_calendar.constants import holidays as known_holidays
from chinese_calendar.constants import workdays as known_workdays
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from . import audit
from .db import Base, db, enum_check, enum_column
from .errors import DomainError, Invalid
from .permissions import Actor

#: Years that come with the product.
KNOWN_YEARS = range(2004, max(day.year for day in known_holidays) + 1)


class DayKind(enum.StrEnum):
    HOLIDAY = "holiday"
    WORKDAY = "workday"


class SpecialDay(Base):
    """A day of an imported year that is not what its weekday says."""

    __tablename__ = "holidays"
    __table_args__ = (enum_check("kind", DayKind),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = enum_column(DayKind)
    name: Mapped[str] = mapped_column(String(60), default="", server_default="")


class MissingYear(DomainError):
    """The holidays of the year are not known here."""

    code = "missing_holiday_year"
    message = _l(
        "The holidays of %(year)s are not known yet. An operator must import them before dates in that year can be"
        " counted in working days."
    )


def is_working_day(day: date) -> bool:
    """True if people work on that day.

    Raises:
        MissingYear: nobody has told us the holidays of that year.
    """
    if day.year in KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    special = _imported(day.year)
    kind = special.get(day)
    return day.weekday() < 5 if kind is None else kind is DayKind.WORKDAY


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day` (0: the day itself, or the next working day)."""
    current, left = day, n
    if n == 0:
        while not is_working_day(current):
            current += timedelta(days=1)
        return current
    while left:
        current += timedelta(days=1)
        left -= is_working_day(current)
    return current


def working_days(start: date, end: date) -> int:
    """How many working days lie in [start, end)."""
    return sum(is_working_day(start + timedelta(days=i)) for i in range((end - start).days))


def _imported(year: int) -> dict[date, DayKind]:
    query = select(SpecialDay).where(SpecialDay.day >= date(year, 1, 1), SpecialDay.day <= date(year, 12, 31))
    found = {row.day: row.kind for row in db.session.scalars(query)}
    if not found:
        raise MissingYear(year=year)
    return found


def imported_years() -> list[int]:
    """Years taken in by an operator."""
    return sorted({day.year for day in db.session.scalars(select(SpecialDay.day))})


def special_days(year: int) -> list[tuple[date, str, str]]:
    """Days of the year that are not what their weekday says: date, kind, name."""
    if year in KNOWN_YEARS:
        off = [(day, DayKind.HOLIDAY.value, _chinese(name)) for day, name in known_holidays.items()]
        on = [(day, DayKind.WORKDAY.value, _chinese(name)) for day, name in known_workdays.items()]
        return sorted(entry for entry in off + on if entry[0].year == year)
    _imported(year)
    query = select(SpecialDay).where(SpecialDay.day >= date(year, 1, 1), SpecialDay.day <= date(year, 12, 31))
    return [(row.day, row.kind.value, row.name) for row in db.session.scalars(query.order_by(SpecialDay.day))]


def _chinese(name: str) -> str:
    return next((one.chinese for one in KnownName if one.value == name), name)


def read_csv(data: bytes, year: int) -> list[SpecialDay]:
    """Rows of a CSV file (`date,kind,name`) as days of the year.

    Raises:
        Invalid: with every line that does not fit, so that the file is corrected once.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    days: dict[date, SpecialDay] = {}
    wrong: list[str] = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        if not any(cell.strip() for cell in row) or (number == 1 and row[0].strip().lower() == "date"):
            continue
        problem = _read_row(row, year, days)
        if problem:
            wrong.append(str(_l("Line %(number)s: %(problem)s", number=number, problem=problem)))
    if wrong or not days:
        raise Invalid(fields={"file": wrong or [_l("The file holds no days.")]})
    return sorted(days.values(), key=lambda day: day.day)


def as_csv(days: Sequence[SpecialDay]) -> str:
    """The days as a file that `read_csv` takes."""
    out = io.StringIO()
    csv.writer(out).writerows([day.day.isoformat(), day.kind.value, day.name] for day in days)
    return out.getvalue()


def _read_row(row: list[str], year: int, days: dict[date, SpecialDay]) -> object:
    cells = [cell.strip() for cell in row] + ["", ""]
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        return _l("“%(value)s” is not a date like 2027-10-01", value=cells[0])
    if day.year != year:
        return _l("%(day)s is not in %(year)s", day=day, year=year)
    if cells[1] not in [kind.value for kind in DayKind]:
        return _l("“%(value)s” is neither holiday nor workday", value=cells[1])
    if day in days:
        return _l("%(day)s stands there twice", day=day)
    days[day] = SpecialDay(day=day, kind=DayKind(cells[1]), name=cells[2][:60])
    return None


@dataclass(frozen=True, slots=True)
class _Year:
    """A year as an object of the audit trail."""

    id: int
    __tablename__ = "holidays"


def import_year(actor: Actor, year: int, days: Sequence[SpecialDay]) -> None:
    """Replace the year's special days.

    Raises:
        Invalid: the year comes with the product and cannot be replaced.
    """
    if year in KNOWN_YEARS:
        raise Invalid(_l("The holidays of %(year)s come with the product."), year=year)
    db.session.execute(
        delete(SpecialDay).where(SpecialDay.day >= date(year, 1, 1), SpecialDay.day <= date(year, 12, 31))
    )
    db.session.add_all(days)
    audit.record(actor, "holidays.import", _Year(year), after={"days": len(days)}, label=str(year))
