"""Who may do what with a contract: pure predicates with their reasons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.policies import can_trade, not_the_maker
from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from .models import Contract, Registration
from .states import ContractState

SELLER, BUYER = "seller", "buyer"


def side_of(actor: Actor, contract: Contract) -> str | None:
    """`seller`, `buyer`, or None for somebody who is neither."""
    if actor.organisation_id == contract.seller_id:
        return SELLER
    return BUYER if actor.organisation_id == contract.buyer_id else None


def can_view(actor: Actor, contract: Contract) -> Decision:
    """The parties, and staff who register or audit."""
    party = side_of(actor, contract) is not None and actor.can(Permission.ORG_READ)
    if actor.system or party or actor.can(Permission.CONTRACT_REGISTER) or actor.can(Permission.AUDIT_READ):
        return ALLOWED
    return Denied(_l("This contract is not yours."))


def can_edit(actor: Actor, contract: Contract) -> Decision:
    """Either side while it is drafted."""
    if side_of(actor, contract) is None or not actor.can(Permission.CONTRACT_EDIT):
        return Denied(_l("Only an editor of a party may change the contract."))
    if contract.state is not ContractState.DRAFT:
        return Denied(_l("The text is settled: it is being signed or was signed."))
    return ALLOWED


def can_confirm(actor: Actor, contract: Contract) -> Decision:
    """An editor or approver of either side, for that side."""
    return can_edit(actor, contract)


def can_sign(actor: Actor, contract: Contract) -> Decision:
    """A signer of either side who did not write in it: nobody signs off their own text."""
    if side_of(actor, contract) is None or not actor.can(Permission.CONTRACT_SIGN):
        return Denied(_l("Only a signer of a party may sign."))
    if contract.state is not ContractState.SIGNING:
        return Denied(_l("Both sides confirm the text first."))
    if actor.user_id in contract.editors:
        return Denied(_l("Another member must sign: you wrote in this contract yourself."))
    return can_trade(actor)


def can_apply(actor: Actor, contract: Contract) -> Decision:
    """The seller applies for registration, once. Source: 技术合同认定登记 (the seller, at its own place)."""
    if side_of(actor, contract) != SELLER or not actor.can(Permission.CONTRACT_EDIT):
        return Denied(_l("The seller applies for registration."))
    if contract.state not in (ContractState.SIGNED, ContractState.RETURNED):
        return Denied(_l("Both sides sign first."))
    return ALLOWED


def can_decide(actor: Actor, contract: Contract) -> Decision:
    """A registrar who belongs to neither party and wrote nothing in it."""
    if not actor.can(Permission.CONTRACT_REGISTER):
        return Denied(_l("Only a registrar may decide."))
    if not actor.system and (side_of(actor, contract) is not None or actor.user_id in contract.editors):
        return Denied(_l("You belong to a party of this contract: another registrar must decide."))
    if contract.state is not ContractState.APPLIED:
        return Denied(_l("No application waits for a decision."))
    return ALLOWED


def can_cancel(actor: Actor, contract: Contract, registration: Registration) -> Decision:
    """A second registrar, after one has asked with a reason."""
    if not actor.can(Permission.CONTRACT_REGISTER):
        return Denied(_l("Only a registrar may decide."))
    if contract.state is not ContractState.REGISTERED:
        return Denied(_l("Only a registered contract can be cancelled."))
    return not_the_maker(actor, registration.cancel_asked_by_id)
