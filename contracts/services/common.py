"""What every use case does: lock, take a step with its history and audit, know a party."""

from __future__ import annotations

from typing import Any

from accounts import queries as accounts
from accounts.models import Organisation
from marketplace import audit, states
from marketplace.db import db
from marketplace.permissions import Actor

from ..models import Contract, Registration
from ..states import CONTRACT, ContractAction


def lock(contract: Contract) -> None:
    """Hold the row, and see what others committed before."""
    db.session.refresh(contract, with_for_update=True)


def registration(contract: Contract) -> Registration:
    """The contract's registration, held and read anew."""
    return db.session.get_one(Registration, contract.id, with_for_update=True, populate_existing=True)


def step(actor: Actor, contract: Contract, action: ContractAction, reason: str = "", **told: Any) -> None:
    """One step of the state machine; `told` goes into the audit trail beside the states."""
    before = contract.state
    after = states.move(contract, CONTRACT, action, actor, reason)
    extra = {"reason": reason} if reason else {}
    audit.record(actor, f"contract.{action.value}", contract, {"state": before}, {"state": after, **extra, **told})


def party(organisation: Organisation) -> dict[str, Any]:
    """A party as it is now, kept with the contract."""
    names = ("name", "uscc", "region", "address", "legal_representative")
    return {name: getattr(organisation, name) for name in names} | {"kind": organisation.kind.value}


def insider(actor: Actor, contract: Contract) -> bool:
    """True if this person is a member of a party, whomever they act for at the moment."""
    if actor.user_id is None:
        return False
    parties = {contract.seller_id, contract.buyer_id}
    return any(one.organisation_id in parties for one in accounts.memberships_of(actor.user_id))
