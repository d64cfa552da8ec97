"""Counting: a registered contract once, a cancelled one off again, and the totals with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from marketplace import audit
from marketplace.clock import beijing_date
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import ContractCancelled, ContractRegistered
from marketplace.permissions import Actor

from .models import Window

_COUNT = text("""
    WITH counted AS (
        INSERT INTO counted_contracts (contract_id, sign, registration_number, day, amount, technical_amount,
                                       kind, field, source, city, buyer_region, seller_kind)
        VALUES (:contract_id, 1, :registration_number, :day, :amount, :technical_amount,
                :kind, :field, :source, :city, :buyer_region, :seller_kind)
        ON CONFLICT (contract_id, sign) DO NOTHING
        RETURNING *)
    INSERT INTO turnover_totals AS t (day, city, kind, field, source, buyer_region, contracts, amount, technical_amount)
    SELECT day, city, kind, field, source, buyer_region, 1, amount, technical_amount FROM counted
    ON CONFLICT (day, city, kind, field, source, buyer_region) DO UPDATE SET
        contracts = t.contracts + 1, amount = t.amount + excluded.amount,
        technical_amount = t.technical_amount + excluded.technical_amount
""")

_TAKE_OFF = text("""
    WITH taken AS (
        INSERT INTO counted_contracts (contract_id, sign, registration_number, day, amount, technical_amount,
                                       kind, field, source, city, buyer_region, seller_kind)
        SELECT contract_id, -1, registration_number, day, -amount, -technical_amount,
               kind, field, source, city, buyer_region, seller_kind
        FROM counted_contracts WHERE contract_id = :contract_id AND sign = 1
        ON CONFLICT (contract_id, sign) DO NOTHING
        RETURNING *)
    UPDATE turnover_totals t SET contracts = t.contracts - 1, amount = t.amount + taken.amount,
           technical_amount = t.technical_amount + taken.technical_amount
    FROM taken
    WHERE (t.day, t.city, t.kind, t.field, t.source, t.buyer_region)
        = (taken.day, taken.city, taken.kind, taken.field, taken.source, taken.buyer_region)
""")


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


def take_off(fact: ContractCancelled) -> None:
    """Take a cancelled contract off where it was counted, once."""
    db.session.execute(_TAKE_OFF, {"contract_id": fact.contract_id})


def set_window(
    actor: Actor,
    *,
    key: str,
    name_zh: str,
    name_en: str,
    starts_on: date,
    ends_on: date,
    target: Decimal,
    running: bool,
    sample: bool,
) -> Window:
    """Set a window, new or known by its key; making one the running one ends that of another.

    Raises:
        Invalid: it ends before it begins, or its target is not positive.
    """
    if starts_on >= ends_on or target <= 0:
        raise Invalid
    window = db.session.query(Window).filter_by(key=key).with_for_update().one_or_none()
    values = {
        "name_zh": name_zh, "name_en": name_en, "starts_on": starts_on, "ends_on": ends_on,
        "target_amount": target, "running": running, "sample": sample,
    }  # fmt: skip
    if running:
        db.session.query(Window).filter(Window.key != key).update({"running": False})
        db.session.flush()
    if window is None:
        window = Window(key=key, **values)
        db.session.add(window)
        audit.record(actor, "window.set", window, after=values, label=key)
        return window
    before, after = audit.changes(window, values)
    for name, value in values.items():
        setattr(window, name, value)
    if after:
        audit.record(actor, "window.set", window, before, after, label=key)
    return window


@dataclass(frozen=True, slots=True)
class Recount:
    """What counting everything again gives, beside what the totals and the pages say."""

    contracts: int
    amount: Decimal
    kept_contracts: int
    kept_amount: Decimal
    #: Registered contracts whose fact is not handled yet; they count in `contracts` and `amount`.
    under_way: int
    wrong_cells: int

    @property
    def agrees(self) -> bool:
        """True if the totals hold exactly what is registered, but for facts under way."""
        return self.wrong_cells == 0 and (
            self.under_way > 0 or (self.contracts, self.amount) == (self.kept_contracts, self.kept_amount)
        )


# One statement, so that everything is read in one snapshot.
_RECOUNT = text("""
    WITH registered AS (
        SELECT c.id, c.amount, EXISTS (SELECT FROM counted_contracts n WHERE n.contract_id = c.id AND n.sign = 1) AS counted
        FROM contracts c WHERE c.state = 'registered'),
    expected AS (
        SELECT day, city, kind, field, source, buyer_region, sum(sign) AS contracts, sum(amount) AS amount
        FROM counted_contracts GROUP BY 1, 2, 3, 4, 5, 6),
    wrong AS (
        SELECT count(*) AS cells FROM expected e FULL JOIN turnover_totals t USING (day, city, kind, field, source, buyer_region)
        WHERE coalesce(e.contracts, 0) <> coalesce(t.contracts, 0) OR coalesce(e.amount, 0) <> coalesce(t.amount, 0))
    SELECT (SELECT count(*) FROM registered) AS contracts,
           (SELECT coalesce(sum(amount), 0) FROM registered) AS amount,
           (SELECT coalesce(sum(contracts), 0) FROM turnover_totals) AS kept_contracts,
           (SELECT coalesce(sum(amount), 0) FROM turnover_totals) AS kept_amount,
           (SELECT count(*) FROM registered WHERE NOT counted)
             + (SELECT count(*) FROM fact_deliveries WHERE state = 'pending' AND handler LIKE 'targets.%') AS under_way,
           (SELECT cells FROM wrong) AS wrong_cells
""")


def recount() -> Recount:
    """Count every registered contract again and compare with the totals, cell by cell."""
    row = db.session.execute(_RECOUNT).one()
    return Recount(
        int(row.contracts), Decimal(row.amount), int(row.kept_contracts), Decimal(row.kept_amount),
        int(row.under_way), int(row.wrong_cells),
    )  # fmt: skip
