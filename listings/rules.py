"""What a result must have before it may be listed, and how long an agreed price must stand in public. Pure.

Sources: 促进科技成果转化法 art. 18 and 国发〔2016〕16号 (publicity of an agreed price, at least 15 calendar days),
民法典 art. 201 and 203 (the day of the announcement does not count, the last day rolls to the next working day).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l

from . import ip_rules
from .kinds import LICENCES, PATENTS, IpStatus, PriceMode, SecurityClass

#: Business parameters; a publicity records the value it was begun with.
PUBLICITY_DAYS = 15
MAX_KEYWORDS = 5
MAX_ROWS = 20
MAX_TEXT = 20_000
SUMMARY_MINIMUM = 50
STEPS = ("result", "people", "rights", "terms", "files", "check")


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the checklist."""

    key: str
    step: str
    label: Any
    done: bool
    #: Without it the result cannot be submitted; the others only make it better.
    needed: bool = True
    note: Any = ""


def checklist(draft: Any, items: Sequence[ip_rules.IpFacts], *, files: int, sale: bool, today: date) -> list[Point]:
    """Every point of the checklist for a draft, its IP items, how many files it has, and whether a buyer is named."""
    return [
        *_about_the_result(draft),
        *_about_the_people(draft),
        *_about_the_rights(items, today),
        *_about_the_terms(draft, sale),
        Point("files", "files", _l("Attachments: certificates, test reports, photographs"), files > 0, needed=False),
    ]


def _about_the_result(draft: Any) -> list[Point]:
    rows = [row for row in draft.advantages if row.get("metric") and row.get("ours") and row.get("conventional")]
    enough = len(draft.summary) >= SUMMARY_MINIMUM
    note = "" if enough else _l("at least %(count)s characters", count=SUMMARY_MINIMUM)
    return [
        Point("title", "result", _l("Title"), len(draft.title) >= 4),
        Point("summary", "result", _l("Summary"), enough, note=note),
        Point("problem", "result", _l("The problem it solves"), bool(draft.problem)),
        Point("current_solution", "result", _l("How it is solved today"), bool(draft.current_solution)),
        Point("advantages", "result", _l("At least one advantage in figures"), bool(rows)),
        Point("field", "result", _l("Industry field"), bool(draft.field)),
        Point("region", "result", _l("Region"), bool(draft.region)),
        Point("trl", "result", _l("Technology readiness level"), draft.trl is not None),
        Point("phase", "result", _l("Stage"), draft.phase is not None),
        Point("applications", "result", _l("Where it can be used"), bool(draft.applications), needed=False),
        Point("keywords", "result", _l("Keywords"), bool(draft.keywords), needed=False),
    ]


def _about_the_people(draft: Any) -> list[Point]:
    reachable = bool(draft.contact_name and (draft.contact_phone or draft.contact_email))
    wrong = co_owner_problem(draft.co_owners)
    return [
        Point("inventors", "people", _l("Inventors"), bool(draft.inventors)),
        Point("co_owners", "people", _l("Shares of the co-owners"), wrong is None, note=wrong or ""),
        Point("contact", "people", _l("Contact with telephone or e-mail"), reachable),
        Point(
            "security_class",
            "people",
            _l("Declared free for publication"),
            draft.security_class is SecurityClass.PUBLIC,
        ),
        Point("funding_source", "people", _l("Funding source"), bool(draft.funding_source), needed=False),
    ]


def _about_the_rights(items: Sequence[ip_rules.IpFacts], today: date) -> list[Point]:
    wrong = [place for place, item in enumerate(items, 1) if ip_rules.problems(item, today)]
    note = _l("look at no. %(places)s", places=", ".join(map(str, wrong))) if wrong else ""
    living = any(item.status is not IpStatus.LAPSED for item in items)
    fees = all(item.fee_paid_to for item in items if item.kind in PATENTS)
    return [
        Point("ip", "rights", _l("At least one right that is alive"), living),
        Point("ip_checked", "rights", _l("Every right complete and consistent"), bool(items) and not wrong, note=note),
        Point("ip_fees", "rights", _l("Annual fees paid up to"), bool(items) and fees, needed=False),
    ]


def _about_the_terms(draft: Any, sale: bool) -> list[Point]:
    points = [
        Point("transfer_modes", "terms", _l("Ways of transfer"), bool(draft.transfer_modes)),
        Point("price_mode", "terms", _l("How the price is formed"), draft.price_mode is not None),
    ]
    if LICENCES & set(draft.transfer_modes):
        points.append(Point("licence_term", "terms", _l("Term of the licence"), bool(draft.licence_term)))
    if draft.price_mode in (PriceMode.FIXED, PriceMode.AUCTION):
        points.append(Point("price", "terms", _l("Price"), draft.price is not None))
    if draft.price_mode is PriceMode.AGREED:
        points.append(Point("sale", "terms", _l("Named buyer and agreed price"), sale))
    conditions = bool(draft.buyer_conditions)
    return [*points, Point("buyer_conditions", "terms", _l("Conditions for buyers"), conditions, needed=False)]


def missing(points: Iterable[Point]) -> list[Point]:
    """The points that keep a result from being submitted."""
    return [point for point in points if point.needed and not point.done]


def completeness(points: Sequence[Point]) -> int:
    """How complete it is, in per cent; what is needed weighs twice."""
    total = sum(2 if point.needed else 1 for point in points)
    done = sum(2 if point.needed else 1 for point in points if point.done)
    return done * 100 // total


def co_owner_problem(co_owners: Sequence[dict[str, Any]]) -> Any | None:
    """What is wrong with the co-owners' shares: all or none are given, and they leave something to the owner."""
    if not co_owners:
        return None
    shares = [share_of(row.get("share", "")) for row in co_owners]
    if any(share is None for share in shares):
        return _l("every co-owner needs a share above 0 and below 100")
    if sum(share for share in shares if share is not None) >= 100:
        return _l("together the co-owners must hold less than 100%")
    return None


def share_of(text: str) -> Decimal | None:
    """A share in per cent, or None if it is none between 0 and 100."""
    try:
        share = Decimal(str(text).strip().rstrip("%％"))
    except InvalidOperation:
        return None
    return share if share.is_finite() and 0 < share < 100 else None


def last_day(
    announced_on: date,
    days: int,
    paused: Iterable[tuple[date, date | None]],
    is_working_day: Callable[[date], bool],
) -> date | None:
    """The day at whose end a publicity passes; None while an objection is open.

    `paused` holds the first and last day of each objection. A day on which an objection was open for any time does
    not count, and neither does the day of the announcement. The last day rolls to the next working day.
    """
    pauses = list(paused)
    if any(until is None for _, until in pauses):
        return None
    current, counted = announced_on, 0
    while counted < days:
        current += timedelta(days=1)
        counted += not _is_paused(current, pauses)
    while not is_working_day(current) or _is_paused(current, pauses):
        current += timedelta(days=1)
    return current


def _is_paused(day: date, pauses: Sequence[tuple[date, date | None]]) -> bool:
    return any(since <= day <= until for since, until in pauses if until is not None)


def needs_restart(announced: tuple[str, Decimal, int], now: tuple[str, Decimal, int]) -> bool:
    """True if name, price or buyer differ from what was announced: the clock starts again."""
    return announced != now
