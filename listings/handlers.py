"""What others' facts do to a result. Each may come again, or late, without doing harm."""

from __future__ import annotations

from marketplace.facts import AuctionClosed, ContractRegistered, ContractSigned
from marketplace.outbox import subscribe
from marketplace.permissions import SYSTEM

from . import services


def auction_closed(fact: AuctionClosed) -> None:
    """The bidding is over, sold or not."""
    services.end_bidding(SYSTEM, fact.listing_id, fact.outcome == "sold", f"auction:{fact.number}")


def contract_signed(fact: ContractSigned) -> None:
    """Both sides signed."""
    if fact.listing_id is not None:
        services.contract_signed(SYSTEM, fact.listing_id)


def contract_registered(fact: ContractRegistered) -> None:
    """The contract is registered; its signing may not have been told before."""
    if fact.listing_id is not None:
        services.contract_signed(SYSTEM, fact.listing_id)
        services.contract_registered(SYSTEM, fact.listing_id)


def register() -> None:
    """Subscribe to the facts."""
    subscribe(AuctionClosed, "listings.auction_closed", auction_closed)
    subscribe(ContractSigned, "listings.contract_signed", contract_signed)
    subscribe(ContractRegistered, "listings.contract_registered", contract_registered)
