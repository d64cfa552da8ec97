"""A sale becomes a draft, both sides complete it and agree to one text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts import queries as accounts
from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.money import round_yuan
from marketplace.numbers import next_number
from marketplace.permissions import Actor

from .. import notifications, policies, queries, rules
from ..errors import AlreadyConfirmed, ContractChanged, Incomplete
from ..kinds import CLAUSES, SUGGESTED_FIELD, ContractKind, PaymentMode
from ..models import Contract
from ..states import ContractAction
from .common import lock, party, step

#: What the sides may change while they draft.
EDITABLE = (
    "title", "kind", "subtype", "non_technical_items", "non_technical_amount", "technical_field", "payment_mode",
    "payment_terms", "starts_on", "ends_on", "deliverables", "acceptance", "clauses",
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
    payment_mode: PaymentMode = PaymentMode.ONCE
    payment_terms: str = ""
    sample: bool = False

    def values(self) -> dict[str, Any]:
        """As columns of a contract, with what its kind and field suggest."""
        suggested = {
            "technical_field": SUGGESTED_FIELD.get(self.field, "urban"),
            "clauses": CLAUSES[self.kind],
            "ip_items": list(self.ip_items),
            "amount": round_yuan(self.amount),
        }
        return asdict(self) | suggested


def draft_contract(actor: Actor, terms: Terms) -> Contract:
    """Draft the contract of a sale; drafting the same sale again gives the same contract."""
    known = queries.by_source(terms.source)
    if known is not None:
        return known
    parties = accounts.organisations([terms.seller_id, terms.buyer_id])
    contract = Contract(
        number=next_number("HT"),
        seller=party(parties[terms.seller_id]),
        buyer=party(parties[terms.buyer_id]),
        **terms.values(),
    )
    db.session.add(contract)
    after = {"source": terms.source, "amount": terms.amount, "kind": terms.kind}
    audit.record(actor, "contract.drafted", contract, after=after)
    notifications.drafted(contract)
    return contract


def edit_contract(actor: Actor, contract: Contract, version: int, values: dict[str, Any]) -> None:
    """Change the text; confirmations of the text before fall away.

    Raises:
        ContractChanged: somebody changed it since `version`.
        Invalid: the parts that are not technology are the whole amount or more.
    """
    lock(contract)
    policies.can_edit(actor, contract).check()
    if contract.version != version:
        raise ContractChanged
    wanted = {key: value for key, value in values.items() if key in EDITABLE}
    if "non_technical_items" in wanted:
        wanted["non_technical_amount"] = rules.total(wanted["non_technical_items"])
    if not 0 <= wanted.get("non_technical_amount", Decimal(0)) < contract.amount:
        raise Invalid(fields={"non_technical_items": [_l("Together less than the contract amount.")]})
    before, after = audit.changes(contract, wanted)
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
        contract.text_hash = rules.text_hash(contract)
        step(actor, contract, ContractAction.CONFIRM, text_hash=contract.text_hash)
        notifications.to_sign(contract)
    else:
        notifications.to_confirm(contract, policies.BUYER if side == policies.SELLER else policies.SELLER)


def reopen_contract(actor: Actor, contract: Contract, reason: str) -> None:
    """Take a settled text back to the draft, with a reason; given signatures no longer count."""
    lock(contract)
    policies.can_reopen(actor, contract).check()
    step(actor, contract, ContractAction.REOPEN, reason)
    contract.seller_confirmed_at = contract.buyer_confirmed_at = None
    contract.text_hash = ""
    # The next text differs in its hash even if every word comes back, so old signatures never fit it.
    contract.version += 1
    notifications.reopened(contract, reason)
