"""What is done with a contract: drafted, changed, confirmed, signed, registered, cancelled. None of it commits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from accounts import queries as accounts
from accounts.models import Organisation
from marketplace import audit, states
from marketplace.clock import beijing_date, db_now
from marketplace.db import db
from marketplace.errors import Conflict, Invalid
from marketplace.facts import ContractCancelled, ContractRegistered, ContractSigned
from marketplace.fault import declare, fault
from marketplace.holidays import add_working_days
from marketplace.jsons import canonical, plain
from marketplace.numbers import next_in_series, next_number
from marketplace.outbox import publish
from marketplace.permissions import Actor

from . import notifications, policies, queries, rules
from .errors import AlreadyConfirmed, AlreadySigned, ContractChanged, Incomplete, OwnText
from .kinds import CLAUSES, SUGGESTED_FIELD, ContractKind
from .models import Contract, Registration, Signature
from .states import CONTRACT, ContractAction, ContractState

REGISTERED_FAULT = declare("contracts.before_registered", "a registration has its number, nothing is committed")

#: What the sides may change while they draft.
EDITABLE = (
    "title", "kind", "subtype", "non_technical_amount", "technical_field", "payment_mode", "payment_terms",
    "starts_on", "ends_on", "deliverables", "acceptance", "clauses",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sale gives the contract it becomes."""

    source: str
    title: str
    kind: ContractKind
    subtype: str
    seller_id: int
    buyer_id: int
    amount: Decimal
    field: str
    listing_id: int | None = None
    listing_number: str = ""
    ip_items: tuple[dict[str, Any], ...] = ()
    payment_terms: str = ""
    sample: bool = False


def party(organisation: Organisation) -> dict[str, Any]:
    """A party as it is now, kept with the contract."""
    names = ("name", "uscc", "region", "address", "legal_representative")
    return {name: getattr(organisation, name) for name in names} | {"kind": organisation.kind.value}


def draft_contract(actor: Actor, terms: Terms) -> Contract:
    """Draft the contract of a sale; drafting the same sale again gives the same contract."""
    known = queries.by_source(terms.source)
    if known is not None:
        return known
    parties = accounts.organisations([terms.seller_id, terms.buyer_id])
    values = asdict(terms) | {"ip_items": list(terms.ip_items)}
    contract = Contract(
        number=next_number("HT"),
        seller=party(parties[terms.seller_id]),
        buyer=party(parties[terms.buyer_id]),
        technical_field=SUGGESTED_FIELD.get(terms.field, "urban"),
        clauses=CLAUSES[terms.kind],
        **values,
    )
    db.session.add(contract)
    after = {"source": terms.source, "amount": terms.amount, "kind": terms.kind}
    audit.record(actor, "contract.drafted", contract, after=after)
    notifications.drafted(contract)
    return contract


def lock(contract: Contract) -> None:
    """Hold the row, and see what others committed before."""
    db.session.refresh(contract, with_for_update=True)


def edit_contract(actor: Actor, contract: Contract, version: int, values: dict[str, Any]) -> None:
    """Change the text; confirmations of the text before fall away.

    Raises:
        ContractChanged: somebody changed it since `version`.
        Invalid: the non-technical part exceeds the amount.
    """
    lock(contract)
    policies.can_edit(actor, contract).check()
    if contract.version != version:
        raise ContractChanged
    if not 0 <= values.get("non_technical_amount", Decimal(0)) < contract.amount:
        raise Invalid(fields={"non_technical_amount": [_l("Less than the contract amount, and not negative.")]})
    before, after = audit.changes(contract, {key: value for key, value in values.items() if key in EDITABLE})
    if not after:
        return
    for key, value in after.items():
        setattr(contract, key, value)
    contract.version += 1
    contract.seller_confirmed_at = contract.buyer_confirmed_at = None
    contract.editors = sorted({*contract.editors, actor.user_id} - {None})
    audit.record(actor, "contract.changed", contract, before, after)


def confirm_contract(actor: Actor, contract: Contract, version: int) -> None:
    """One side agrees to the text; when both have, it is locked for signing.

    Raises:
        Incomplete: fields are still empty.
        ContractChanged: the text is not the one that was read.
        AlreadyConfirmed: this side has confirmed this text.
    """
    lock(contract)
    policies.can_confirm(actor, contract).check()
    if contract.version != version:
        raise ContractChanged
    empty = rules.missing(contract)
    if empty:
        raise Incomplete(fields={name: [_l("Required")] for name in empty})
    side = policies.side_of(actor, contract)
    column = f"{side}_confirmed_at"
    if getattr(contract, column) is not None:
        raise AlreadyConfirmed
    setattr(contract, column, db_now())
    audit.record(actor, "contract.confirmed", contract, after={"side": side, "version": version})
    if contract.seller_confirmed_at and contract.buyer_confirmed_at:
        contract.text_hash = hashlib.sha256(canonical(rules.contract_text(contract))).hexdigest()
        _move(actor, contract, ContractAction.CONFIRM)
        notifications.to_sign(contract)


def reopen_contract(actor: Actor, contract: Contract, reason: str) -> None:
    """A signer or editor takes a settled text back to the draft, with a reason; given signatures no longer count."""
    lock(contract)
    if policies.side_of(actor, contract) is None:
        policies.can_view(actor, contract).check()
    _move(actor, contract, ContractAction.REOPEN, reason)
    contract.seller_confirmed_at = contract.buyer_confirmed_at = None
    contract.text_hash = ""


def sign_contract(actor: Actor, contract: Contract, text_hash: str) -> None:
    """Sign for one side the text of this hash; when both have, the contract is signed.

    Raises:
        OwnText: the signer wrote in the contract.
        ContractChanged: the text is another one by now.
        AlreadySigned: this side has signed.
    """
    lock(contract)
    if actor.user_id in contract.editors:
        raise OwnText
    policies.can_sign(actor, contract).check()
    if contract.text_hash != text_hash:
        raise ContractChanged
    side = policies.side_of(actor, contract) or ""
    signed = {one.side for one in queries.signatures(contract)}
    if side in signed:
        raise AlreadySigned
    db.session.add(
        Signature(contract_id=contract.id, side=side, text_hash=text_hash, user_id=actor.user_id, user_name=actor.name)
    )
    audit.record(actor, "contract.signed_by_side", contract, after={"side": side, "text_hash": text_hash})
    if signed | {side} == {policies.SELLER, policies.BUYER}:
        _complete_signing(actor, contract, db_now())


def _complete_signing(actor: Actor, contract: Contract, at: datetime) -> None:
    _move(actor, contract, ContractAction.SIGN)
    contract.signed_at = at
    fact = ContractSigned(
        contract_id=contract.id, number=contract.number, source=contract.source, listing_id=contract.listing_id
    )
    publish(fact)
    notifications.signed(contract)


def apply_for_registration(actor: Actor, contract: Contract) -> Registration:
    """The seller asks the registrar; a returned application starts the clock anew."""
    lock(contract)
    policies.can_apply(actor, contract).check()
    now = db_now()
    due = rules.due_on(beijing_date(now), contract.technical_amount, add_working_days)
    registration = queries.registration_of(contract)
    if registration is None:
        registration = Registration(contract_id=contract.id, applied_at=now, due_on=due)
        db.session.add(registration)
    registration.applied_at, registration.applied_by_id, registration.due_on = now, actor.user_id, due
    registration.reasons = []
    _move(actor, contract, ContractAction.APPLY)
    notifications.applied(contract)
    return registration


def return_registration(actor: Actor, contract: Contract, reasons: list[dict[str, str]]) -> None:
    """Send an application back with coded reasons.

    Raises:
        Invalid: no reason was given.
    """
    lock(contract)
    policies.can_decide(actor, contract).check()
    if not reasons or any(one["code"] not in rules.RETURN_REASONS for one in reasons):
        raise Invalid(fields={"reasons": [_l("Choose at least one reason.")]})
    _registration(contract).reasons = reasons
    note = "; ".join(one.get("note") or one["code"] for one in reasons)
    _move(actor, contract, ContractAction.RETURN, note)
    notifications.returned(contract, note)


def register_contract(actor: Actor, contract: Contract) -> Registration:
    """Register the contract: a number without gaps, a check code, and the fact that counts it once."""
    lock(contract)
    policies.can_decide(actor, contract).check()
    registration = _registration(contract)
    _move(actor, contract, ContractAction.REGISTER)
    registration.registered_by_id, registration.check_code = actor.user_id, rules.new_check_code()
    notifications.registered(contract)
    _give_number(contract, registration, db_now())
    return registration


def _give_number(contract: Contract, registration: Registration, at: datetime) -> None:
    """Last in the transaction: the counter's row stays locked until the end, and an abort gives the number back."""
    db.session.flush()
    year, region = beijing_date(at).year, contract.seller["region"]
    registration.registered_at = at
    serial = next_in_series(f"registration:{year}:{region}")
    # 4 + 6 + 6: year, region of the seller (GB/T 2260), serial. The office's own format replaces it when known.
    registration.number = f"{year}{region}{serial:06d}"
    publish(registered_fact(contract, registration))
    fault(REGISTERED_FAULT)


def registered_fact(contract: Contract, registration: Registration) -> ContractRegistered:
    """What others learn of a registration."""
    assert registration.number is not None  # noqa: S101 - given one line before
    assert registration.registered_at is not None  # noqa: S101
    return ContractRegistered(
        contract_id=contract.id,
        number=contract.number,
        registration_number=registration.number,
        registered_at=registration.registered_at,
        amount=contract.amount,
        technical_amount=contract.technical_amount,
        kind=contract.kind.value,
        field=contract.field,
        source=contract.source.split(":", 1)[0],
        seller_region=contract.seller["region"],
        buyer_region=contract.buyer["region"],
        seller_kind=contract.seller["kind"],
        listing_id=contract.listing_id,
    )


def ask_cancellation(actor: Actor, contract: Contract, reason: str) -> None:
    """A registrar asks to cancel a registration; another one decides."""
    lock(contract)
    if contract.state is not ContractState.REGISTERED:
        raise Conflict
    registration = _registration(contract)
    registration.cancel_asked_by_id, registration.cancel_reason = actor.user_id, reason
    audit.record(actor, "contract.cancellation_asked", contract, after={"reason": reason})


def cancel_registration(actor: Actor, contract: Contract) -> None:
    """The second registrar cancels: the contract no longer counts.

    Raises:
        Conflict: nobody has asked for it.
    """
    lock(contract)
    registration = _registration(contract)
    if registration.cancel_asked_by_id is None:
        raise Conflict(_l("A registrar asks for the cancellation first, with a reason."))
    policies.can_cancel(actor, contract, registration).check()
    _move(actor, contract, ContractAction.CANCEL, registration.cancel_reason)
    registration.cancelled_at, registration.cancelled_by_id = db_now(), actor.user_id
    fact = ContractCancelled(
        contract_id=contract.id, number=contract.number, amount=contract.amount, reason=registration.cancel_reason
    )
    publish(fact)
    notifications.cancelled(contract, registration.cancel_reason)


@dataclass(frozen=True, slots=True)
class Outside:
    """A contract signed and registered elsewhere or earlier, as it is brought in."""

    terms: Terms
    signed_at: datetime
    registered_at: datetime
    non_technical_amount: Decimal = Decimal(0)


def import_registered(actor: Actor, contracts: Iterable[Outside]) -> int:
    """Bring in contracts that were registered before, with their own dates, each once; returns how many were new.

    Only here may a registration lie in the past; each is audited as brought in.
    """
    count = 0
    for outside in contracts:
        if db.session.execute(select(Contract.id).where(Contract.source == outside.terms.source)).first():
            continue
        _bring_in(actor, outside)
        count += 1
    return count


def _bring_in(actor: Actor, outside: Outside) -> None:
    terms = outside.terms
    parties = accounts.organisations([terms.seller_id, terms.buyer_id])
    contract = Contract(
        number=next_number("HT", beijing_date(outside.signed_at).year),
        seller=party(parties[terms.seller_id]),
        buyer=party(parties[terms.buyer_id]),
        technical_field=SUGGESTED_FIELD.get(terms.field, "urban"),
        clauses=CLAUSES[terms.kind],
        state=ContractState.REGISTERED,
        signed_at=outside.signed_at,
        non_technical_amount=outside.non_technical_amount,
        **(asdict(terms) | {"ip_items": list(terms.ip_items)}),
    )
    db.session.add(contract)
    db.session.flush()
    contract.text_hash = hashlib.sha256(canonical(rules.contract_text(contract))).hexdigest()
    day = beijing_date(outside.registered_at)
    registration = Registration(
        contract_id=contract.id, applied_at=outside.signed_at, due_on=day, check_code=rules.new_check_code()
    )
    db.session.add(registration)
    after = {"source": terms.source, "amount": terms.amount, "registered_at": outside.registered_at}
    audit.record(actor, "contract.brought_in", contract, after=plain(after))
    _give_number(contract, registration, outside.registered_at)


def _registration(contract: Contract) -> Registration:
    return db.session.get_one(Registration, contract.id, with_for_update=True)


def _move(actor: Actor, contract: Contract, action: ContractAction, reason: str = "") -> None:
    before = contract.state
    after = states.move(contract, CONTRACT, action, actor, reason)
    extra = {"reason": reason} if reason else {}
    audit.record(actor, f"contract.{action.value}", contract, {"state": before}, {"state": after, **extra})
