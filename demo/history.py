"""Registered contracts from 2022 to today, brought in with their own dates: what the turnover page counts.

Amounts are log-normal and scaled so that the years add up to a plausible course; months peak in November and
December; four fifths of the money is Harbin's. The generator is seeded by year: the same year always looks the same,
and the running one is cut off at today.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from accounts.roles import OrganisationKind
from contracts import services
from contracts.kinds import ContractKind
from contracts.services import Outside, Terms
from marketplace.clock import BEIJING
from marketplace.money import YI
from marketplace.permissions import SYSTEM

from .organisations import Party
from .words import SEED, Topic, patent, topics, topics_of

T = TypeVar("T")

FIRST_YEAR = 2022
#: 亿元 a year: the plan's window ends a little above its goal, the running one is under way.
YEARLY = {2022: 464, 2023: 491, 2024: 516, 2025: 558, 2026: 712}
GROWTH = 1.06
MONTHS = (6, 4, 7, 7, 7, 9, 7, 7, 8, 8, 13, 17)
COUNT, SMALL_COUNT = 1500, 60

C, K = ContractKind, OrganisationKind
#: Kinds by number, and what a contract of the kind is worth beside the others, so that services lead by money
#: and results are sold at about what they are listed for.
KINDS = {
    C.DEVELOPMENT: (40, 0.8),
    C.SERVICE: (45, 1.25),
    C.CONSULTING: (8, 0.4),
    C.TRANSFER: (4, 0.15),
    C.LICENCE: (3, 0.15),
}
SELLERS = {K.COMPANY: (70, 1.3), K.UNIVERSITY: (18, 0.25), K.INSTITUTE: (12, 0.5)}
FIELDS = {
    "digital": 22, "equipment": 17, "energy": 14, "materials": 10, "bio": 9, "agri_food": 7, "chemicals": 6, "aerospace": 5,
    "agri_machinery": 4, "automotive": 3, "light_industry": 2, "ice_snow": 2, "design": 1, "other": 2,
}  # fmt: skip
HARBIN, DAQING, HARBIN_SHARE, DAQING_SHARE = "230100", "230600", 80, 8
FORMS = {
    C.DEVELOPMENT: ("commissioned", "{}的委托研制开发"),
    C.SERVICE: ("general", "{}技术服务"),
    C.CONSULTING: ("study", "{}产业化可行性咨询"),
    C.TRANSFER: ("patent", "{}专利权转让"),
    C.LICENCE: ("exclusive", "{}专利实施许可"),
}
SIGMA = 1.7


@dataclass(frozen=True, slots=True)
class Draw:
    """One contract before its amount is scaled."""

    outside: Outside
    weight: float


def contracts(parties: dict[str, Party], today: date, *, small: bool) -> list[Outside]:
    """All registered contracts of the sample, in the order of their registration."""
    years = range(FIRST_YEAR, today.year + 1)
    each = max((SMALL_COUNT if small else COUNT) // max(len(years), 1), 4)
    scale = SMALL_COUNT / COUNT if small else 1
    made = [one for year in years for one in _year(parties, year, each, scale, today)]
    return sorted(made, key=lambda one: one.registered_at)


def bring_in(batch: list[Outside]) -> int:
    """Bring one batch in; how many were new."""
    return services.import_registered(SYSTEM, batch)


def _year(parties: dict[str, Party], year: int, count: int, scale: float, today: date) -> Iterator[Outside]:
    random = Random(f"{SEED}:{year}")
    drawn = [_draw(random, parties, year, serial) for serial in range(1, count + 1)]
    unit = yearly(year) * scale / sum(one.weight for one in drawn)
    for one in drawn:
        if one.outside.registered_at.astimezone(BEIJING).date() <= today - timedelta(days=1):
            yield _priced(one, Decimal(round(one.weight * unit, 2)))


def yearly(year: int) -> int:
    """What the year shall add up to, in yuan; years after the last known one grow on."""
    last = max(YEARLY)
    return int(YEARLY.get(year, YEARLY[last] * GROWTH ** (year - last)) * int(YI))


def _priced(one: Draw, raw: Decimal) -> Outside:
    """The contract at its amount: whole thousands as most are, whole hundreds of it not technical."""
    amount = max(_rounded(raw, 1000), Decimal(10_000))
    share = Decimal(one.outside.non_technical_amount)
    return replace(
        one.outside,
        terms=replace(one.outside.terms, amount=amount),
        non_technical_amount=_rounded(amount * share, 100),
    )


def _rounded(amount: Decimal, step: int) -> Decimal:
    return (round(amount / step) * Decimal(step)).quantize(Decimal("0.01"))


def _draw(random: Random, parties: dict[str, Party], year: int, serial: int) -> Draw:
    kind = _pick(random, {one: number for one, (number, _) in KINDS.items()})
    seller_kind = _pick(random, {one: number for one, (number, _) in SELLERS.items()})
    seller = _seller(random, parties, seller_kind)
    buyer = random.choice([one for one in parties.values() if _buys(one) and one is not seller])
    field = _pick(random, FIELDS)
    at = _moment(random, year)
    weight = math.exp(random.gauss(0, SIGMA)) * KINDS[kind][1] * SELLERS[seller.organisation.kind][1]
    topic = random.choice(topics_of(field) or topics())
    terms = _terms(random, topic, kind, seller, buyer, f"outside:sample-{year}-{serial:05d}")
    # The share of what is not technical waits in the place of its amount until the amount is known.
    share = Decimal(random.randrange(5, 32)) / 100 if kind in (C.DEVELOPMENT, C.SERVICE) else Decimal(0)
    signed = at - timedelta(days=random.randrange(8, 60))
    return Draw(Outside(terms, signed, at, share), min(weight, 40.0))


def _terms(random: Random, topic: Topic, kind: ContractKind, seller: Party, buyer: Party, source: str) -> Terms:
    subtype, form = FORMS[kind]
    number = patent(random, random.randrange(2012, 2021))
    rights = ({"kind": "invention", "number": number, "title": topic.subject},)
    return Terms(
        source=source,
        title=form.format(topic.subject),
        kind=kind,
        subtype=subtype,
        seller_id=seller.organisation.id,
        buyer_id=buyer.organisation.id,
        amount=Decimal(0),
        field=topic.field,
        ip_items=rights if kind in (C.TRANSFER, C.LICENCE) else (),
        sample=True,
    )


def _buys(party: Party) -> bool:
    return party.organisation.kind in (K.COMPANY, K.PARK, K.GOVERNMENT)


def _seller(random: Random, parties: dict[str, Party], kind: OrganisationKind) -> Party:
    """An organisation of the province, by the share of its city, of this kind where the city has one."""
    selling = [
        one for one in parties.values() if one.organisation.kind in SELLERS and one.organisation.region[:2] == "23"
    ]
    rest = 100 - HARBIN_SHARE - DAQING_SHARE
    cities = sorted({one.organisation.region for one in selling})
    others = len([one for one in cities if one not in (HARBIN, DAQING)]) or 1
    shares = {one: {HARBIN: HARBIN_SHARE, DAQING: DAQING_SHARE}.get(one, rest / others) for one in cities}
    city = _pick(random, shares)
    there = [one for one in selling if one.organisation.region == city]
    return random.choice([one for one in there if one.organisation.kind is kind] or there)


def _moment(random: Random, year: int) -> datetime:
    """An office hour of a weekday, by the weight of the months."""
    month = random.choices(range(1, 13), MONTHS)[0]
    day = date(year, month, random.randrange(1, monthrange(year, month)[1] + 1))
    while day.weekday() >= 5 and day.day > 1:
        day -= timedelta(days=1)
    return datetime.combine(day, time(random.randrange(9, 17), random.randrange(60)), BEIJING)


def _pick(random: Random, weights: Mapping[T, float]) -> T:
    return random.choices(list(weights), list(weights.values()))[0]
