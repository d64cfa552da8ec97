"""Evidence as stored: bids and events read back into the exact entries their leaves commit to, receipts, exports.

The format itself, and the verifier that anybody may run, are pure and live in `engine.evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from marketplace.db import db
from marketplace.errors import Conflict
from marketplace.settings import Settings

from . import keys
from .engine import BidPlaced, LimitSet, Refused, event_to_json
from .engine.evidence import Entry, Finding, Receipt, audit_export, public_export, sign_receipt, verify
from .models import Auction, AuctionBidder, AuctionEvent, Bid
from .states import AuctionState, BidKind


@dataclass(frozen=True, slots=True)
class Proof:
    """One bid's place in the evidence: all that its entry and its receipt are made of."""

    auction_number: str
    bidder: int
    kind: str
    amount: Decimal
    key: str
    accepted: bool
    refusal: str
    sequence: int
    at: datetime
    ends_at: datetime | None
    salt: bytes
    leaf: bytes
    head: bytes

    def entry(self) -> dict[str, Any]:
        """The entry that the leaf commits to."""
        if not self.accepted or self.ends_at is None:
            return event_to_json(Refused(self.sequence, self.at, self.bidder, self.key, self.amount, self.refusal))
        place = (self.sequence, self.at, self.bidder, self.key, self.amount)
        if self.kind == BidKind.LIMIT:
            return event_to_json(LimitSet(*place, self.ends_at))
        return event_to_json(BidPlaced(*place, self.kind == BidKind.AUTO, self.ends_at))


def proof_of(auction_number: str, number: int, bid: Bid) -> Proof:
    """The proof of a stored bid of the bidder with this number."""
    return Proof(
        auction_number, number, bid.kind.value, bid.amount, bid.key, bid.accepted, bid.refusal, bid.sequence, bid.at,
        bid.ends_at, bid.salt, bid.leaf, bid.head,
    )  # fmt: skip


def receipt(settings: Settings, proof: Proof) -> Receipt:
    """The signed receipt of a bid. The same bid gives the same receipt whenever it is asked for."""
    signer = keys.signing_key(settings)
    return sign_receipt(signer, proof.auction_number, proof.bidder, proof.entry(), proof.salt, proof.leaf, proof.head)


def entries(auction: Auction) -> list[Entry]:
    """Everything in the auction's log, in order, salts and hidden amounts included."""
    bids = db.session.execute(select(Bid, AuctionBidder.number).join(AuctionBidder).where(Bid.auction_id == auction.id))
    found = [
        Entry(bid.sequence, proof_of(auction.number, number, bid).entry(), bid.salt, bid.leaf, bid.head)
        for bid, number in bids
    ]
    events = db.session.scalars(select(AuctionEvent).where(AuctionEvent.auction_id == auction.id))
    found += [Entry(event.sequence, event.entry, event.salt, event.leaf, event.head) for event in events]
    return sorted(found, key=lambda entry: entry.sequence)


def audit_file(settings: Settings, auction: Auction) -> dict[str, Any]:
    """Everything, for an auditor. The caller writes down who took it."""
    return audit_export(auction.number, entries(auction), keys.signing_key(settings))


def public_file(settings: Settings, auction: Auction) -> dict[str, Any]:
    """What everybody may have once the auction is over.

    Raises:
        Conflict: it is still running.
    """
    if auction.state not in (AuctionState.CLOSED, AuctionState.CANCELLED):
        raise Conflict
    return public_export(auction.number, entries(auction), keys.signing_key(settings))


def check(settings: Settings, auction: Auction, receipts: list[Receipt] | None = None) -> list[Finding]:
    """Verify a stored log: every leaf, the chain, the announced rules, and that its head is the auction's own."""
    stored = entries(auction)
    file = audit_export(auction.number, stored, keys.signing_key(settings))
    findings = verify(file, receipts or [], keys.public_key(settings))
    findings += [
        Finding("stored_leaf_differs", one.sequence)
        for one, shown in zip(stored, file["entries"], strict=True)
        if one.leaf.hex() != shown["leaf"]
    ]
    if stored and (stored[-1].head != auction.head or stored[-1].sequence != auction.sequence):
        findings.append(Finding("stored_head_differs"))
    running = auction.state not in (AuctionState.CLOSED, AuctionState.CANCELLED)
    return [finding for finding in findings if not (running and finding.code == "not_closed")]
