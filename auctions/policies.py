"""Who may do what with an auction: pure predicates with the reason that pages show beside the missing button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.policies import can_trade, not_the_maker
from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from .models import Auction, AuctionBidder
from .states import AUCTION, AuctionAction, AuctionState, BidderState

OVER = (AuctionState.CLOSED, AuctionState.CANCELLED)
RUNNING = (AuctionState.OPEN, AuctionState.SUSPENDED)


def runs(actor: Actor) -> bool:
    """The auctioneer, who sees every auction."""
    return actor.can(Permission.AUCTION_RUN)


def oversees(actor: Actor) -> bool:
    """Staff who may read names and logs: the auctioneer, the supervisor, the auditor."""
    return runs(actor) or actor.can(Permission.AUDIT_READ)


def sells(actor: Actor, auction: Auction) -> bool:
    """A member of the selling organisation, acting for it."""
    return not actor.system and actor.acts_for(auction.organisation_id)


def can_view(actor: Actor, auction: Auction, bidder: AuctionBidder | None) -> bool:
    """Everybody once it is announced; a draft only its seller and staff, a restricted one its bidders too."""
    if oversees(actor) or sells(actor, auction):
        return True
    if auction.announced_at is None:
        return False
    return not auction.restricted or bidder is not None


def can_request(actor: Actor) -> Decision:
    """A verified organisation's seller asks for auctions."""
    if not actor.can(Permission.AUCTION_REQUEST):
        return Denied(_l("Only a seller’s editor may ask for an auction."))
    return can_trade(actor)


def can_edit(actor: Actor, auction: Auction) -> Decision:
    """The seller's editor and the auctioneer, until it is announced: what bidders read is what counts."""
    if auction.state is not AuctionState.DRAFT:
        return Denied(_l("The auction is announced: its terms stand."), "announced")
    if runs(actor) or (sells(actor, auction) and actor.can(Permission.AUCTION_REQUEST)):
        return ALLOWED
    return Denied(_l("Only the seller’s editor or the auctioneer may change the terms."))


def can_see_reserve(actor: Actor, auction: Auction) -> bool:
    """The seller's editor while it is a draft, and the auctioneer until the end. Nobody else, not even in a diff."""
    if auction.state in OVER:
        return False
    return runs(actor) or bool(can_edit(actor, auction))


def can_announce(actor: Actor, auction: Auction) -> Decision:
    """An auctioneer who did not make the request and does not belong to the seller."""
    if not runs(actor):
        return Denied(_l("Only an auctioneer may announce an auction."))
    if auction.state is not AuctionState.DRAFT:
        return Denied(_l("The auction is announced already."), "announced")
    if sells(actor, auction):
        return Denied(_l("You belong to the seller: another auctioneer must decide."), "seller_side")
    return not_the_maker(actor, auction.created_by_id)


def can_send_back(actor: Actor, auction: Auction) -> Decision:
    """An auctioneer returns a request that cannot be announced so."""
    if not runs(actor):
        return Denied(_l("Only an auctioneer may return a request."))
    if auction.state is not AuctionState.DRAFT:
        return Denied(_l("The auction is announced already."), "announced")
    return ALLOWED


def can_step(actor: Actor, auction: Auction, action: AuctionAction) -> Decision:
    """Suspend, resume, cancel: the auctioneer, where the state has such a step. The seller may drop its own draft."""
    if not AUCTION.allows(auction.state, action):
        return Denied(_l("The auction is not in a state where this is possible."), "wrong_state")
    own_draft = action is AuctionAction.CANCEL and bool(can_edit(actor, auction))
    if actor.system or runs(actor) or own_draft:
        return ALLOWED
    return Denied(_l("Only an auctioneer may do this."))


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the database says about somebody who wants to take part."""

    #: The person belongs to the selling organisation, for whomever they act now.
    of_seller: bool
    banned_until: datetime | None
    bidder: AuctionBidder | None


def can_register(actor: Actor, auction: Auction, candidate: Candidate, now: datetime) -> Decision:
    """The same eligibility that the bidding desk checks, before a deposit is asked for."""
    if candidate.bidder is not None:
        return Denied(_l("Your organisation is registered already."), "registered")
    if auction.state is not AuctionState.ANNOUNCED:
        return Denied(_l("Registration is not open."), "not_open")
    if auction.registration_ends_at is None or now >= auction.registration_ends_at:
        return Denied(_l("Registration has ended."), "registration_ended")
    if not actor.signed_in:
        return Denied(_l("Sign in to register your organisation."), "signed_out")
    if actor.acts_for(auction.organisation_id) or candidate.of_seller:
        return Denied(_l("The seller’s side may not bid in its own auction."), "seller_side")
    if actor.organisation_id is None or not actor.can(Permission.BID_PLACE):
        return Denied(_l("You need the bidder’s role in an organisation."), "no_role")
    if candidate.banned_until is not None and candidate.banned_until > now:
        return Denied(_l("Your organisation is barred from bidding at present."), "banned")
    return can_trade(actor)


def can_decide_bidder(actor: Actor, auction: Auction, bidder: AuctionBidder) -> Decision:
    """The auctioneer admits or refuses a registration until the auction ends."""
    if not runs(actor):
        return Denied(_l("Only an auctioneer decides about registrations."))
    if auction.state in OVER:
        return Denied(_l("The auction is over."), "over")
    if bidder.state is BidderState.REFUSED:
        return Denied(_l("The registration was refused."), "refused")
    if actor.acts_for(bidder.organisation_id) and not actor.system:
        return Denied(_l("You belong to this bidder: another auctioneer must decide."), "own")
    return ALLOWED


def can_refuse(auction: Auction, bidder: AuctionBidder) -> Decision:
    """Whoever leads cannot be refused from under the price: the auction is suspended or cancelled instead."""
    if auction.leader_id == bidder.id:
        return Denied(_l("This bidder leads. Suspend or cancel the auction instead."), "leads")
    return ALLOWED


def can_see_names(actor: Actor, auction: Auction, winner: AuctionBidder | None) -> bool:
    """Who stands behind the winner's number: staff, the seller and the winner itself, and only after the end."""
    if auction.state not in OVER:
        return False
    return oversees(actor) or sells(actor, auction) or (winner is not None and actor.acts_for(winner.organisation_id))


def reason_of(decision: Decision) -> Any:
    """The reason of a denial, or nothing."""
    return decision.reason if isinstance(decision, Denied) else ""
