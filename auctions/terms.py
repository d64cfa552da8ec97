"""The terms of a sale: what a seller asks for, which of it the exchange takes, and what it proposes. Pure.

The engine runs any rules that make sense; here stand the narrower bounds within which an auction is fair to
strangers: a deposit that deters without shutting out, time to learn of the sale, an end in office hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace.clock import BEIJING, beijing
from marketplace.money import round_yuan

from .engine import InvalidRules, Rules

Bands = tuple[tuple[Decimal, Decimal], ...]
Problems = dict[str, list[Any]]

#: A deposit below this share of the opening price deters nobody; above it, it shuts bidders out.
DEPOSIT_LEAST, DEPOSIT_MOST = Decimal("0.05"), Decimal("0.30")
DEPOSIT_PROPOSED = Decimal("0.10")
#: A step beyond this share makes bids jump past what people would pay.
STEP_MOST = Decimal("0.20")
STEP_PROPOSED = Decimal("0.01")
#: Time for strangers to learn of the sale and pay, and for admission before it starts.
REGISTRATION_LEAST = timedelta(days=5)
ADMISSION_LEAST = timedelta(hours=12)
FREE_LEAST, FREE_MOST = timedelta(hours=1), timedelta(days=30)
#: The timed period begins while people are at work (Beijing time).
OFFICE = (time(8), time(18))
CYCLES_S = (120, 180, 240, 300)
BIDDERS_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the form says; amounts in yuan, moments aware."""

    opening: Decimal
    bands: Bands
    deposit: Decimal
    registration_ends_at: datetime
    starts_at: datetime
    free_ends_at: datetime
    cycle_s: int = 240
    reserve: Decimal | None = None
    announce_reserve_status: bool = False
    multiples_only: bool = False
    proxy: bool = True
    min_bidders: int = 1
    restricted: bool = False
    #: Who may take part and what else binds them, in words.
    conditions: str = ""

    def rules(self) -> Rules:
        """The same for the engine. Raises InvalidRules."""
        return Rules(
            opening=self.opening,
            increments=self.bands,
            opens_at=self.starts_at,
            free_ends_at=self.free_ends_at,
            extension_s=self.cycle_s,
            multiples_only=self.multiples_only,
            reserve=self.reserve,
            announce_reserve_status=self.announce_reserve_status,
            proxy=self.proxy,
            min_bidders=self.min_bidders,
        )


def problems(terms: Terms, now: datetime | None) -> Problems:
    """Everything that stands against these terms, by field; without `now` only what the engine asks of times."""
    found: Problems = {}
    bounds = () if now is None else (*_times(terms), *_lead(terms, now))
    for field, message in (*_amounts(terms), *bounds):
        found.setdefault(field, []).append(message)
    if not found:
        try:
            terms.rules()
        except InvalidRules as error:
            found[_FIELDS.get(error.field, error.field)] = [_l("The auction cannot run with this value.")]
    return found


_FIELDS = {"increments": "bands", "opens_at": "starts_at"}


def _amounts(terms: Terms) -> list[tuple[str, Any]]:
    wrong: list[tuple[str, Any]] = []
    if terms.opening <= 0:
        return [("opening", _l("The opening price must be above nought."))]
    least, most = deposit_range(terms.opening)
    if not least <= terms.deposit <= most:
        wrong.append(("deposit", _l("The deposit must be 5 to 30 per cent of the opening price.")))
    if not terms.bands or terms.bands[0][0] > terms.opening:
        wrong.append(("bands", _l("Say which increment applies at the opening price.")))
    if any(later[0] <= earlier[0] for earlier, later in zip(terms.bands, terms.bands[1:], strict=False)):
        wrong.append(("bands", _l("Each band must begin above the one before.")))
    if any(step <= 0 for _start, step in terms.bands):
        wrong.append(("bands", _l("An increment must be above nought.")))
    elif terms.bands and terms.bands[0][1] > terms.opening * STEP_MOST:
        wrong.append(("bands", _l("The first increment may be at most 20 per cent of the opening price.")))
    if terms.reserve is not None and terms.reserve < terms.opening:
        wrong.append(("reserve", _l("A reserve below the opening price has no effect.")))
    if not 1 <= terms.min_bidders <= BIDDERS_MOST:
        wrong.append(("min_bidders", _l("Between 1 and 5 bidders.")))
    return wrong


def _times(terms: Terms) -> list[tuple[str, Any]]:
    wrong: list[tuple[str, Any]] = []
    if terms.starts_at - terms.registration_ends_at < ADMISSION_LEAST:
        wrong.append(
            (
                "starts_at",
                _l("Bidding must start at least 12 hours after registration ends: bidders are admitted in between."),
            )
        )
    free = terms.free_ends_at - terms.starts_at
    if not FREE_LEAST <= free <= FREE_MOST:
        wrong.append(("free_ends_at", _l("The free period lasts between 1 hour and 30 days.")))
    if not OFFICE[0] <= beijing(terms.free_ends_at).time() <= OFFICE[1]:
        wrong.append(("free_ends_at", _l("The timed period must begin between 08:00 and 18:00, Beijing time.")))
    if terms.cycle_s not in CYCLES_S:
        wrong.append(("cycle_s", _l("Choose one of the cycles offered.")))
    return wrong


def _lead(terms: Terms, now: datetime) -> list[tuple[str, Any]]:
    if terms.registration_ends_at - now < REGISTRATION_LEAST:
        return [("registration_ends_at", _l("Registration must stay open for at least 5 days from now."))]
    return []


def deposit_range(opening: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the most that may be asked as a deposit."""
    return round_yuan(opening * DEPOSIT_LEAST), round_yuan(opening * DEPOSIT_MOST)


def proposal(price: Decimal | None, now: datetime) -> dict[str, Any]:
    """What the form holds before anybody has typed: terms that would be taken, starting from the listed price."""
    opening = price
    registration_ends = _at(now + timedelta(days=10), time(17))
    starts = _at(registration_ends + timedelta(days=1), time(9))
    ends = _at(starts + timedelta(days=2), time(15))
    return {
        "opening": opening,
        "step": None if opening is None else round_up(opening * STEP_PROPOSED),
        "deposit": None if opening is None else round_up(opening * DEPOSIT_PROPOSED),
        "registration_ends_at": registration_ends,
        "starts_at": starts,
        "free_ends_at": ends,
        "cycle_s": 240,
        "min_bidders": 1,
        "proxy": True,
    }


def _at(moment: datetime, clock: time) -> datetime:
    return datetime.combine(beijing(moment).date(), clock, BEIJING)


def round_up(amount: Decimal) -> Decimal:
    """Up to two leading digits: 38,650 becomes 39,000, so that proposed amounts read easily."""
    places = Decimal(1).scaleb(max(amount.adjusted() - 1, 0))
    return (amount / places).to_integral_value(rounding=ROUND_CEILING) * places
