"""A member of a party leaves: the contracts that they drafted go on with whoever takes over."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from marketplace import audit
from marketplace.permissions import Actor

from .. import queries
from ..models import Contract
from .common import lock

ACTION = "contract.hand_over"


def hand_over(actor: Actor, organisation_id: int, leaver: User, taker: User, left_at: datetime | None) -> int:
    """Note on each open contract that the leaver wrote in who goes on with it, once for each leaving.

    Who wrote stays among the writers: they may not sign, whoever works on it now.
    """
    found = queries.drafted_by(organisation_id, leaver.id)
    return sum(_hand_over(actor, contract, leaver, taker, left_at) for contract in found)


def _hand_over(actor: Actor, contract: Contract, leaver: User, taker: User, left_at: datetime | None) -> bool:
    lock(contract)
    told = {"user": leaver.id, "left_at": left_at.isoformat() if left_at else None}
    if any(entry.action == ACTION and entry.before == told for entry in audit.trail(contract)):
        return False
    after = {"user": taker.id, "reason": f"{leaver.name} → {taker.name}"}
    audit.record(actor, ACTION, contract, told, after)
    return True
