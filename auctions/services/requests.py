"""From a seller's request to an announced auction."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from listings import queries as listings
from listings import services as sales
from marketplace import audit
from marketplace.clock import db_now
from marketplace.errors import Conflict, Invalid, NotFound
from marketplace.facts import AuctionAnnounced
from marketplace.numbers import next_number
from marketplace.outbox import publish
from marketplace.permissions import Actor
from marketplace.states import move

from .. import control, notifications, policies, queries, terms
from ..engine import rules_to_json
from ..models import Auction
from ..states import AUCTION, AuctionAction, AuctionState
from ..terms import Terms
from .common import lock, needed


def schedule(actor: Actor, listing_id: int, asked: Terms) -> Auction:
    """Ask for the auction of a listed result: a draft that the auctioneer reviews.

    Raises:
        NotFound: the result is not the actor's, or may not go to auction.
        Invalid: terms that the exchange does not take.
    """
    policies.can_request(actor).check()
    listing = listings.get_listing(listing_id)
    if listing is None or not actor.acts_for(listing.organisation_id):
        raise NotFound
    if queries.of_listing(listing.id):
        raise Conflict(_l("An auction of this result is asked for or under way already."))
    if not actor.system and listing.id not in {one.id for one in listings.for_auction(actor)}:
        raise Conflict(_l("This result cannot go to auction: it must be on the board, priced by auction."))
    _check(actor, asked)
    auction = Auction(
        number=next_number("PM"),
        listing_id=listing.id,
        organisation_id=listing.organisation_id,
        state=AuctionState.DRAFT,
        created_by_id=actor.user_id,
    )
    _take(auction, asked)
    audit.record(actor, "auction.request", auction, after=_told(auction))
    notifications.requested(auction, listing.title)
    return auction


def revise(actor: Actor, auction: Auction, asked: Terms) -> None:
    """Change the terms of a draft. A request that was returned stands for review again.

    Raises:
        Invalid: terms that the exchange does not take.
    """
    policies.can_edit(actor, lock(auction)).check()
    _check(actor, asked)
    before, had_reserve = _told(auction), control.reserve_of(auction)
    _take(auction, asked)
    after = _told(auction)
    changed = {name for name in after if before[name] != after[name]}
    # That it was changed is on record; what it was and is, is nobody's but the seller's.
    hidden = {"reserve": "changed"} if had_reserve != asked.reserve else {}
    audit.record(
        actor,
        "auction.revise",
        auction,
        {name: before[name] for name in changed},
        {name: after[name] for name in changed} | hidden,
    )


def send_back(actor: Actor, auction: Auction, reason: str) -> None:
    """Return a request to the seller with what has to change."""
    policies.can_send_back(actor, lock(auction)).check()
    auction.reason = needed(reason)
    audit.record(actor, "auction.send_back", auction, after={"reason": auction.reason})
    notifications.returned(auction)


def announce(actor: Actor, auction: Auction) -> None:
    """Put the auction on the public calendar: the terms stand, registration opens, the clock runs.

    Raises:
        Invalid: what was right when it was asked for is too late now.
        IllegalTransition: the result has left the board meanwhile.
    """
    policies.can_announce(actor, lock(auction)).check()
    if auction.reason:
        raise Conflict(_l("The request was returned to the seller, who must answer first."))
    now = db_now()
    _check(actor, terms_of(auction))
    sales.start_bidding(actor, auction.listing_id, auction.deposit_reference)
    move(auction, AUCTION, AuctionAction.ANNOUNCE, actor)
    auction.announced_at = now
    control.put_on_calendar(auction)
    audit.record(actor, "auction.announce", auction, {"state": AuctionState.DRAFT}, _told(auction))
    publish(AuctionAnnounced(auction_id=auction.id, number=auction.number, listing_id=auction.listing_id))
    notifications.announced(auction)


def terms_of(auction: Auction) -> Terms:
    """The terms as they stand, reserve included: for services and the forms of those who may see it."""
    rules = queries.rules_of(auction)
    return Terms(
        opening=rules.opening,
        bands=rules.increments,
        deposit=auction.deposit_amount,
        registration_ends_at=auction.registration_ends_at or rules.opens_at,
        starts_at=rules.opens_at,
        free_ends_at=rules.free_ends_at,
        cycle_s=rules.extension_s,
        reserve=rules.reserve,
        announce_reserve_status=rules.announce_reserve_status,
        multiples_only=rules.multiples_only,
        proxy=rules.proxy,
        min_bidders=rules.min_bidders,
        restricted=auction.restricted,
        conditions=auction.terms,
    )


def _check(actor: Actor, asked: Terms) -> None:
    """The system (sample data, commands) is not held to office hours and lead times: its auctions may run already."""
    wrong = terms.problems(asked, None if actor.system else db_now())
    if wrong:
        raise Invalid(fields=wrong)


def _take(auction: Auction, asked: Terms) -> None:
    auction.deposit_amount = asked.deposit
    auction.registration_ends_at = asked.registration_ends_at
    auction.restricted = asked.restricted
    auction.terms = asked.conditions.strip()
    auction.reason = ""
    control.set_rules(auction, asked.rules())


def _told(auction: Auction) -> dict[str, Any]:
    """What the audit trail says of the terms: everything but the reserve."""
    return {
        "rules": rules_to_json(queries.rules_of(auction), with_reserve=False),
        "deposit": auction.deposit_amount,
        "registration_ends_at": auction.registration_ends_at,
        "restricted": auction.restricted,
        "conditions": auction.terms,
        "has_reserve": auction.has_reserve,
    }
