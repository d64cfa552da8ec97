"""A contract concluded elsewhere is entered by the seller's editor, signed as it is, ready to be applied for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from flask_babel import lazy_gettext as _l

from accounts import queries as accounts
from accounts.rules import clean_uscc
from marketplace import audit, files
from marketplace.clock import start_of_day, today
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.numbers import next_number
from marketplace.permissions import Actor

from .. import policies, queries, rules
from ..kinds import SUGGESTED_FIELD, ContractKind, PaymentMode
from ..models import Contract
from ..states import ContractState
from .common import party
from .signing import publish_signed


@dataclass(frozen=True, slots=True)
class Entry:
    """A signed contract as the seller describes it; the buyer may be nobody's account here."""

    title: str
    kind: ContractKind
    subtype: str
    amount: Decimal
    field: str
    signed_on: date
    starts_on: date
    ends_on: date
    #: The seller's own number of the contract: one registration each.
    own_number: str
    buyer_name: str
    buyer_uscc: str
    buyer_region: str
    buyer_kind: str
    payment_mode: PaymentMode = PaymentMode.ONCE
    payment_terms: str = ""
    deliverables: str = ""
    acceptance: str = ""


def enter_contract(actor: Actor, entry: Entry, paper: IO[bytes], paper_name: str) -> Contract:
    """Take in a contract signed on paper or elsewhere, with its scan.

    Raises:
        Invalid: the buyer's code is wrong or the seller's own, a date does not fit, or the contract is here already.
    """
    policies.can_enter(actor).check()
    seller = accounts.organisations([actor.organisation_id])[actor.organisation_id or 0]
    source = f"outside:{seller.uscc}:{entry.own_number}"
    _check(entry, seller.uscc, known=queries.by_source(source) is not None)
    contract = Contract(
        number=next_number("HT"),
        source=source,
        state=ContractState.SIGNED,
        seller_id=seller.id,
        seller=party(seller),
        signed_at=start_of_day(entry.signed_on),
        editors=[actor.user_id],
        technical_field=SUGGESTED_FIELD.get(entry.field, "urban"),
        **_buyer(entry),
        **{key: value for key, value in asdict(entry).items() if key not in _NOT_COLUMNS},
    )
    db.session.add(contract)
    db.session.flush()
    contract.text_hash = rules.text_hash(contract)
    files.store(paper, paper_name, owner=contract, visibility=files.Visibility.PRIVATE, actor=actor)
    after = {"source": source, "amount": entry.amount, "signed_on": entry.signed_on}
    audit.record(actor, "contract.entered", contract, after=after)
    publish_signed(contract)
    return contract


_NOT_COLUMNS = ("signed_on", "own_number", "buyer_name", "buyer_uscc", "buyer_region", "buyer_kind")


def _check(entry: Entry, seller_uscc: str, *, known: bool) -> None:
    fields: dict[str, list[Any]] = {}
    code = clean_uscc(entry.buyer_uscc)
    if code is None:
        fields["buyer_uscc"] = [_l("This is not a valid unified social credit code.")]
    elif code == seller_uscc:
        fields["buyer_uscc"] = [_l("Seller and buyer are the same.")]
    if entry.signed_on > today():
        fields["signed_on"] = [_l("This day lies in the future.")]
    if entry.ends_on < entry.starts_on:
        fields["ends_on"] = [_l("The end lies before the beginning.")]
    if known:
        fields["own_number"] = [_l("A contract with this number of yours is here already.")]
    if entry.amount <= 0:
        fields["amount"] = [_l("More than nothing.")]
    if fields:
        raise Invalid(fields=fields)


def _buyer(entry: Entry) -> dict[str, Any]:
    """The buyer as registered here, if it is, else as the seller names it."""
    code = clean_uscc(entry.buyer_uscc) or ""
    known = accounts.organisation_by_uscc(code)
    if known is not None:
        return {"buyer_id": known.id, "buyer": party(known)}
    named = {"name": entry.buyer_name, "uscc": code, "region": entry.buyer_region, "kind": entry.buyer_kind}
    return {"buyer_id": None, "buyer": named | {"address": "", "legal_representative": ""}}
