"""Sales that others tell of. A fact told twice changes nothing."""

from __future__ import annotations

from listings.kinds import band_of
from listings.models import Listing
from listings.queries import get_listing
from marketplace.facts import AuctionClosed, ContractCancelled, ContractEnded, ContractRegistered
from marketplace.outbox import subscribe

from . import services

#: Kinds of contract by which a result changes hands.
SELLING = frozenset({"transfer", "licence"})


def auction_closed(fact: AuctionClosed) -> None:
    """A sale at auction: the price is known before its contract is."""
    listing = get_listing(fact.listing_id)
    if fact.outcome != "sold" or fact.price is None or listing is None:
        return
    services.observe(
        f"auction:{fact.number}",
        price=fact.price,
        field=listing.field,
        observed_at=fact.closed_at,
        listing_id=listing.id,
        transfer_mode=_mode(listing),
        band=_band(listing),
        sample=listing.sample,
    )


def contract_registered(fact: ContractRegistered) -> None:
    """A registered contract; that of an auction is the same sale. Elsewhere concluded ones are known by their number.

    Development, consulting and service have no result that changes hands: what they cost says nothing of its price.
    """
    if fact.listing_id is None and fact.kind not in SELLING:
        return
    listing = get_listing(fact.listing_id) if fact.listing_id is not None else None
    services.observe(
        fact.sale if fact.listing_id is not None and fact.sale else f"contract:{fact.number}",
        price=fact.technical_amount or fact.amount,
        field=listing.field if listing else fact.field,
        observed_at=fact.registered_at,
        listing_id=fact.listing_id,
        transfer_mode=_mode(listing) if listing else "",
        band=_band(listing) if listing else "",
        contract_number=fact.number,
        sample=listing.sample if listing else False,
    )


def contract_cancelled(fact: ContractCancelled) -> None:
    """A cancelled registration no longer counts."""
    services.forget(fact.number)


def contract_ended(fact: ContractEnded) -> None:
    """A sale whose contract came to nothing was none."""
    services.forget_sale(fact.source)


def _mode(listing: Listing) -> str:
    """The way of transfer, where the result offered only one."""
    return listing.transfer_modes[0] if len(listing.transfer_modes) == 1 else ""


def _band(listing: Listing) -> str:
    band = band_of(listing.trl)
    return band.value if band else ""


def register() -> None:
    """Subscribe to the facts."""
    subscribe(AuctionClosed, "pricing.auction_closed", auction_closed)
    subscribe(ContractRegistered, "pricing.contract_registered", contract_registered)
    subscribe(ContractEnded, "pricing.contract_ended", contract_ended)
    subscribe(ContractCancelled, "pricing.contract_cancelled", contract_cancelled)
