"""What other packages' facts start here: a sale becomes a draft."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from accounts import queries as accounts
from listings import queries as listings
from listings.kinds import PATENTS, IpKind, IpStatus
from listings.models import IpItem
from marketplace.facts import AuctionClosed, ListingSaleAgreed, MembershipEnded, OrganisationRenamed
from marketplace.permissions import SYSTEM

from .kinds import ContractKind
from .services import Terms, draft_contract, hand_over, rename_party

#: Transfer modes of a result and the kind and sub-type of the contract they become.
KINDS = {
    "assignment": (ContractKind.TRANSFER, "other_transfer"),
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


#: What is transferred decides the sub-type: the first right of the result.
TRANSFERS = {
    IpKind.INVENTION: "patent",
    IpKind.UTILITY: "patent",
    IpKind.DESIGN: "patent",
    IpKind.SOFTWARE: "software",
    IpKind.LAYOUT: "layout",
    IpKind.VARIETY: "variety",
    IpKind.DRUG: "drug",
    IpKind.SECRET: "know_how",
}


def draft_after_auction(fact: AuctionClosed) -> None:
    """A sold auction becomes a contract between seller and winner at the final price."""
    if fact.outcome != "sold" or fact.winner_organisation_id is None or fact.price is None:
        return
    _draft(f"auction:{fact.number}", fact.listing_id, fact.winner_organisation_id, fact.price, "")


def draft_after_agreement(fact: ListingSaleAgreed) -> None:
    """An agreed sale that stood its publicity becomes a contract with the named buyer."""
    source = fact.source or f"listing:{fact.number}"
    _draft(source, fact.listing_id, fact.buyer_organisation_id, fact.price, fact.transfer_mode)


def _draft(source: str, listing_id: int, buyer_id: int, price: Decimal, mode: str) -> None:
    listing = listings.get_listing(listing_id)
    if listing is None:
        raise LookupError(f"listing {listing_id} of {source}")
    chosen = mode or next(iter(listing.transfer_modes), "assignment")
    kind, subtype = _kind(chosen, listing.ip_items)
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


def _kind(mode: str, items: Sequence[IpItem]) -> tuple[ContractKind, str]:
    """Kind and sub-type: a patent that is not granted yet is transferred as a right of application."""
    kind, subtype = KINDS[mode]
    if not items:
        return kind, subtype
    first = items[0]
    if mode == "assignment":
        pending = first.kind in PATENTS and first.status in (IpStatus.PENDING, IpStatus.PUBLISHED)
        subtype = "application" if pending else TRANSFERS.get(first.kind, subtype)
    elif kind is ContractKind.LICENCE and first.kind is IpKind.SECRET:
        subtype = "know_how_licence"
    return kind, subtype


def organisation_renamed(fact: OrganisationRenamed) -> None:
    """A party is called otherwise: what is not signed follows."""
    rename_party(SYSTEM, fact.organisation_id, fact.name)


def membership_ended(fact: MembershipEnded) -> None:
    """Somebody left a party: whoever takes over goes on with the contracts they drafted."""
    leaver, taker = accounts.get_user(fact.user_id), accounts.taker(fact.organisation_id, fact.heir_user_id)
    if leaver is not None and taker is not None and taker.id != leaver.id:
        hand_over(SYSTEM, fact.organisation_id, leaver, taker, fact.ended_at)
