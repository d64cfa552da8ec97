"""What happened, in the past tense: the small versioned schemas that packages tell each other.

A fact is published in the transaction that makes it true (`marketplace.outbox.publish`) and handled by
name in other packages' `handlers.py`. Change a schema only by adding fields with defaults, or raise
its version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Base of all facts. `key` names the object whose facts are handled in order."""

    version: ClassVar[int] = 1

    @property
    def key(self) -> str:
        raise NotImplementedError(type(self).__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationVerified(Fact):
    """An administrator verified an organisation: it may list and bid from now on."""

    organisation_id: int
    name: str

    @property
    def key(self) -> str:
        return f"organisation:{self.organisation_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRenamed(Fact):
    """An organisation has another name; copies kept for search and in open drafts follow."""

    organisation_id: int
    old_name: str
    name: str

    @property
    def key(self) -> str:
        return f"organisation:{self.organisation_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded(Fact):
    """A person left an organisation; their open work there goes to the heir, or to nobody."""

    organisation_id: int
    user_id: int
    heir_user_id: int | None = None
    #: Tells two leavings of one person apart.
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        return f"organisation:{self.organisation_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFact(Fact):
    """Common part of what happens to a listing."""

    listing_id: int
    number: str
    organisation_id: int

    @property
    def key(self) -> str:
        return f"listing:{self.listing_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingListed(ListingFact):
    """The result is on the public board and may be sold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingChanged(ListingFact):
    """The public text of a listing changed, or it left the public board for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingWithdrawn(ListingFact):
    """The listing left the board for good (withdrawn, suspended, rejected)."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingSaleAgreed(ListingFact):
    """A price by agreement with a named buyer stood its publicity without an open objection."""

    buyer_organisation_id: int
    price: Decimal
    transfer_mode: str
    #: Names this sale among all of the result's.
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositFact(Fact):
    """Common part of what happens to a deposit; `reference` is opaque (`auction:PM2026-000123`)."""

    deposit_id: int
    organisation_id: int
    reference: str
    amount: Decimal

    @property
    def key(self) -> str:
        return f"deposit:{self.deposit_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositLocked(DepositFact):
    """The deposit was received and stands behind the bidder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReleased(DepositFact):
    """The deposit is to go back to the payer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuctionFact(Fact):
    """Common part of what happens to an auction."""

    auction_id: int
    number: str
    listing_id: int

    @property
    def key(self) -> str:
        return f"auction:{self.auction_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuctionAnnounced(AuctionFact):
    """The auction is on the public calendar and takes registrations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BidderOutbid(AuctionFact):
    """An organisation no longer leads."""

    organisation_id: int
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AuctionClosed(AuctionFact):
    """The auction ended; exactly once per auction. `outcome` names how (`sold`, `no_bid`, `reserve_not_met`)."""

    outcome: str
    seller_organisation_id: int
    winner_organisation_id: int | None = None
    price: Decimal | None = None
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFact(Fact):
    """Common part of what happens to a technology contract."""

    contract_id: int
    number: str

    @property
    def key(self) -> str:
        return f"contract:{self.contract_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSigned(ContractFact):
    """Both sides have signed. `source` is opaque (`auction:PM…`, `listing:CG…:7`)."""

    source: str
    listing_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRegistered(ContractFact):
    """The contract was registered (认定登记) and counts toward the goal by its 成交额, once."""

    registration_number: str
    registered_at: datetime
    amount: Decimal
    technical_amount: Decimal
    kind: str
    field: str
    source: str
    seller_region: str
    buyer_region: str
    seller_kind: str
    listing_id: int | None = None
    #: The sale it came from (`auction:PM…`, `listing:CG…:7`); `source` names its kind alone.
    sale: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationChanged(ContractFact):
    """What a contract is registered as was corrected; it counts as this from now on, on the same day."""

    revision: int
    technical_amount: Decimal
    kind: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCancelled(ContractFact):
    """A registration was cancelled; the contract no longer counts. Dissolved: nor does it bind its sides."""

    amount: Decimal
    reason: str = ""
    listing_id: int | None = None
    sale: str = ""
    dissolved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractEnded(ContractFact):
    """A deal came to nothing before it was registered, by whose doing (`buyer`, `seller`, `both`)."""

    source: str
    cause: str
    listing_id: int | None = None
    reason: str = ""
