"""A party changes its name: drafts follow, a settled text goes back to the draft, what was signed stays as signed."""

from __future__ import annotations

from sqlalchemy import or_, select

from marketplace import audit
from marketplace.db import db
from marketplace.permissions import Actor

from .. import notifications, policies
from ..models import Contract
from ..states import ContractAction, ContractState
from .common import lock, step


def rename_party(actor: Actor, organisation_id: int, name: str) -> int:
    """Let contracts that nobody is bound by yet name the party as it is called now; returns how many changed."""
    query = select(Contract).where(
        or_(Contract.seller_id == organisation_id, Contract.buyer_id == organisation_id),
        Contract.state.in_((ContractState.DRAFT, ContractState.SIGNING)),
    )
    found = list(db.session.scalars(query.order_by(Contract.id)))
    return sum(_rename(actor, contract, organisation_id, name) for contract in found)


def _rename(actor: Actor, contract: Contract, organisation_id: int, name: str) -> bool:
    lock(contract)
    side = policies.SELLER if contract.seller_id == organisation_id else policies.BUYER
    before = getattr(contract, side)
    if contract.state not in (ContractState.DRAFT, ContractState.SIGNING) or before["name"] == name:
        return False
    reason = f"{before['name']} → {name}"
    if contract.state is ContractState.SIGNING:
        step(actor, contract, ContractAction.REOPEN, reason)
    setattr(contract, side, before | {"name": name})
    contract.seller_confirmed_at = contract.buyer_confirmed_at = None
    contract.text_hash, contract.version = "", contract.version + 1
    audit.record(actor, "contract.changed", contract, {side: before["name"]}, {side: name, "reason": reason})
    notifications.reopened(contract, reason)
    return True
