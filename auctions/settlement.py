"""What follows when auctions change: history, audit, deposits and facts, set-based and in the same transaction.

`write` is the one way in which locked auctions (`storage.Book`) reach the database, whether one bid, the closer's
five hundred ends, or an auctioneer's decision brought them there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from marketplace import request_id
from marketplace.audit import GENESIS
from marketplace.facts import AuctionClosed, Fact
from marketplace.fault import declare, fault
from marketplace.jsons import plain
from marketplace.outbox import row_of
from marketplace.permissions import SYSTEM, Actor
from payments.bulk import decide_deposits

from . import storage
from .engine import Cancelled, Closed, Event, Opened, Resumed, Suspended
from .states import AUCTION, AuctionAction, AuctionState
from .storage import Book, Connection

AFTER_OUTCOME = declare("close.after_outcome", "outcomes are written, deposits and facts are not")

_ACTIONS: dict[type[Any], AuctionAction] = {
    Opened: AuctionAction.OPEN,
    Suspended: AuctionAction.SUSPEND,
    Resumed: AuctionAction.RESUME,
    Cancelled: AuctionAction.CANCEL,
    Closed: AuctionAction.CLOSE,
}


def write(connection: Connection, changed: Sequence[Book], facts: Sequence[Fact] = (), actor: Actor = SYSTEM) -> None:
    """Write these auctions and everything that follows; the caller commits."""
    storage.write(connection, changed)
    moved = [book for book in changed if book.event_rows]
    if moved:
        _write_history(connection, moved, actor)
    closed = [book for book in moved if book.closed is not None]
    published = list(facts)
    if closed:
        fault(AFTER_OUTCOME)
        winners = _organisations(connection, [book for book in closed if _sold(book)])
        decide_deposits(connection, [(f"auction:{book.number}", winners.get(book.id)) for book in closed])
        published += [_closed_fact(book, winners.get(book.id)) for book in closed]
    if published:
        publish(connection, published)


def _sold(book: Book) -> bool:
    return book.closed is not None and book.closed.winner is not None


def _organisations(connection: Connection, sold: Sequence[Book]) -> dict[int, int]:
    """The winning organisation of each auction."""
    if not sold:
        return {}
    found = connection.execute(
        "SELECT auction_id, organisation_id FROM auction_bidders WHERE id = ANY(%s)", ([b.leader_id for b in sold],)
    )
    return dict(found.fetchall())


def _closed_fact(book: Book, winner: int | None) -> AuctionClosed:
    closed = book.closed
    assert closed is not None  # noqa: S101 - only closed auctions come here
    return AuctionClosed(
        auction_id=book.id,
        number=book.number,
        listing_id=book.listing_id,
        outcome=closed.outcome,
        seller_organisation_id=book.organisation_id,
        winner_organisation_id=winner,
        price=closed.price,
        closed_at=closed.at,
    )


_PUBLISH = """
    WITH given AS (SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::text[], %b::bigint[])
                       AS u (name, version, key, payload, place)),
         numbered AS (SELECT g.*, row_number() OVER (PARTITION BY g.key ORDER BY g.place)
                          + coalesce((SELECT max(f.sequence) FROM facts f WHERE f.key = g.key), 0) AS sequence
                      FROM given g),
         published AS (INSERT INTO facts (name, version, key, sequence, payload)
                       SELECT name, version, key, sequence, payload::jsonb FROM numbered RETURNING id, name, key)
    INSERT INTO fact_deliveries (fact_id, handler, key)
    SELECT p.id, h.handler, p.key
    FROM published p JOIN unnest(%b::text[], %b::text[]) AS h (name, handler) ON h.name = p.name
"""


def publish(connection: Connection, facts: Sequence[Fact]) -> None:
    """`marketplace.outbox.publish` for many facts at once; their objects are locked by this transaction."""
    rows = [row_of(fact) for fact in facts]
    given = [[row[name] for row in rows] for name in ("name", "version", "key", "payload")]
    handlers = {(row["name"], handler) for row in rows for handler in row["handlers"]}
    names, handled_by = [name for name, _ in handlers], [handler for _, handler in handlers]
    connection.execute(_PUBLISH, (*given, list(range(len(rows))), names, handled_by))


_HISTORY = """
    INSERT INTO state_changes (object_type, object_id, action, from_state, to_state, actor_id, actor_name, reason, at)
    SELECT 'auctions', u.id, u.action, u.before, u.after, u.actor, u.name, u.reason, u.at
    FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[], %b::text[],
        %b::timestamptz[]) AS u (id, action, before, after, actor, name, reason, at)"""

Step = tuple[int, str, str, str, int | None, str, str, datetime]


def _write_history(connection: Connection, moved: Sequence[Book], actor: Actor) -> None:
    steps = [(book, step) for book in moved for step in _steps(book, actor)]
    if not steps:
        return
    columns = [list(column) for column in zip(*(step for _, step in steps), strict=True)]
    connection.execute(_HISTORY, columns)
    _write_audit(connection, steps, actor)


def _steps(book: Book, actor: Actor) -> Iterator[Step]:
    """The auction's way through its state machine, step by step."""
    state = book.stored
    for event in book.made:
        action = _ACTIONS.get(type(event))
        # The log of a cancelled auction is closed too, which is no step of its own.
        if action is None or (action is AuctionAction.CLOSE and state is AuctionState.CANCELLED):
            continue
        after = AUCTION.next_state(state, action)
        yield book.id, action.value, state.value, after.value, actor.user_id, actor.name, _reason(event), event.at
        state = after


def _reason(event: Event) -> str:
    return getattr(event, "reason", "") or getattr(event, "outcome", "")


_LAST_AUDIT = """
    SELECT DISTINCT ON (object_id) object_id, sequence, hash FROM audit_entries
    WHERE object_type = 'auctions' AND object_id = ANY(%s) ORDER BY object_id, sequence DESC"""
_AUDIT = """
    INSERT INTO audit_entries (object_type, object_id, object_label, sequence, action, actor_id, actor_name,
                               organisation_id, before, after, request_id, at, previous_hash, hash)
    SELECT 'auctions', u.id, u.label, u.sequence, u.action, u.actor, u.name, u.organisation, u.before::jsonb,
           u.after::jsonb, u.request, u.at, u.previous, u.hash
    FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::bigint[], %b::text[], %b::bigint[], %b::text[],
        %b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::text[])
        AS u (id, label, sequence, action, actor, name, organisation, before, after, request, at, previous, hash)"""


def _write_audit(connection: Connection, steps: Sequence[tuple[Book, Step]], actor: Actor) -> None:
    """One audit entry a step, chained per auction. The locked auction keeps two writers apart here."""
    ids = list({book.id for book, _ in steps})
    last = {row[0]: (row[1], row[2]) for row in connection.execute(_LAST_AUDIT, (ids,))}
    rows = []
    for book, (auction_id, action, before, after, user, name, reason, at) in steps:
        sequence, previous = last.get(auction_id, (0, GENESIS))
        entry = {
            "object": ["auctions", auction_id, sequence + 1, book.number],
            "action": f"auction.{action}",
            "actor": [user, name, actor.organisation_id],
            "before": {"state": before},
            "after": {"state": after, "reason": reason, **_told(book, after)},
            "at": _moment(at),
            "request": request_id.get(),
        }
        # The same bytes as `marketplace.audit.entry_hash` takes; every value is plain already.
        digest = hashlib.sha256(previous.encode() + _canonical(entry).encode()).hexdigest()
        last[auction_id] = (sequence + 1, digest)
        rows.append((
            auction_id, book.number, sequence + 1, entry["action"], user, name, actor.organisation_id,
            _text(entry["before"]), _text(entry["after"]), entry["request"], at, previous, digest,
        ))  # fmt: skip
    connection.execute(_AUDIT, [list(column) for column in zip(*rows, strict=True)])


_text = json.JSONEncoder(ensure_ascii=False).encode
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
#: All ends of one sweep share their moment.
_moment = lru_cache(maxsize=64)(plain)


def _told(book: Book, after: str) -> dict[str, Any]:
    """What a closing entry adds, in JSON's own types: nothing that the close keeps secret."""
    closed = book.closed
    if after != AuctionState.CLOSED or closed is None:
        return {}
    return {"price": plain(closed.price), "winner": closed.winner, "ends_at": plain(closed.ended_at)}
