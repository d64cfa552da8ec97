"""Contracts that were registered before or elsewhere come in with their own dates, many at once, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import select

from accounts import queries as accounts
from accounts.models import Organisation
from marketplace import audit
from marketplace.clock import beijing_date
from marketplace.db import db
from marketplace.facts import ContractRegistered
from marketplace.fields import FIELDS
from marketplace.money import round_yuan
from marketplace.numbers import next_in_series, reserve_numbers
from marketplace.outbox import publish
from marketplace.permissions import Actor

from .. import rules
from ..models import Contract, Registration
from ..states import ContractState
from .common import party
from .drafting import Terms
from .registering import registered_fact, registration_number, series

#: Contracts a statement; one transaction still takes them all.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Outside:
    """A contract signed and registered elsewhere or earlier, as it is brought in."""

    terms: Terms
    signed_at: datetime
    registered_at: datetime
    non_technical_amount: Decimal = Decimal(0)

    @property
    def items(self) -> list[dict[str, Any]]:
        """The deduction as one row: what it was made of is not known any more."""
        amount = round_yuan(self.non_technical_amount)
        return [{"label": "非技术性费用", "amount": str(amount)}] if amount else []


def import_registered(actor: Actor, contracts: Iterable[Outside]) -> int:
    """Bring in contracts that were registered before, with their own dates, each once; returns how many were new.

    Only here may a registration lie in the past; each is audited as brought in. Sources are `outside:…`.
    """
    count, rest = 0, iter(contracts)
    while batch := list(islice(rest, BATCH)):
        count += _bring_in(actor, _new(batch))
    return count


def _new(batch: Sequence[Outside]) -> list[Outside]:
    """Those that are not here yet, the first of each source."""
    wanted: dict[str, Outside] = {}
    for one in batch:
        wanted.setdefault(one.terms.source, one)
    known = set(db.session.scalars(select(Contract.source).where(Contract.source.in_(wanted))))
    return [one for source, one in wanted.items() if source not in known]


def _bring_in(actor: Actor, outside: list[Outside]) -> int:
    parties = accounts.organisations(side for one in outside for side in (one.terms.seller_id, one.terms.buyer_id))
    contracts = [_contract(one, parties) for one in outside]
    for contract, number in zip(contracts, _numbers(outside), strict=True):
        contract.number, contract.deliverables, contract.acceptance = number, "", ""
        contract.text_hash = rules.text_hash(contract)
    db.session.add_all(contracts)
    db.session.flush()
    pairs = list(zip(contracts, outside, strict=True))
    told = [
        (one, {"source": one.source, "amount": one.amount, "registered_at": out.registered_at}) for one, out in pairs
    ]
    audit.record_new(actor, "contract.brought_in", told)
    publish(*_register(pairs))
    return len(contracts)


def _contract(outside: Outside, parties: dict[int, Organisation]) -> Contract:
    terms = outside.terms
    return Contract(
        seller=party(parties[terms.seller_id]),
        buyer=party(parties[terms.buyer_id]),
        state=ContractState.REGISTERED,
        signed_at=outside.signed_at,
        non_technical_items=outside.items,
        non_technical_amount=rules.total(outside.items),
        version=1,
        **terms.values(),
    )


def _numbers(outside: Sequence[Outside]) -> list[str]:
    """A contract number each, of the year in which it was signed."""
    years = [beijing_date(one.signed_at).year for one in outside]
    # Counters are locked in one order by everyone, so that two imports never wait for each other in a ring.
    given = {year: iter(reserve_numbers("HT", count, year)) for year, count in sorted(Counter(years).items())}
    return [next(given[year]) for year in years]


def _register(pairs: Sequence[tuple[Contract, Outside]]) -> list[ContractRegistered]:
    wanted = Counter(series(contract, outside.registered_at) for contract, outside in pairs)
    first = {name: next_in_series(name, count) - count for name, count in sorted(wanted.items())}
    facts = []
    for contract, outside in pairs:
        name = series(contract, outside.registered_at)
        first[name] += 1
        number = registration_number(contract, outside.registered_at, first[name])
        found = _registration(contract, outside, number)
        db.session.add(found)
        facts.append(registered_fact(contract, found))
    return facts


def _registration(contract: Contract, outside: Outside, number: str) -> Registration:
    return Registration(
        contract_id=contract.id,
        kind=contract.kind,
        subtype=contract.subtype,
        field=contract.field if contract.field in FIELDS else "other",
        technical_field=contract.technical_field,
        technical_amount=contract.technical_amount,
        non_technical_items=outside.items,
        ip_kinds=sorted({item["kind"] for item in contract.ip_items}),
        applied_at=outside.signed_at,
        due_on=beijing_date(outside.registered_at),
        number=number,
        check_code=rules.new_check_code(),
        registered_at=outside.registered_at,
    )
