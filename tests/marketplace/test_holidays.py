"""Working days: known years, imported years, and the refusal of a year that nobody told."""

from __future__ import annotations

import io
from datetime import date

import pytest

from marketplace import holidays
from marketplace.errors import Invalid
from marketplace.permissions import SYSTEM, Permission


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 13), True),  # the Friday before Spring Festival
        (date(2026, 2, 14), True),  # a Saturday made up for the festival
        (date(2026, 2, 16), False),  # the festival's Monday
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday made up for the October holidays
        (date(2026, 11, 28), False),  # an ordinary Saturday
    ],
)
def test_make_up_days_work_and_holidays_do_not(day, works):
    assert holidays.is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 1), 0, date(2026, 10, 8)),
        (date(2026, 11, 25), 0, date(2026, 11, 25)),
        (date(2026, 11, 25), 5, date(2026, 12, 2)),
    ],
)
def test_working_days_are_counted_over_holidays(start, n, end):
    assert holidays.add_working_days(start, n) == end


def test_a_year_nobody_told_is_refused_with_a_sentence(app):
    with pytest.raises(holidays.MissingYear) as refused:
        holidays.add_working_days(date(2026, 12, 30), 5)

    assert "2027" in str(refused.value)
    assert refused.value.code == "missing_holiday_year"


FILE = "date,kind,name\n2027-01-01,holiday,元旦\n2027-01-03,workday,元旦\n"


def test_an_imported_year_counts(app):
    holidays.import_year(SYSTEM, 2027, holidays.read_csv(FILE.encode(), 2027))

    assert not holidays.is_working_day(date(2027, 1, 1))
    assert holidays.is_working_day(date(2027, 1, 3))
    assert holidays.is_working_day(date(2027, 1, 4))
    assert not holidays.is_working_day(date(2027, 1, 9))


def test_a_file_from_an_older_spreadsheet_is_read(app):
    days = holidays.read_csv(FILE.encode("gb18030"), 2027)

    assert [day.name for day in days] == ["元旦", "元旦"]


def test_every_wrong_line_is_named(app):
    with pytest.raises(Invalid) as refused:
        holidays.read_csv(b"2027-01-01,feast,x\n2028-01-01,holiday,x\n2027-13-01,holiday,x\n", 2027)

    assert len(refused.value.fields["file"]) == 3


def test_an_empty_file_is_refused(app):
    with pytest.raises(Invalid):
        holidays.read_csv(b"date,kind,name\n", 2027)


def test_a_known_year_cannot_be_replaced(app):
    with pytest.raises(Invalid):
        holidays.import_year(SYSTEM, 2026, [])


def test_an_operator_previews_and_then_imports(client, acting):
    acting(Permission.SYSTEM_OPERATE)

    shown = client.post("/desk/holidays/preview", data={"year": "2027", "file": (io.BytesIO(FILE.encode()), "h.csv")})
    assert shown.status_code == 200
    with pytest.raises(holidays.MissingYear):
        holidays.is_working_day(date(2027, 1, 1))

    taken = client.post("/desk/holidays", data={"year": "2027", "content": FILE})
    assert taken.status_code == 303
    assert not holidays.is_working_day(date(2027, 1, 1))


def test_a_wrong_file_is_answered_beside_the_field(client, acting):
    acting(Permission.SYSTEM_OPERATE)

    shown = client.post("/desk/holidays/preview", data={"year": "2027", "file": (io.BytesIO(b"nonsense"), "h.csv")})

    assert shown.status_code == 422
    assert "nonsense" in shown.get_data(as_text=True)
