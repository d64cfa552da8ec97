"""Evidence that holds against the exchange too: salted leaves, a chain of heads, signed receipts.

Every recorded event becomes a leaf, SHA-256 of 32 random bytes and the event's canonical JSON. Heads chain
the leaves, so the last head stands for the whole log; the salt keeps anyone from trying out amounts until
a hidden limit's leaf fits. A bidder keeps the signed receipt of each bid: a log from which that bid was
taken, even one chained anew and signed with the real key, contradicts it.

The format is described for third parties in `docs/auctions.md`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from .codec import event_from_json
from .events import Event
from .history import HistoryDiffers, recompute, rules_of

Json = dict[str, Any]

FORMAT = "exchange-evidence/1"
SALT_BYTES = 32
#: Keeps hashes and signatures of one purpose from passing for another's.
_LEAF, _HEAD, _GENESIS, _RECEIPT, _PUBLISHED = (
    b"exchange/leaf/1\x00",
    b"exchange/head/1\x00",
    b"exchange/genesis/1\x00",
    b"exchange/receipt/1\x00",
    b"exchange/published/1\x00",
)


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def genesis(auction: str) -> bytes:
    """The head before the first leaf; it ties the chain to one auction."""
    return hashlib.sha256(_GENESIS + auction.encode()).digest()


def leaf_hash(salt: bytes, entry: Mapping[str, Any]) -> bytes:
    """Commit to one event. Without the salt the leaf says nothing about it."""
    return hashlib.sha256(_LEAF + salt + canonical(entry)).digest()


def next_head(head: bytes, leaf: bytes) -> bytes:
    """The head after one more leaf."""
    return hashlib.sha256(_HEAD + head + leaf).digest()


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
    leaf = leaf_hash(bytes.fromhex(receipt.salt), receipt.entry).hex()
    return leaf == receipt.leaf and _signed(public_key, receipt.signed_part(), receipt.signature)


def _signed(public_key: bytes, message: bytes, signature: str) -> bool:
    try:
        VerifyKey(public_key).verify(message, bytes.fromhex(signature))
    except (BadSignatureError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored leaf with what it commits to."""

    sequence: int
    entry: Json
    salt: bytes
    leaf: bytes
    head: bytes


def chain(auction: str, events: Iterable[tuple[Json, bytes]], head: bytes | None = None) -> Iterator[Entry]:
    """Turn events with their salts into leaves and heads, continuing from a head if one is given."""
    running = genesis(auction) if head is None else head
    for entry, salt in events:
        leaf = leaf_hash(salt, entry)
        running = next_head(running, leaf)
        yield Entry(entry["sequence"], entry, salt, leaf, running)


def audit_export(auction: str, entries: Sequence[Entry], key: SigningKey) -> Json:
    """Everything, for an auditor: the log can be recomputed from it."""
    return _export(auction, entries, key, "audit", frozenset())


def public_export(auction: str, entries: Sequence[Entry], key: SigningKey) -> Json:
    """What everybody may have after the close.

    Limits, refused bids and a reserve that was not met stay commitments: their leaf alone is shown.
    """
    return _export(auction, entries, key, "public", _hidden(entries))


def _hidden(entries: Sequence[Entry]) -> frozenset[int]:
    sold = any(item.entry["event"] == "closed" and item.entry["outcome"] == "sold" for item in entries)
    kinds = {"limit_set", "refused"} | (set() if sold else {"reserve_sealed"})
    return frozenset(item.sequence for item in entries if item.entry["event"] in kinds)


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
        findings = list(_check(export, public_key))
        leaves, heads = _places(export)
        for receipt in receipts:
            findings += _check_receipt(receipt, export["auction"], leaves, heads, public_key)
    except (KeyError, TypeError, ValueError, AttributeError):
        return [Finding("malformed")]
    return findings


def _check(export: Mapping[str, Any], public_key: bytes) -> Iterator[Finding]:
    if export["format"] != FORMAT:
        yield Finding("unknown_format")
    head, expected, closed = genesis(export["auction"]), 1, False
    for item in export["entries"]:
        sequence, leaf = item["sequence"], bytes.fromhex(item["leaf"])
        if sequence != expected:
            yield Finding("out_of_order", sequence)
        if closed:
            yield Finding("after_close", sequence)
        if "entry" in item and not _commits(item, leaf, sequence):
            yield Finding("altered", sequence)
        closed = closed or item.get("entry", {}).get("event") == "closed"
        head, expected = next_head(head, leaf), sequence + 1
    if not closed:
        yield Finding("not_closed", expected - 1)
    if head.hex() != export["head"]:
        yield Finding("head_differs")
    published = _published(export["auction"], expected - 1, bytes.fromhex(export["head"]))
    if not _signed(public_key, published, export["signature"]):
        yield Finding("signature_wrong")
    if export["scope"] == "audit":
        yield from _check_history(export)


def _commits(item: Mapping[str, Any], leaf: bytes, sequence: int) -> bool:
    same = item["entry"]["sequence"] == sequence
    return same and leaf_hash(bytes.fromhex(item["salt"]), item["entry"]) == leaf


def _check_history(export: Mapping[str, Any]) -> Iterator[Finding]:
    """Decide every command again; the log must be what the announced rules give."""
    events: list[Event] = [event_from_json(item["entry"]) for item in export["entries"]]
    if not events:
        return
    try:
        recompute(rules_of(events), events)
    except HistoryDiffers as difference:
        yield Finding("rules_differ", difference.sequence)


def _places(export: Mapping[str, Any]) -> tuple[dict[int, str], dict[int, str]]:
    """Leaf and head at each place of the log."""
    leaves: dict[int, str] = {}
    heads: dict[int, str] = {}
    head = genesis(export["auction"])
    for item in export["entries"]:
        head = next_head(head, bytes.fromhex(item["leaf"]))
        leaves[item["sequence"]], heads[item["sequence"]] = item["leaf"], head.hex()
    return leaves, heads


def _check_receipt(
    receipt: Receipt, auction: str, leaves: Mapping[int, str], heads: Mapping[int, str], public_key: bytes
) -> Iterator[Finding]:
    place = receipt.sequence
    if not verify_receipt(receipt, public_key):
        yield Finding("receipt_forged", place)
    elif receipt.auction != auction:
        yield Finding("receipt_of_another_auction", place)
    elif leaves.get(place) != receipt.leaf:
        yield Finding("receipt_contradicts_log", place)
    elif heads[place] != receipt.head:
        yield Finding("log_before_receipt_differs", place)
