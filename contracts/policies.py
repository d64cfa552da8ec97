"""Who may do what with a contract: pure predicates with their reasons."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.policies import can_trade, not_the_maker
from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from .models import Contract, Registration
from .states import DISSOLVABLE, ContractState

SELLER, BUYER = "seller", "buyer"
_S = ContractState
#: What a registrar sees: a contract is its parties' own matter until they apply.
BEFORE_REGISTRAR = (_S.DRAFT, _S.SIGNING, _S.SIGNED, _S.TERMINATED, _S.DISSOLVED)


def side_of(actor: Actor, contract: Contract) -> str | None:
    """`seller`, `buyer`, or None for somebody who is neither."""
    if actor.organisation_id is None:
        return None
    if actor.organisation_id == contract.seller_id:
        return SELLER
    return BUYER if actor.organisation_id == contract.buyer_id else None


def can_view(actor: Actor, contract: Contract) -> Decision:
    """The parties; auditors; auctioneers until it is signed; registrars from the application on."""
    party = side_of(actor, contract) is not None and actor.can(Permission.ORG_READ)
    registrar = actor.can(Permission.CONTRACT_REGISTER) and contract.state not in BEFORE_REGISTRAR
    auctioneer = actor.can(Permission.AUCTION_RUN) and contract.state in (_S.DRAFT, _S.SIGNING, _S.TERMINATED)
    if actor.system or party or registrar or auctioneer or actor.can(Permission.AUDIT_READ):
        return ALLOWED
    return Denied(_l("This contract is not yours."))


def can_edit(actor: Actor, contract: Contract) -> Decision:
    """Either side while it is drafted."""
    if side_of(actor, contract) is None or not actor.can(Permission.CONTRACT_EDIT):
        return Denied(_l("Only an editor of a party may change the contract."))
    if contract.state is not _S.DRAFT:
        return Denied(_l("The text is settled: it is being signed or was signed."))
    return ALLOWED


def can_confirm(actor: Actor, contract: Contract) -> Decision:
    """An editor of either side, for that side."""
    return can_edit(actor, contract)


def can_reopen(actor: Actor, contract: Contract) -> Decision:
    """An editor or signer of either side, until both have signed."""
    writes = actor.can(Permission.CONTRACT_EDIT) or actor.can(Permission.CONTRACT_SIGN)
    if side_of(actor, contract) is None or not writes:
        return Denied(_l("Only an editor or signer of a party may take it back."))
    if contract.state is not _S.SIGNING:
        return Denied(_l("The text is not waiting for signatures."))
    return ALLOWED


def can_sign(actor: Actor, contract: Contract, *, alone: bool = False) -> Decision:
    """A signer of either side who did not write in it; in an organisation of one person there is nobody else."""
    if side_of(actor, contract) is None or not actor.can(Permission.CONTRACT_SIGN):
        return Denied(_l("Only a signer of a party may sign."))
    if contract.state is not _S.SIGNING:
        return Denied(_l("Both sides confirm the text first."))
    if actor.user_id in contract.editors and not alone:
        return Denied(_l("Another member must sign: you wrote in this contract yourself."))
    return can_trade(actor)


def can_terminate(actor: Actor, contract: Contract) -> Decision:
    """An auctioneer ends what will not be signed; nobody else can make a side keep its word, or free it."""
    if not actor.can(Permission.AUCTION_RUN):
        return Denied(_l("Only an auctioneer may end a contract that is not signed."))
    if contract.state not in (_S.DRAFT, _S.SIGNING):
        return Denied(_l("The contract is signed or has ended."))
    return ALLOWED


def can_ask_end(actor: Actor, contract: Contract) -> Decision:
    """A signer of either side asks the other to dissolve a contract that both have signed."""
    if side_of(actor, contract) is None or not actor.can(Permission.CONTRACT_SIGN):
        return Denied(_l("Only a signer of a party may dissolve the contract."))
    if contract.state not in DISSOLVABLE:
        return Denied(_l("The contract is not signed yet, a registrar decides about it, or it has ended."))
    if contract.end_asked_side:
        return Denied(_l("A side has asked for this already."))
    return ALLOWED


def can_answer_end(actor: Actor, contract: Contract) -> Decision:
    """A signer of the other side agrees; either side's signer lets it be."""
    if side_of(actor, contract) is None or not actor.can(Permission.CONTRACT_SIGN):
        return Denied(_l("Only a signer of a party may dissolve the contract."))
    if contract.state not in DISSOLVABLE or not contract.end_asked_side:
        return Denied(_l("No side has asked to dissolve the contract."))
    return ALLOWED


def can_enter(actor: Actor) -> Decision:
    """A seller's editor enters a contract concluded elsewhere, for a verified organisation."""
    if actor.organisation_id is None or not actor.can(Permission.CONTRACT_EDIT):
        return Denied(_l("Only an editor of the seller may enter a contract."))
    return can_trade(actor)


def can_apply(actor: Actor, contract: Contract) -> Decision:
    """The seller applies for registration, once. Source: 技术合同认定登记 (the seller, at its own place)."""
    if side_of(actor, contract) != SELLER or not actor.can(Permission.CONTRACT_EDIT):
        return Denied(_l("The seller applies for registration."))
    if contract.state not in DISSOLVABLE:
        return Denied(_l("Both sides sign first."))
    if contract.end_asked_side:
        return Denied(_l("A side wishes to dissolve the contract: answer that first."))
    return can_trade(actor)


def _as_registrar(actor: Actor, contract: Contract, insider: bool) -> Decision:
    """A registrar who belongs to neither party, acting for it now or not, and wrote nothing in the contract."""
    if not actor.can(Permission.CONTRACT_REGISTER):
        return Denied(_l("Only a registrar may decide."))
    wrote = actor.user_id is not None and actor.user_id in contract.editors
    if not actor.system and (insider or wrote or side_of(actor, contract) is not None):
        return Denied(_l("You belong to a party of this contract: another registrar must decide."), "party_to_it")
    return ALLOWED


def can_decide(
    actor: Actor, contract: Contract, registration: Registration | None = None, *, insider: bool = False
) -> Decision:
    """A registrar decides about an application; about a re-check, nobody who refused it before."""
    decision = _as_registrar(actor, contract, insider)
    if not decision:
        return decision
    if contract.state is not _S.APPLIED:
        return Denied(_l("No application waits for a decision."))
    if registration is not None and registration.request_kind is not None:
        return Denied(_l("A request waits for a decision already."))
    if registration is not None and actor.user_id is not None and actor.user_id in registration.refused_by:
        return Denied(_l("You took part in the refusal: another registrar re-checks it."), "refused_it")
    return decision


def can_request(actor: Actor, contract: Contract, registration: Registration | None, *, insider: bool) -> Decision:
    """A registrar asks for a change or a cancellation of what is registered."""
    decision = _as_registrar(actor, contract, insider)
    if decision and (contract.state is not _S.REGISTERED or registration is None):
        return Denied(_l("Only a registered contract can be changed or cancelled."))
    if decision and registration is not None and registration.request_kind is not None:
        return Denied(_l("A request waits for a decision already."))
    return decision


def can_settle(actor: Actor, contract: Contract, registration: Registration | None, *, insider: bool) -> Decision:
    """A second registrar decides about what the first asked for."""
    decision = _as_registrar(actor, contract, insider)
    if decision and (registration is None or registration.request_kind is None):
        return Denied(_l("Nobody has asked for a change, a cancellation or a refusal."))
    if decision and registration is not None:
        return not_the_maker(actor, registration.requested_by_id)
    return decision
