"""Where an open window is heading: by the seasons of past years. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """A day with the least, the middle and the most that past years suggest, in yuan."""

    day: date
    low: Decimal
    middle: Decimal
    high: Decimal


def forecast(daily: Mapping[date, Decimal], today: date, starts_on: date, ends_on: date) -> list[Point]:
    """The cumulative sum from today to the end of the window.

    For each past full year: how many times the sum up to this day of the year its full sum was. The middle
    is the median of these factors, the band reaches from the least to the largest. Years after this one repeat
    its projected sum. Without a past full year there is no forecast.
    """
    if today >= ends_on:
        return []
    factors = _factors(daily, today)
    if not factors:
        return []
    so_far = _sum(daily, starts_on, today + timedelta(days=1))
    this_year = _sum(daily, max(starts_on, date(today.year, 1, 1)), today + timedelta(days=1))
    bounds = (factors[0], factors[len(factors) // 2], factors[-1])
    points = [Point(today, so_far, so_far, so_far)]
    for year in range(today.year, (ends_on - timedelta(days=1)).year + 1):
        day = min(date(year, 12, 31), ends_on - timedelta(days=1))
        later = year - today.year
        low, middle, high = (so_far - this_year + this_year * factor * (1 + later) for factor in bounds)
        points.append(Point(day, low, middle, high))
    return points


def _factors(daily: Mapping[date, Decimal], today: date) -> list[Decimal]:
    factors = []
    for year in sorted({day.year for day in daily if day.year < today.year}):
        # 29 February counts as the 28th in years that have none.
        same_day = date(year, today.month, min(today.day, 28) if today.month == 2 else today.day)
        until = _sum(daily, date(year, 1, 1), same_day + timedelta(days=1))
        if until > 0:
            factors.append(_sum(daily, date(year, 1, 1), date(year + 1, 1, 1)) / until)
    return sorted(factors)


def _sum(daily: Mapping[date, Decimal], start: date, end: date) -> Decimal:
    return sum((amount for day, amount in daily.items() if start <= day < end), Decimal(0))
