"""What other packages' facts start here: a sale becomes a draft."""

from __future__ import annotations

from decimal import Decimal

from listings import queries as listings
from marketplace.facts import AuctionClosed, ListingSaleAgreed
from marketplace.permissions import SYSTEM

from .kinds import ContractKind
from .services import Terms, draft_contract

#: Transfer modes of a result and the kind and sub-type of the contract they become.
KINDS = {
    "assignment": (ContractKind.TRANSFER, "patent"),
    "exclusive": (ContractKind.LICENCE, "exclusive"),
    "sole": (ContractKind.LICENCE, "sole"),
    "ordinary": (ContractKind.LICENCE, "ordinary"),
    "cross": (ContractKind.LICENCE, "ordinary"),
    "sublicence": (ContractKind.LICENCE, "ordinary"),
    "open": (ContractKind.LICENCE, "ordinary"),
    "use_first": (ContractKind.LICENCE, "ordinary"),
    "equity": (ContractKind.TRANSFER, "other_transfer"),
    "joint": (ContractKind.DEVELOPMENT, "joint"),
}


def draft_after_auction(fact: AuctionClosed) -> None:
    """A sold auction becomes a contract between seller and winner at the final price."""
    if fact.outcome != "sold" or fact.winner_organisation_id is None or fact.price is None:
        return
    _draft(f"auction:{fact.number}", fact.listing_id, fact.winner_organisation_id, fact.price, "")


def draft_after_agreement(fact: ListingSaleAgreed) -> None:
    """An agreed sale that stood its publicity becomes a contract with the named buyer."""
    _draft(f"listing:{fact.number}", fact.listing_id, fact.buyer_organisation_id, fact.price, fact.transfer_mode)


def _draft(source: str, listing_id: int, buyer_id: int, price: Decimal, mode: str) -> None:
    listing = listings.get_listing(listing_id)
    if listing is None:
        raise LookupError(f"listing {listing_id} of {source}")
    chosen = mode or next(iter(listing.transfer_modes), "assignment")
    kind, subtype = KINDS[chosen]
    items = tuple({"kind": item.kind.value, "number": item.number, "title": item.title} for item in listing.ip_items)
    terms = Terms(
        source=source,
        title=listing.title,
        kind=kind,
        subtype=subtype,
        seller_id=listing.organisation_id,
        buyer_id=buyer_id,
        amount=price,
        field=listing.field or "other",
        listing_id=listing.id,
        listing_number=listing.number,
        ip_items=items,
        payment_terms=listing.payment_terms,
        sample=listing.sample,
    )
    draft_contract(SYSTEM, terms)
