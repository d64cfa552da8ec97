"""公示: an agreed price stands in public, objections stop the clock, and whoever comes after the last day ends it."""

from __future__ import annotations

from datetime import date

import structlog
from sqlalchemy import select

from accounts.queries import get_organisation
from marketplace import audit, clock, holidays
from marketplace.db import db, unit_of_work
from marketplace.errors import DomainError
from marketplace.facts import ListingSaleAgreed
from marketplace.outbox import publish
from marketplace.permissions import SYSTEM, Actor
from marketplace.states import move

from .. import notifications, policies, rules
from ..deal_states import (
    OBJECTION,
    PUBLICITY,
    SALE,
    ObjectionAction,
    ObjectionState,
    PublicityAction,
    PublicityState,
    SaleAction,
    SaleState,
)
from ..errors import BuyerHasNotConfirmed, NoPublicity, ObjectionOpen
from ..models import Listing, Objection, Publicity, Sale
from ..states import ListingAction
from .common import about, lock, make_public, needed, put_on_board, step

log = structlog.get_logger(__name__)


def begin(
    actor: Actor, listing: Listing, sale: Sale, reason: str = "", action: ListingAction = ListingAction.ANNOUNCE
) -> Publicity:
    """Announce name, price and buyer; the caller holds the lock and has checked the actor."""
    step(listing, action, actor, reason)
    make_public(actor, listing, reason)
    buyer = get_organisation(sale.buyer_organisation_id)
    run = Publicity(
        listing_id=listing.id,
        sale_id=sale.id,
        title=listing.title,
        price=sale.price,
        buyer_name=buyer.name if buyer else "",
        transfer_mode=sale.transfer_mode,
        announced_on=clock.today(),
        days=rules.PUBLICITY_DAYS,
    )
    run.last_day = rules.last_day(run.announced_on, run.days, [], holidays.is_working_day)
    db.session.add(run)
    db.session.flush()
    notifications.publicity_begun(listing, run)
    return run


def restart(actor: Actor, listing: Listing, sale: Sale, reason: str) -> Publicity:
    """Name, price or buyer changed: the run ends without effect and a new one begins.

    Raises:
        ObjectionOpen: an objection to the present run is not decided.
    """
    run = running(listing)
    if run is None:
        raise NoPublicity
    if any(one.state is ObjectionState.OPEN for one in run.objections):
        raise ObjectionOpen
    move(run, PUBLICITY, PublicityAction.RESTART, actor, reason)
    run.ended_at = clock.db_now()
    db.session.flush()
    return begin(actor, listing, sale, reason, ListingAction.RESTART)


def running(listing: Listing) -> Publicity | None:
    """The present run, if there is one."""
    query = select(Publicity).where(Publicity.listing_id == listing.id, Publicity.state == PublicityState.RUNNING)
    return db.session.scalars(query).one_or_none()


def lodge_objection(actor: Actor, run: Publicity, name: str, contact: str, text: str) -> Objection:
    """Stop the clock with an objection, signed in or not.

    Raises:
        NoPublicity: the run has ended, or its last day is over.
    """
    listing = lock(run.listing)
    db.session.refresh(run)
    over = run.last_day is not None and clock.db_now() >= clock.end_of_day(run.last_day)
    if run.state is not PublicityState.RUNNING or over:
        raise NoPublicity
    made = Objection(publicity=run, user_id=actor.user_id, name=name, contact=contact, text=needed(text, "text"))
    made.state = ObjectionState.OPEN
    run.last_day = None
    db.session.add(made)
    audit.record(actor, "listing.objection", listing, after={"objection": "lodged", "publicity": run.id})
    notifications.objection_lodged(listing, made)
    return made


def decide_objection(actor: Actor, objection: Objection, upheld: bool, decision: str) -> None:
    """Uphold an objection, which ends the publicity, or reject it, which lets the clock go on.

    Raises:
        ReasonNeeded: the decision is given without its reason, which is published.
        NoPublicity: it has been decided, or the run has ended.
    """
    listing = lock(objection.publicity.listing)
    db.session.refresh(objection)
    policies.can_decide_objection(actor, listing, objection).check()
    run = objection.publicity
    if objection.state is not ObjectionState.OPEN or run.state is not PublicityState.RUNNING:
        raise NoPublicity
    objection.decision = needed(decision, "decision")
    move(objection, OBJECTION, ObjectionAction.UPHOLD if upheld else ObjectionAction.REJECT, actor, objection.decision)
    objection.decided_by_id, objection.decided_at = actor.user_id, clock.db_now()
    after = {"objection": objection.state, "decision": objection.decision, "publicity": run.id}
    audit.record(actor, "listing.objection_decided", listing, after=after)
    if upheld:
        _stop(actor, listing, run, objection.decision)
    else:
        run.last_day = _last_day(run)
    notifications.objection_decided(listing, objection)


def _stop(actor: Actor, listing: Listing, run: Publicity, reason: str) -> None:
    move(run, PUBLICITY, PublicityAction.STOP, actor, reason)
    run.ended_at, run.last_day = clock.db_now(), None
    sale = db.session.get_one(Sale, run.sale_id)
    move(sale, SALE, SaleAction.FAIL, actor, reason)
    sale.reason = reason
    step(listing, ListingAction.UPHOLD, actor, reason)


def stop_for_withdrawal(actor: Actor, run: Publicity, reason: str) -> None:
    """The owner takes the result back while its price is in public."""
    move(run, PUBLICITY, PublicityAction.STOP, actor, reason)
    run.ended_at = clock.db_now()


def _last_day(run: Publicity) -> date | None:
    paused = [
        (clock.beijing_date(one.created_at), clock.beijing_date(one.decided_at) if one.decided_at else None)
        for one in run.objections
    ]
    return rules.last_day(run.announced_on, run.days, paused, holidays.is_working_day)


def pass_publicity(actor: Actor, run: Publicity) -> bool:
    """End a run whose last day is over: the result is listed and its sale agreed. False if it is not due.

    Raises:
        ObjectionOpen: an objection is not decided.
        BuyerHasNotConfirmed: terms changed during the publicity and the buyer has not confirmed them.
    """
    listing = lock(run.listing)
    db.session.refresh(run)
    if run.state is not PublicityState.RUNNING:
        return False
    if any(one.state is ObjectionState.OPEN for one in run.objections) or run.last_day is None:
        raise ObjectionOpen
    if clock.db_now() < clock.end_of_day(run.last_day):
        return False
    sale = db.session.get_one(Sale, run.sale_id)
    if sale.state is not SaleState.CONFIRMED:
        raise BuyerHasNotConfirmed
    move(run, PUBLICITY, PublicityAction.PASS, actor)
    run.ended_at = clock.db_now()
    put_on_board(actor, listing)
    agree(actor, listing, sale)
    return True


def agree(actor: Actor, listing: Listing, sale: Sale) -> None:
    """The sale stands: contracts may draft it."""
    move(sale, SALE, SaleAction.AGREE, actor)
    # A result may be sold again when a deal falls through: each sale has its own name.
    listing.deal_source = f"listing:{listing.number}:{sale.id}"
    step(listing, ListingAction.AGREE, actor, price=sale.price, buyer=sale.buyer_organisation_id)
    publish(
        ListingSaleAgreed(
            **about(listing),
            buyer_organisation_id=sale.buyer_organisation_id,
            price=sale.price,
            transfer_mode=sale.transfer_mode,
            source=listing.deal_source,
        )
    )
    notifications.sale_agreed(listing, sale)


def end_due(limit: int = 200) -> int:
    """End every run whose last day is over, one transaction each; one that cannot end does not stop the rest."""
    today = clock.today()
    query = select(Publicity.id).where(Publicity.state == PublicityState.RUNNING, Publicity.last_day < today)
    ids = list(db.session.scalars(query.order_by(Publicity.id).limit(limit)))
    db.session.rollback()
    ended = 0
    for publicity_id in ids:
        try:
            with unit_of_work():
                ended += pass_publicity(SYSTEM, db.session.get_one(Publicity, publicity_id))
        except DomainError as error:
            log.info("publicity_waits", publicity=publicity_id, reason=error.code)
        except Exception:
            log.exception("publicity_failed", publicity=publicity_id)
    return ended
