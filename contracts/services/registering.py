"""The seller applies, a registrar returns or registers: a number without gaps, a code, and the fact that counts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from marketplace import audit
from marketplace.clock import beijing_date, db_now
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import ContractRegistered
from marketplace.fault import declare, fault
from marketplace.holidays import MissingYear, add_working_days
from marketplace.numbers import next_in_series
from marketplace.outbox import publish
from marketplace.permissions import Actor

from .. import notifications, policies, queries, rules
from ..errors import NoTerm
from ..kinds import ContractKind
from ..models import Contract, DecisionTerm, Registration
from ..states import ContractAction, ContractState
from .common import insider, lock, registration, step

REGISTERED_FAULT = declare("contracts.before_registered", "a registration has its number, nothing is committed")


@dataclass(frozen=True, slots=True)
class Application:
    """The registration form as the seller hands it in."""

    kind: ContractKind
    subtype: str
    field: str
    technical_field: str
    non_technical_items: Sequence[dict[str, Any]] = ()
    ip_kinds: Sequence[str] = ()
    related_parties: bool = False
    related_note: str = ""
    public_funds: bool = False
    tax_relief: bool = False

    def values(self, amount: Decimal) -> dict[str, Any]:
        """As columns of a registration of a contract over this amount.

        Raises:
            Invalid: nothing would be left as technology.
        """
        technical = amount - rules.total(self.non_technical_items)
        if not 0 < technical <= amount:
            raise Invalid(fields={"non_technical_items": [_l("Together less than the contract amount.")]})
        rows = {"non_technical_items": list(self.non_technical_items), "ip_kinds": list(self.ip_kinds)}
        return asdict(self) | rows | {"technical_amount": technical}


def apply_for_registration(
    actor: Actor, contract: Contract, application: Application, recheck_note: str = ""
) -> Registration:
    """The seller asks the registrar; a returned application starts the clock anew.

    After a refusal it asks for the re-check (复核), and says why.

    Raises:
        Invalid: nothing would be left as technology, or a re-check is asked for without a word.
    """
    lock(contract)
    policies.can_apply(actor, contract).check()
    again = contract.state is ContractState.REFUSED
    if again and not recheck_note.strip():
        raise Invalid(fields={"recheck_note": [_l("Say what you answer to the refusal.")]})
    values = application.values(contract.amount)
    now = db_now()
    found = queries.registration_of(contract)
    if found is None:
        found = Registration(contract_id=contract.id, applied_at=now, **values)
        db.session.add(found)
    for name, value in values.items():
        setattr(found, name, value)
    found.applied_at, found.applied_by_id = now, actor.user_id
    if again:
        found.recheck_note = recheck_note.strip()
    else:
        found.reasons = []
    found.due_on = deadline(beijing_date(now), found.technical_amount)
    found.hints = rules.hints(queries.checks(contract, found))
    step(actor, contract, ContractAction.APPLY, found.recheck_note if again else "", form=asdict(application))
    notifications.applied(contract)
    return found


def deadline(applied_on: date, technical_amount: Decimal) -> date | None:
    """The day by which the registrar decides; None while the holidays up to then are not known.

    An application is not refused for a calendar that an operator has yet to import: `set_deadlines` sets it then.
    """
    terms = queries.term_on(applied_on)
    if terms is None:
        raise NoTerm
    try:
        return rules.due_on(applied_on, technical_amount, terms, add_working_days)
    except MissingYear:
        return None


def set_deadlines() -> int:
    """Set the deadlines that waited for a calendar; returns how many could be set."""
    done = 0
    for one in queries.without_deadline():
        one.due_on = deadline(beijing_date(one.applied_at), one.technical_amount)
        done += one.due_on is not None
    return done


def set_terms(actor: Actor, terms: DecisionTerm) -> None:
    """Set how long registrars have from a day on; earlier applications keep theirs.

    Raises:
        Invalid: there is a row for this day, or the days make no sense.
    """
    if not 0 < terms.working_days <= terms.large_working_days or terms.large_from <= 0:
        raise Invalid
    if db.session.get(DecisionTerm, terms.valid_from) is not None:
        raise Invalid(_l("A term for this day is set already; set one from a later day."))
    db.session.add(terms)
    db.session.flush()
    after = {"working_days": terms.working_days, "large_working_days": terms.large_working_days}
    audit.record(actor, "contract.terms_set", _Day(terms.valid_from), after=after, label=terms.valid_from.isoformat())


@dataclass(frozen=True, slots=True)
class _Day:
    """A row keyed by its day, as an object of the audit trail."""

    day: date
    __tablename__ = "registration_terms"

    @property
    def id(self) -> int:
        return self.day.toordinal()


def return_registration(actor: Actor, contract: Contract, reasons: list[dict[str, str]]) -> None:
    """Send an application back with coded reasons.

    Raises:
        Invalid: no reason was given.
    """
    lock(contract)
    found = registration(contract)
    policies.can_decide(actor, contract, found, insider=insider(actor, contract)).check()
    check_reasons(reasons)
    found.reasons, note = reasons, note_of(reasons)
    step(actor, contract, ContractAction.RETURN, note, codes=[one["code"] for one in reasons])
    notifications.returned(contract, note)


def check_reasons(reasons: list[dict[str, str]]) -> None:
    """A decision against the seller names its reasons.

    Raises:
        Invalid: none, or one that is not among the codes.
    """
    if not reasons or any(one["code"] not in rules.RETURN_REASONS for one in reasons):
        raise Invalid(fields={"reasons": [_l("Choose at least one reason.")]})


def note_of(reasons: list[dict[str, str]]) -> str:
    """The reasons in words."""
    return reasons[0].get("note") or str(rules.RETURN_REASONS[reasons[0]["code"]])


def register_contract(actor: Actor, contract: Contract) -> Registration:
    """Register the contract: a number without gaps, a check code, and the fact that counts it once."""
    lock(contract)
    found = registration(contract)
    policies.can_decide(actor, contract, found, insider=insider(actor, contract)).check()
    found.registered_by_id, found.check_code = actor.user_id, rules.new_check_code()
    notifications.registered(contract)
    give_number(contract, found, db_now())
    step(actor, contract, ContractAction.REGISTER, registration_number=found.number)
    publish(registered_fact(contract, found))
    fault(REGISTERED_FAULT)
    return found


def give_number(contract: Contract, found: Registration, at: datetime) -> None:
    """Late in the transaction: the counter's row stays locked until the end, and an abort gives the number back."""
    db.session.flush()
    serial = next_in_series(series(contract, at))
    found.registered_at, found.number = at, registration_number(contract, at, serial)


def series(contract: Contract, at: datetime) -> str:
    """The series of numbers: one a year and region of the seller."""
    return f"registration:{beijing_date(at).year}:{contract.seller['region']}"


def registration_number(contract: Contract, at: datetime, serial: int) -> str:
    """4 + 6 + 6 digits: year, region of the seller (GB/T 2260), serial."""
    return f"{beijing_date(at).year}{contract.seller['region']}{serial:06d}"


def registered_fact(contract: Contract, found: Registration) -> ContractRegistered:
    """What others learn of a registration."""
    assert found.number is not None  # noqa: S101 - given just before
    assert found.registered_at is not None  # noqa: S101
    return ContractRegistered(
        contract_id=contract.id,
        number=contract.number,
        registration_number=found.number,
        registered_at=found.registered_at,
        amount=contract.amount,
        technical_amount=found.technical_amount,
        kind=found.kind.value,
        field=found.field,
        source=contract.source.split(":", 1)[0],
        seller_region=contract.seller["region"],
        buyer_region=contract.buyer["region"],
        seller_kind=contract.seller["kind"],
        listing_id=contract.listing_id,
        sale=contract.source,
    )
