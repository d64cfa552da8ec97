"""Salted leaves and the chain of heads over them.

Every recorded event becomes a leaf, SHA-256 of 32 random bytes and the event's canonical JSON. Heads chain
the leaves, so the last head stands for the whole log; the salt keeps anyone from trying out amounts until
a hidden limit's leaf fits.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

SALT_BYTES = 32
HASH_BYTES = 32
#: Keeps our chains from passing for anything else. Leaves and heads need no prefix of their own: what a head
#: hashes is 64 bytes long, and an event's JSON alone is longer than the 32 that would make a leaf look like one.
_GENESIS = b"exchange/genesis/1\x00"
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: keys sorted, no spaces, UTF-8."""
    return _ENCODER.encode(value).encode()


def genesis(auction: str) -> bytes:
    """The head before the first leaf; it ties the chain to one auction."""
    return hashlib.sha256(_GENESIS + auction.encode()).digest()


def leaf_hash(salt: bytes, entry: Mapping[str, Any]) -> bytes:
    """Commit to one event. Without the salt the leaf says nothing about it."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(salt + canonical(entry)).digest()


def next_head(head: bytes, leaf: bytes) -> bytes:
    """The head after one more leaf."""
    return hashlib.sha256(head + leaf).digest()


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


#: What reading a file of unknown making can end in.
UNREADABLE = (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError)


def unhex(text: str, size: int) -> bytes:
    """Read hex in its one spelling, lower case and of the right length; anything else is a change."""
    value = bytes.fromhex(text)
    if len(value) != size or value.hex() != text:
        raise ValueError("not the expected hex")
    return value
