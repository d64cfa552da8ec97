"""What others' facts do to a result. Each may come again, or late, without doing harm."""

from __future__ import annotations

from accounts import queries as accounts
from marketplace.facts import (
    AuctionClosed,
    ContractCancelled,
    ContractRegistered,
    ContractSigned,
    MembershipEnded,
    OrganisationRenamed,
)
from marketplace.outbox import subscribe
from marketplace.permissions import SYSTEM

from . import services


def auction_closed(fact: AuctionClosed) -> None:
    """The bidding is over, sold or not."""
    services.end_bidding(SYSTEM, fact.listing_id, fact.outcome == "sold", f"auction:{fact.number}")


def contract_signed(fact: ContractSigned) -> None:
    """Both sides signed."""
    if fact.listing_id is not None:
        services.contract_signed(SYSTEM, fact.listing_id, fact.source)


def contract_registered(fact: ContractRegistered) -> None:
    """The contract is registered; its signing may not have been told before."""
    if fact.listing_id is not None:
        services.contract_signed(SYSTEM, fact.listing_id, fact.sale)
        services.contract_registered(SYSTEM, fact.listing_id, fact.sale)


def contract_cancelled(fact: ContractCancelled) -> None:
    """The registration was cancelled: with the contract, the result is free; alone, it is contracted as before."""
    if fact.listing_id is None:
        return
    end = services.deal_failed if fact.dissolved else services.registration_cancelled
    end(SYSTEM, fact.listing_id, fact.reason, fact.sale)


def membership_ended(fact: MembershipEnded) -> None:
    """Somebody left: whoever takes over keeps their results."""
    leaver, taker = accounts.get_user(fact.user_id), accounts.taker(fact.organisation_id, fact.heir_user_id)
    if leaver is not None and taker is not None and taker.id != leaver.id:
        services.hand_over(SYSTEM, fact.organisation_id, leaver, taker)


def organisation_renamed(fact: OrganisationRenamed) -> None:
    """The search finds an organisation's results by its present name."""
    services.reindex_of(fact.organisation_id)


def register() -> None:
    """Subscribe to the facts."""
    subscribe(AuctionClosed, "listings.auction_closed", auction_closed)
    subscribe(ContractSigned, "listings.contract_signed", contract_signed)
    subscribe(ContractRegistered, "listings.contract_registered", contract_registered)
    subscribe(ContractCancelled, "listings.contract_cancelled", contract_cancelled)
    subscribe(OrganisationRenamed, "listings.organisation_renamed", organisation_renamed)
    subscribe(MembershipEnded, "listings.hand_over", membership_ended)
