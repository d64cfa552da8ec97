"""Evidence that holds against the exchange too: signed receipts, exports of the log, and the check of both.

A bidder keeps the signed receipt of each bid: a log from which that bid was taken, even one chained anew and
signed with the real key, contradicts it. Leaves and heads are made in `leaves`; the format is described for
third parties in `docs/auctions.md`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from .amounts import ZERO
from .codec import event_from_json
from .events import BidPlaced, LimitSet, Opened
from .history import HistoryDiffers, recompute, rules_of
from .leaves import (
    HASH_BYTES,
    SALT_BYTES,
    UNREADABLE,
    Entry,
    Json,
    canonical,
    chain,
    genesis,
    leaf_hash,
    next_head,
    unhex,
)

__all__ = [
    "FORMAT", "HASH_BYTES", "SALT_BYTES", "Entry", "Finding", "Json", "Receipt", "audit_export", "canonical", "chain",
    "genesis", "leaf_hash", "next_head", "public_export", "sign_head", "sign_receipt", "verify", "verify_receipt",
]  # fmt: skip

FORMAT = "exchange-evidence/1"
#: Keeps a signature of one purpose from passing for another's.
_RECEIPT, _PUBLISHED = b"exchange/receipt/1\x00", b"exchange/published/1\x00"


def sign_head(key: SigningKey, auction: str, sequence: int, head: bytes) -> bytes:
    """Sign a head for publication."""
    return key.sign(_published(auction, sequence, head)).signature


def _published(auction: str, sequence: int, head: bytes) -> bytes:
    return _PUBLISHED + canonical({"auction": auction, "sequence": sequence, "head": head.hex()})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a bidder keeps of one bid: the event with its salt, its place, and the head after it."""

    auction: str
    bidder: int
    sequence: int
    entry: Json
    salt: str
    leaf: str
    head: str
    at: str
    signature: str = ""

    def signed_part(self) -> bytes:
        """Everything but the signature."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "signature"}
        return _RECEIPT + canonical(values)

    def to_json(self) -> Json:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Receipt":
        """Read a kept receipt. Raises KeyError where a part is missing."""
        return cls(**{name: data[name] for name in cls.__slots__})


def sign_receipt(
    key: SigningKey, auction: str, bidder: int, entry: Json, salt: bytes, leaf: bytes, head: bytes
) -> Receipt:
    """Give a bidder proof that this event stands at its place in the log."""
    draft = Receipt(auction, bidder, entry["sequence"], entry, salt.hex(), leaf.hex(), head.hex(), entry["at"])
    signature = key.sign(draft.signed_part()).signature
    return Receipt(**{**draft.to_json(), "signature": signature.hex()})


def verify_receipt(receipt: Receipt, public_key: bytes) -> bool:
    """True if we signed it and it commits to the event it shows."""
    entry = receipt.entry
    try:
        leaf = leaf_hash(unhex(receipt.salt, SALT_BYTES), entry).hex()
        place = (entry["bidder"], entry["sequence"], entry["at"])
        message = receipt.signed_part()
    except UNREADABLE:
        return False
    told = (receipt.bidder, receipt.sequence, receipt.at)
    return leaf == receipt.leaf and place == told and _signed(public_key, message, receipt.signature)


def _signed(public_key: bytes, message: bytes, signature: str) -> bool:
    try:
        VerifyKey(public_key).verify(message, unhex(signature, 64))
    except (BadSignatureError, *UNREADABLE):
        return False
    return True


def audit_export(auction: str, entries: Sequence[Entry], key: SigningKey) -> Json:
    """Everything, for an auditor: the log can be recomputed from it."""
    return _export(auction, entries, key, "audit", frozenset())


def public_export(auction: str, entries: Sequence[Entry], key: SigningKey) -> Json:
    """What everybody may have after the close. Raises ValueError while the auction still runs.

    The winner's unused limit, refused bids and a reserve that was not met stay commitments: of these the
    leaf alone is shown.
    """
    if not any(item.entry["event"] in ("closed", "cancelled") for item in entries):
        raise ValueError("the auction still runs")
    return _export(auction, entries, key, "public", _hidden(entries))


def _hidden(entries: Sequence[Entry]) -> frozenset[int]:
    sold = any(item.entry["event"] == "closed" and item.entry["outcome"] == "sold" for item in entries)
    bids = [Decimal(item.entry["amount"]) for item in entries if item.entry["event"] == "bid_placed"]
    price = max(bids, default=ZERO)
    return frozenset(item.sequence for item in entries if _stays_sealed(item.entry, sold, price))


def _stays_sealed(entry: Json, sold: bool, price: Decimal) -> bool:
    """Only the leader's limit can lie above the last price; every other one was used up by rivals."""
    match entry["event"]:
        case "refused":
            return True
        case "reserve_sealed":
            return not sold
        case "limit_set":
            return Decimal(entry["limit"]) > price
        case _:
            return False


def _export(auction: str, entries: Sequence[Entry], key: SigningKey, scope: str, hidden: frozenset[int]) -> Json:
    head = entries[-1].head if entries else genesis(auction)
    sequence = entries[-1].sequence if entries else 0
    return {
        "format": FORMAT,
        "scope": scope,
        "auction": auction,
        "entries": [_shown(item, item.sequence in hidden) for item in entries],
        "sequence": sequence,
        "head": head.hex(),
        "signature": sign_head(key, auction, sequence, head).hex(),
        "public_key": key.verify_key.encode().hex(),
    }


def _shown(item: Entry, hidden: bool) -> Json:
    shown: Json = {"sequence": item.sequence, "leaf": item.leaf.hex()}
    if not hidden:
        shown |= {"salt": item.salt.hex(), "entry": item.entry}
    return shown


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold; `sequence` says where, 0 for the file as a whole."""

    code: str
    sequence: int = 0


def verify(export: Mapping[str, Any], receipts: Iterable[Receipt], public_key: bytes) -> list[Finding]:
    """Check a log, and any receipts against it. An empty list means that everything holds."""
    try:
        chained = list(_places(export))
        findings = list(_check(export, chained, public_key))
    except UNREADABLE:
        return [Finding("malformed")]
    places = dict(chained)
    for receipt in receipts:
        findings += _check_receipt(receipt, export["auction"], places, public_key)
    return findings


_PARTS = {"format", "scope", "auction", "entries", "sequence", "head", "signature", "public_key"}
_SEALED, _SHOWN = {"sequence", "leaf"}, {"sequence", "leaf", "salt", "entry"}


def _check(
    export: Mapping[str, Any], chained: Sequence[tuple[int, tuple[str, bytes]]], public_key: bytes
) -> Iterator[Finding]:
    if set(export) != _PARTS or export["format"] != FORMAT or export["scope"] not in ("public", "audit"):
        yield Finding("unknown_format")
    if export["public_key"] != public_key.hex():
        yield Finding("another_key")
    yield from _check_entries(export["entries"], audit=export["scope"] == "audit")
    count = len(export["entries"])
    head = chained[-1][1][1] if chained else genesis(export["auction"])
    if (export["head"], export["sequence"]) != (head.hex(), count):
        yield Finding("head_differs")
    published = _published(export["auction"], count, unhex(export["head"], HASH_BYTES))
    if not _signed(public_key, published, export["signature"]):
        yield Finding("signature_wrong")
    if export["scope"] == "audit":
        yield from _check_history(export["entries"])


def _check_entries(entries: Sequence[Mapping[str, Any]], *, audit: bool) -> Iterator[Finding]:
    """Each entry stands at its place, fits its leaf, follows in time, and nothing follows the close."""
    closed, last_at = False, ""
    for place, item in enumerate(entries, 1):
        sequence, shown = item["sequence"], set(item) == _SHOWN
        if sequence != place:
            yield Finding("out_of_order", sequence)
        if closed:
            yield Finding("after_close", sequence)
        if not shown and (audit or set(item) != _SEALED):
            yield Finding("entry_missing", sequence)
        if not shown:
            continue
        entry = item["entry"]
        leaf = leaf_hash(unhex(item["salt"], SALT_BYTES), entry).hex()
        if leaf != item["leaf"] or entry["sequence"] != sequence:
            yield Finding("altered", sequence)
        if entry["at"] < last_at:
            yield Finding("time_runs_back", sequence)
        closed, last_at = closed or entry["event"] == "closed", entry["at"]
    if not closed:
        yield Finding("not_closed", len(entries))


def _check_history(entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Decide every command again; the log must be what the announced rules give."""
    try:
        events = [event_from_json(item["entry"]) for item in entries]
        # An auction cancelled before it opened has no rules on record, and nothing they could decide.
        if any(isinstance(event, Opened | LimitSet | BidPlaced) for event in events):
            recompute(rules_of(events), events)
    except HistoryDiffers as difference:
        yield Finding("rules_differ", difference.sequence)
    except UNREADABLE:
        yield Finding("rules_differ")


def _places(export: Mapping[str, Any]) -> Iterator[tuple[int, tuple[str, bytes]]]:
    """Leaf and head at each place of the log."""
    head = genesis(export["auction"])
    for item in export["entries"]:
        head = next_head(head, unhex(item["leaf"], HASH_BYTES))
        yield item["sequence"], (item["leaf"], head)


def _check_receipt(
    receipt: Receipt, auction: str, places: Mapping[int, tuple[str, bytes]], public_key: bytes
) -> Iterator[Finding]:
    place = receipt.sequence
    leaf, head = places.get(place, ("", b""))
    if not verify_receipt(receipt, public_key):
        yield Finding("receipt_forged", place)
    elif receipt.auction != auction:
        yield Finding("receipt_of_another_auction", place)
    elif leaf != receipt.leaf:
        yield Finding("receipt_contradicts_log", place)
    elif head.hex() != receipt.head:
        yield Finding("log_before_receipt_differs", place)
