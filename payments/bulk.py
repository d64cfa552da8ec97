"""Deposits of many closed auctions at once, on the closer's own connection and in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg

from marketplace.facts import DepositReleased
from marketplace.outbox import row_of
from marketplace.permissions import SYSTEM

# Rows are locked in the order of their keys, so that two closers never wait for each other in a ring.
_LOCK = """
    SELECT d.id FROM deposits d WHERE d.reference = ANY(%s) AND d.state IN ('due', 'received', 'locked')
    ORDER BY d.id FOR UPDATE"""

# What each deposit becomes: the winner's is held, money of everybody else goes back, unpaid ones are not needed.
_DECIDE = """
    WITH given AS (SELECT * FROM unnest(%b::text[], %b::bigint[]) AS u (reference, winner)),
         fate AS (
            SELECT d.id, d.state AS before, d.organisation_id, d.reference, d.amount, d.received_amount,
                CASE WHEN d.state = 'due' THEN 'cancel'
                     WHEN d.state = 'locked' AND d.organisation_id = g.winner THEN 'hold' ELSE 'release' END AS action
            FROM deposits d JOIN given g ON g.reference = d.reference WHERE d.id = ANY(%s)),
         moved AS (
            UPDATE deposits d SET decided_at = clock_timestamp(), prepared = NULL, prepared_reason = '',
                prepared_by_id = NULL, prepared_at = NULL,
                state = CASE f.action WHEN 'cancel' THEN 'cancelled' WHEN 'hold' THEN 'held' ELSE 'released' END
            FROM fate f WHERE f.id = d.id RETURNING d.id, d.state),
         noted AS (
            INSERT INTO deposit_movements (deposit_id, kind, from_state, to_state, amount, reason, actor_name)
            SELECT f.id, f.action, f.before, m.state,
                CASE f.action WHEN 'release' THEN f.received_amount ELSE f.amount END, f.reference, %s
            FROM fate f JOIN moved m ON m.id = f.id),
         stepped AS (
            INSERT INTO state_changes (object_type, object_id, action, from_state, to_state, actor_name, reason)
            SELECT 'deposits', f.id, f.action, f.before, m.state, %s, f.reference FROM fate f JOIN moved m ON m.id = f.id)
    SELECT f.id, f.organisation_id, f.reference, f.amount FROM fate f WHERE f.action = 'release' ORDER BY f.id"""

_PUBLISH = """
    WITH given AS (SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::text[]) AS u (name, version, key, payload)),
         published AS (
            INSERT INTO facts (name, version, key, sequence, payload)
            SELECT g.name, g.version, g.key,
                (SELECT coalesce(max(f.sequence), 0) + 1 FROM facts f WHERE f.key = g.key), g.payload::jsonb
            FROM given g RETURNING id, key)
    INSERT INTO fact_deliveries (fact_id, handler, key)
    SELECT p.id, h, p.key FROM published p, unnest(%b::text[]) AS h"""


def decide_deposits(connection: psycopg.Connection[Any], decisions: Sequence[tuple[str, int | None]]) -> None:
    """Hold each winner's deposit and let go of all others that refer to the same thing.

    Four statements whatever the number of auctions; run twice, the second time finds nothing to do.
    """
    if not decisions:
        return
    references = [reference for reference, _ in decisions]
    ids = [row[0] for row in connection.execute(_LOCK, (references,))]
    if not ids:
        return
    winners = [winner for _, winner in decisions]
    released = connection.execute(_DECIDE, (references, winners, ids, SYSTEM.name, SYSTEM.name)).fetchall()
    if released:
        _tell(connection, released)


def _tell(connection: psycopg.Connection[Any], released: Sequence[tuple[int, int, str, Decimal]]) -> None:
    rows = [
        row_of(DepositReleased(deposit_id=deposit, organisation_id=organisation, reference=reference, amount=amount))
        for deposit, organisation, reference, amount in released
    ]
    columns = [[row[name] for row in rows] for name in ("name", "version", "key", "payload")]
    connection.execute(_PUBLISH, (*columns, rows[0]["handlers"]))
