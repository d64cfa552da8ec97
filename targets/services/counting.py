"""Counting: a registered contract once, a changed one anew, a cancelled one off again, and the totals with them.

Rows are only ever added; the totals are moved by the rows that were added, in the same statement, so that a fact
told twice moves nothing. Statements run as the handler of a fact: its mark and its effect commit together.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import text

from marketplace.clock import beijing_date
from marketplace.db import db
from marketplace.facts import ContractCancelled, ContractRegistered, RegistrationChanged

#: All three facts have one handler, so that the facts of a contract are counted in their order.
HANDLER = "targets.count"

_COLUMNS = """contract_id, revision, sign, registration_number, day, amount, technical_amount,
              kind, field, source, city, buyer_region, seller_kind"""
# Totals are locked in one order by everyone, so that two transactions never wait for each other in a ring.
_ADD_TO_TOTALS = """
    INSERT INTO turnover_totals AS t (day, city, kind, field, source, buyer_region, contracts, amount, technical_amount)
    SELECT day, city, kind, field, source, buyer_region, sum(sign), sum(amount), sum(technical_amount) FROM moved
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (day, city, kind, field, source, buyer_region) DO UPDATE SET
        contracts = t.contracts + excluded.contracts, amount = t.amount + excluded.amount,
        technical_amount = t.technical_amount + excluded.technical_amount
"""

_COUNT = text(f"""
    WITH moved AS (
        INSERT INTO counted_contracts ({_COLUMNS})
        VALUES (:contract_id, 1, 1, :registration_number, :day, :amount, :technical_amount,
                :kind, :field, :source, :city, :buyer_region, :seller_kind)
        ON CONFLICT (contract_id, revision, sign) DO NOTHING RETURNING *)
    {_ADD_TO_TOTALS}
""")  # noqa: S608 - pieces of this module

# The revision that stands: counted and not taken off.
_STANDING = """SELECT * FROM counted_contracts c WHERE contract_id = :contract_id AND sign = 1 AND NOT EXISTS (
               SELECT FROM counted_contracts o WHERE o.contract_id = c.contract_id AND o.revision = c.revision
                 AND o.sign = -1)"""
_OFF = """contract_id, revision, -1, registration_number, day, -amount, -technical_amount,
          kind, field, source, city, buyer_region, seller_kind"""

_TAKE_OFF = text(f"""
    WITH standing AS ({_STANDING}), moved AS (
        INSERT INTO counted_contracts ({_COLUMNS}) SELECT {_OFF} FROM standing
        ON CONFLICT (contract_id, revision, sign) DO NOTHING RETURNING *)
    {_ADD_TO_TOTALS}
""")  # noqa: S608 - pieces of this module

_CHANGE = text(f"""
    WITH standing AS ({_STANDING} AND revision < :revision), moved AS (
        INSERT INTO counted_contracts ({_COLUMNS})
        SELECT {_OFF} FROM standing
        UNION ALL
        SELECT contract_id, :revision, 1, registration_number, day, amount, :technical_amount,
               :kind, :field, source, city, buyer_region, seller_kind FROM standing
        ON CONFLICT (contract_id, revision, sign) DO NOTHING RETURNING *)
    {_ADD_TO_TOTALS}
""")  # noqa: S608 - pieces of this module


def count(fact: ContractRegistered) -> None:
    """Count a registered contract; the same fact twice counts once."""
    values: dict[str, Any] = {
        "contract_id": fact.contract_id,
        "registration_number": fact.registration_number,
        "day": beijing_date(fact.registered_at),
        "amount": fact.amount,
        "technical_amount": fact.technical_amount,
        "kind": fact.kind,
        "field": fact.field,
        "source": fact.source,
        "city": fact.seller_region,
        "buyer_region": fact.buyer_region,
        "seller_kind": fact.seller_kind,
    }
    db.session.execute(_COUNT, values)


def change(fact: RegistrationChanged) -> None:
    """Count a changed registration as what it is now, on the day of its registration."""
    db.session.execute(_CHANGE, asdict(fact))


def take_off(fact: ContractCancelled) -> None:
    """Take a cancelled contract off where it was counted, once."""
    db.session.execute(_TAKE_OFF, {"contract_id": fact.contract_id})


_COUNT_DUE = text(f"""
    WITH due AS (
        SELECT d.fact_id, f.payload AS p FROM fact_deliveries d JOIN facts f ON f.id = d.fact_id
        WHERE d.handler = :handler AND d.state = 'pending' AND f.name = 'ContractRegistered'
          AND NOT EXISTS (SELECT FROM fact_deliveries e WHERE e.handler = d.handler AND e.key = d.key
                            AND e.state = 'pending' AND e.fact_id < d.fact_id)
        ORDER BY d.fact_id LIMIT :limit FOR UPDATE OF d SKIP LOCKED),
    moved AS (
        INSERT INTO counted_contracts ({_COLUMNS})
        SELECT (p->>'contract_id')::bigint, 1, 1, p->>'registration_number',
               ((p->>'registered_at')::timestamptz AT TIME ZONE 'Asia/Shanghai')::date,
               (p->>'amount')::numeric, (p->>'technical_amount')::numeric, p->>'kind', p->>'field', p->>'source',
               p->>'seller_region', p->>'buyer_region', p->>'seller_kind'
        FROM due ON CONFLICT (contract_id, revision, sign) DO NOTHING RETURNING *),
    done AS (
        UPDATE fact_deliveries d SET state = 'done', done_at = clock_timestamp()
        FROM due WHERE d.fact_id = due.fact_id AND d.handler = :handler RETURNING 1),
    totals AS ({_ADD_TO_TOTALS} RETURNING 1)
    SELECT count(*) FROM done
""")  # noqa: S608 - pieces of this module


def count_due(limit: int = 5000) -> int:
    """Count the registrations that wait for it, many in one statement; returns how many.

    For imports: what the outbox would do one by one, with the same marks, so that either may come first.
    """
    return int(db.session.execute(_COUNT_DUE, {"handler": HANDLER, "limit": limit}).scalar_one())
