"""Who may do what to a result: pure predicates with their reasons."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.policies import can_trade
from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from .deal_states import SaleState
from .states import EDITABLE, LISTING, OPEN, PUBLIC, ListingAction, ListingState

#: A buyer's people who may speak for it about a price.
_BUYERS = (Permission.BID_PLACE, Permission.BID_APPROVE, Permission.CONTRACT_SIGN)


def can_see(actor: Actor, listing: Any) -> Decision:
    """Everyone sees what is public; the owner's members, reviewers and auditors see the rest."""
    if listing.state in PUBLIC or sees_private(actor, listing):
        return ALLOWED
    return Denied(_l("This result is not public."), "not_public")


def sees_private(actor: Actor, listing: Any) -> bool:
    """True for those who read contact and internal attachments: the owner, reviewers, auditors."""
    if actor.acts_for(listing.organisation_id) and actor.can(Permission.ORG_READ):
        return True
    return actor.can(Permission.LISTING_REVIEW) or actor.can(Permission.AUDIT_READ)


def can_edit(actor: Actor, listing: Any) -> Decision:
    """An editor of the owner writes in a draft or a returned result."""
    if not (actor.acts_for(listing.organisation_id) and actor.can(Permission.LISTING_EDIT)):
        return Denied(_l("Only an editor of the owner may do this."))
    if listing.state not in EDITABLE:
        return Denied(_l("This result is not open for editing in its present state."), "listing_not_editable")
    return ALLOWED


def can_submit(actor: Actor, listing: Any) -> Decision:
    """Who may edit may submit, once the organisation is verified."""
    decision = can_edit(actor, listing)
    return can_trade(actor) if decision else decision


def can_recall(actor: Actor, listing: Any) -> Decision:
    """An editor takes back what still lies with their own approver."""
    if not (actor.acts_for(listing.organisation_id) and actor.can(Permission.LISTING_EDIT)):
        return Denied(_l("Only an editor of the owner may do this."))
    return _allows(listing, ListingAction.RECALL)


def can_approve(actor: Actor, listing: Any) -> Decision:
    """An approver of the owner decides, but never about what they wrote themselves."""
    if not (actor.acts_for(listing.organisation_id) and actor.can(Permission.LISTING_APPROVE)):
        return Denied(_l("Only an approver of the owner may do this."))
    if actor.user_id is not None and actor.user_id in listing.editors:
        return Denied(_l("Somebody else must decide about what you made yourself."), "own_work")
    return _allows(listing, ListingAction.ORG_APPROVE)


def can_review(actor: Actor, listing: Any) -> Decision:
    """A reviewer of the exchange decides, but not about results of an organisation they belong to."""
    if not actor.can(Permission.LISTING_REVIEW):
        return Denied(_l("Only a reviewer may do this."))
    if not _independent(actor, listing):
        return Denied(_l("You belong to this organisation: another reviewer must decide."), "own_organisation")
    return _allows(listing, ListingAction.RETURN)


def can_amend(actor: Actor, listing: Any) -> Decision:
    """Who may approve for the owner may amend the public text; the rest needs a revision."""
    if not (actor.acts_for(listing.organisation_id) and actor.can(Permission.LISTING_APPROVE)):
        return Denied(_l("Only an approver of the owner may amend a public text."))
    if listing.state not in (ListingState.LISTED, ListingState.PUBLICITY):
        return Denied(_l("This step is not possible in the present state."), "illegal_transition")
    return ALLOWED


def can_manage(actor: Actor, listing: Any, action: ListingAction) -> Decision:
    """The owner's editors and approvers take a result off the board and put it back, in this state."""
    roles = actor.can(Permission.LISTING_EDIT) or actor.can(Permission.LISTING_APPROVE)
    if not (actor.acts_for(listing.organisation_id) and roles):
        return Denied(_l("Only the owner may do this."))
    return _allows(listing, action)


def can_suspend(actor: Actor, listing: Any, action: ListingAction = ListingAction.SUSPEND) -> Decision:
    """The owner suspends and resumes; so does a reviewer when something is wrong with it, and then only a reviewer."""
    if actor.can(Permission.LISTING_REVIEW) and _independent(actor, listing):
        return _allows(listing, action)
    if action is ListingAction.RESUME and listing.suspended_by_exchange:
        return Denied(_l("The exchange suspended it: a reviewer puts it back."), "suspended_by_exchange")
    return can_manage(actor, listing, action)


def may_oversee(actor: Actor, listing: Any) -> bool:
    """True for a reviewer who could take this result off the board for the exchange, or put it back."""
    steps = (ListingAction.SUSPEND, ListingAction.RESUME)
    return actor.can(Permission.LISTING_REVIEW) and any(bool(can_suspend(actor, listing, one)) for one in steps)


def can_renew(actor: Actor, listing: Any) -> Decision:
    """The owner's editors and approvers note that a right's fees are paid, while anybody may rely on it."""
    roles = actor.can(Permission.LISTING_EDIT) or actor.can(Permission.LISTING_APPROVE)
    if not (actor.acts_for(listing.organisation_id) and roles):
        return Denied(_l("Only the owner may do this."))
    if listing.state not in OPEN and listing.state is not ListingState.SUSPENDED:
        return Denied(_l("This step is not possible in the present state."), "illegal_transition")
    return ALLOWED


def can_name_buyer(actor: Actor, listing: Any) -> Decision:
    """An editor names the buyer of an agreed sale: in the draft, on the board, or anew during the publicity."""
    if not (actor.acts_for(listing.organisation_id) and actor.can(Permission.LISTING_EDIT)):
        return Denied(_l("Only an editor of the owner may do this."))
    if listing.state in EDITABLE or listing.state is ListingState.PUBLICITY:
        return ALLOWED
    return _allows(listing, ListingAction.NEGOTIATE)


def can_answer_sale(actor: Actor, sale: Any) -> Decision:
    """The named buyer's bidder, approver or signer confirms or declines."""
    if not (actor.acts_for(sale.buyer_organisation_id) and any(map(actor.can, _BUYERS))):
        return Denied(_l("Only the named buyer may answer."))
    if sale.state is not SaleState.PROPOSED:
        return Denied(_l("This has been answered already."), "conflict")
    return can_trade(actor)


def can_decide_objection(actor: Actor, listing: Any, objection: Any) -> Decision:
    """A reviewer decides about an objection, but neither about their own nor for their own organisation."""
    if not actor.can(Permission.LISTING_REVIEW):
        return Denied(_l("Only a reviewer may do this."))
    if not _independent(actor, listing) or (actor.user_id is not None and actor.user_id == objection.user_id):
        return Denied(_l("Somebody else must decide about this objection."), "own_work")
    return ALLOWED


def can_ask(actor: Actor, listing: Any) -> Decision:
    """Whoever is signed in and not the owner asks about a public result."""
    if not actor.signed_in:
        return Denied(_l("Please sign in first."), "sign_in_required")
    if actor.acts_for(listing.organisation_id):
        return Denied(_l("This is a result of your own organisation."), "own_organisation")
    return can_see(actor, listing)


def can_answer(actor: Actor, listing: Any) -> Decision:
    """The owner's editors and approvers answer questions and decide about access."""
    roles = actor.can(Permission.LISTING_EDIT) or actor.can(Permission.LISTING_APPROVE)
    if actor.acts_for(listing.organisation_id) and roles:
        return ALLOWED
    return Denied(_l("Only the owner may do this."))


def can_ask_access(actor: Actor, listing: Any) -> Decision:
    """A verified organisation other than the owner asks for what is shown in confidence."""
    decision = can_ask(actor, listing)
    return can_trade(actor) if decision else decision


def _independent(actor: Actor, listing: Any) -> bool:
    if actor.system:
        return True
    return actor.organisation_id != listing.organisation_id and actor.user_id not in listing.editors


def _allows(listing: Any, action: ListingAction) -> Decision:
    if LISTING.allows(listing.state, action):
        return ALLOWED
    return Denied(_l("This step is not possible in the present state."), "illegal_transition")
