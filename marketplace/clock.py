"""The database's clock is the only clock.

Under a row lock: lock first, then call `db_now()`; read in the locking statement itself the time would
be from before the wait. Moments are stored in UTC and shown in Beijing time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from .db import db

#: The legal zone of every deadline in the province.
BEIJING = ZoneInfo("Asia/Shanghai")


def db_now() -> datetime:
    """The moment now, by the database (UTC). A second call later gives a later moment."""
    return cast("datetime", db.session.execute(select(func.clock_timestamp())).scalar_one()).astimezone(UTC)


def today() -> date:
    """Today's date in Beijing, by the database."""
    return beijing_date(db_now())


def beijing(moment: datetime) -> datetime:
    """The same moment on Beijing's clock."""
    return moment.astimezone(BEIJING)


def beijing_date(moment: datetime) -> date:
    """The calendar day in Beijing on which the moment falls."""
    return beijing(moment).date()


def start_of_day(day: date) -> datetime:
    """00:00 in Beijing on that day, in UTC."""
    return datetime.combine(day, time.min, BEIJING).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24:00 in Beijing on that day, in UTC: the first moment that is no longer the day."""
    return start_of_day(day + timedelta(days=1))
