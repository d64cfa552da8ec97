"""Both sides sign one text, each by somebody who did not write it."""

from __future__ import annotations

from accounts import queries as accounts
from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.facts import ContractSigned
from marketplace.outbox import publish
from marketplace.permissions import Actor
from payments import services as payments
from payments.states import DepositAction

from .. import notifications, policies, queries
from ..errors import AlreadySigned, ContractChanged, OwnText
from ..models import Contract, Signature
from ..states import ContractAction, ContractState
from .common import lock, step


def sign_contract(actor: Actor, contract: Contract, text_hash: str) -> None:
    """Sign for one side the text of this hash; when both have, the contract is signed.

    Raises:
        OwnText: the signer wrote in the contract, and the organisation has other members.
        ContractChanged: the text is another one by now.
        AlreadySigned: this side has signed.
    """
    lock(contract)
    alone = is_alone(actor)
    if contract.state is ContractState.SIGNING and actor.user_id in contract.editors and not alone:
        raise OwnText
    policies.can_sign(actor, contract, alone=alone).check()
    if contract.text_hash != text_hash:
        raise ContractChanged
    side = policies.side_of(actor, contract) or ""
    signed = {one.side for one in queries.signatures(contract)}
    if side in signed:
        raise AlreadySigned
    signature = Signature(
        contract_id=contract.id, side=side, text_hash=text_hash, user_id=actor.user_id, user_name=actor.name
    )
    db.session.add(signature)
    audit.record(actor, "contract.signed_by_side", contract, after={"side": side, "text_hash": text_hash})
    if signed | {side} == {policies.SELLER, policies.BUYER}:
        contract.signed_at = db_now()
        step(actor, contract, ContractAction.SIGN)
        publish_signed(contract)
        if contract.buyer_id is not None:
            payments.propose(contract.buyer_id, contract.source, DepositAction.APPLY, contract.number)
        notifications.signed(contract)


def publish_signed(contract: Contract) -> None:
    """Tell the other packages that the contract binds both sides."""
    publish(
        ContractSigned(
            contract_id=contract.id, number=contract.number, source=contract.source, listing_id=contract.listing_id
        )
    )


def is_alone(actor: Actor) -> bool:
    """True if the organisation acted for has no other member who could sign instead."""
    return actor.organisation_id is not None and len(accounts.members(actor.organisation_id)) == 1
