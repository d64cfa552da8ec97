"""The account that deposits are paid to. One person in finance proposes it, another publishes it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict, Invalid
from marketplace.permissions import Actor, Denied

from . import policies
from .errors import SamePerson
from .models import CollectingAccount


def current() -> CollectingAccount | None:
    """The published account that payers are shown, or None before the first."""
    query = select(CollectingAccount).where(CollectingAccount.approved_at.is_not(None))
    return db.session.scalars(query.order_by(CollectingAccount.approved_at.desc()).limit(1)).first()


def waiting() -> CollectingAccount | None:
    """The proposed account that waits for a second person, or None."""
    published = current()
    query = select(CollectingAccount).where(CollectingAccount.approved_at.is_(None))
    newest = db.session.scalars(query.order_by(CollectingAccount.id.desc()).limit(1)).first()
    return None if newest is None or (published is not None and published.id > newest.id) else newest


def get(account_id: int) -> CollectingAccount | None:
    """An account by id."""
    return db.session.get(CollectingAccount, account_id)


def past() -> list[CollectingAccount]:
    """Every account that was ever published, the newest first."""
    query = select(CollectingAccount).where(CollectingAccount.approved_at.is_not(None))
    return list(db.session.scalars(query.order_by(CollectingAccount.approved_at.desc())))


def propose(actor: Actor, *, holder: str, bank: str, account: str, bank_code: str = "") -> CollectingAccount:
    """Propose the account of future deposits; payers see it when another person has published it."""
    digits = account.replace(" ", "")
    if not digits.isdigit():
        raise Invalid(fields={"account": [_l("An account number has digits only.")]})
    if bank_code and not (bank_code.isdigit() and len(bank_code) == 12):
        raise Invalid(fields={"bank_code": [_l("A bank’s routing number has 12 digits.")]})
    proposed = CollectingAccount(
        holder=holder.strip(), bank=bank.strip(), account=digits, bank_code=bank_code, proposed_by_id=actor.user_id
    )
    db.session.add(proposed)
    told = {"holder": proposed.holder, "bank": proposed.bank, "account": digits}
    audit.record(actor, "collecting_account.propose", proposed, after=told, label=digits)
    return proposed


def publish(actor: Actor, account: CollectingAccount) -> None:
    """Show this account to payers from now on.

    Raises:
        SamePerson: whoever proposed it may not publish it.
        Conflict: a newer proposal has replaced it.
    """
    db.session.refresh(account, with_for_update=True)
    decision = policies.can_approve_account(actor, account)
    if isinstance(decision, Denied) and decision.code == "same_person":
        raise SamePerson(decision.reason)
    decision.check()
    newest = waiting()
    if newest is None or newest.id != account.id:
        raise Conflict
    account.approved_at, account.approved_by_id = db_now(), actor.user_id
    audit.record(actor, "collecting_account.publish", account, label=account.account)
