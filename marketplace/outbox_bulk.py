"""Facts of a bulk load, handled many in a transaction."""

from __future__ import annotations

import structlog
from sqlalchemy import select, text

from .db import db
from .outbox import StoredFact, handle

log = structlog.get_logger(__name__)

# Waits for what another worker holds, so that no object's facts overtake one another.
_TOGETHER = text("""
    SELECT d.fact_id, d.handler FROM fact_deliveries d
    WHERE d.state = 'pending' AND d.attempts = 0 AND d.next_try_at <= clock_timestamp()
      AND NOT EXISTS (SELECT 1 FROM fact_deliveries e
                      WHERE e.handler = d.handler AND e.key = d.key
                        AND e.state = 'pending' AND e.attempts > 0 AND e.fact_id < d.fact_id)
    ORDER BY d.fact_id, d.handler LIMIT :limit FOR UPDATE OF d
""")
_DONE = text("""
    UPDATE fact_deliveries d SET state = 'done', done_at = clock_timestamp()
    FROM unnest(CAST(:facts AS bigint[]), CAST(:handlers AS varchar[])) AS u (fact_id, handler)
    WHERE d.fact_id = u.fact_id AND d.handler = u.handler
""")


def deliver_together(limit: int = 500) -> int:
    """Handle many due deliveries in one transaction, for bulk loads; returns how many.

    If one fails nothing is handled: `deliver_due` then finds it alone.
    """
    try:
        rows = db.session.execute(_TOGETHER, {"limit": limit}).all()
        wanted = select(StoredFact).where(StoredFact.id.in_({row.fact_id for row in rows}))
        facts = {stored.id: stored for stored in db.session.scalars(wanted)}
        for row in rows:
            handle(facts[row.fact_id], row.handler)
        done = {"facts": [row.fact_id for row in rows], "handlers": [row.handler for row in rows]}
        db.session.execute(_DONE, done)
        db.session.commit()
    except Exception as error:  # noqa: BLE001 - handled alone, it is stored and tried again
        db.session.rollback()
        log.warning("facts_not_handled_together", error=str(error))
        return 0
    finally:
        db.session.remove()
    return len(rows)
