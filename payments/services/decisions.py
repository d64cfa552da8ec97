"""What becomes of a deposit. A person only carries out what another one prepared; the system acts on rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import DepositReleased
from marketplace.outbox import publish
from marketplace.permissions import SYSTEM, Actor, Denied

from .. import policies
from ..errors import NothingPrepared, SamePerson
from ..models import Deposit
from ..states import DEPOSIT, DepositAction, DepositState
from . import steps


def prepare(actor: Actor, deposit: Deposit, action: DepositAction, reason: str) -> Deposit:
    """Prepare a release, a forfeit or a set-off for another person's approval."""
    steps.lock(deposit)
    policies.can_prepare(actor, deposit).check()
    if not reason.strip():
        raise Invalid(fields={"reason": [_l("Say why.")]})
    if action not in policies.possible_decisions(deposit):
        DEPOSIT.next_state(deposit.state, action)
    deposit.prepared, deposit.prepared_reason = action, reason.strip()
    deposit.prepared_by_id, deposit.prepared_at = actor.user_id, db_now()
    audit.record(actor, f"deposit.prepare_{action}", deposit, after={"reason": reason.strip()})
    return deposit


def propose(organisation_id: int, reference: str, action: DepositAction, reason: str) -> Deposit | None:
    """Prepare, by rule, what a contract that is signed or came to nothing calls for; a person in finance approves.

    None where no deposit is held. What was prepared before gives way: things are no longer what they were.
    """
    query = select(Deposit).where(Deposit.organisation_id == organisation_id, Deposit.reference == reference)
    deposit = db.session.scalars(query.with_for_update()).one_or_none()
    if deposit is None or deposit.state is not DepositState.HELD:
        return None
    before = {"prepared": deposit.prepared} if deposit.prepared else {}
    deposit.prepared, deposit.prepared_reason = action, reason
    deposit.prepared_by_id, deposit.prepared_at = None, db_now()
    audit.record(SYSTEM, f"deposit.prepare_{action}", deposit, before, {"reason": reason})
    return deposit


def drop_prepared(actor: Actor, deposit: Deposit) -> Deposit:
    """Take a prepared step back; nothing has moved."""
    steps.lock(deposit)
    if deposit.prepared is None:
        raise NothingPrepared
    audit.record(actor, "deposit.drop_prepared", deposit, before={"prepared": deposit.prepared})
    steps.clear_prepared(deposit)
    return deposit


def approve(actor: Actor, deposit: Deposit) -> Deposit:
    """Carry out the step that somebody else prepared.

    Raises:
        SamePerson, NothingPrepared.
    """
    steps.lock(deposit)
    action = deposit.prepared
    if action is None:
        raise NothingPrepared
    return _DECIDE[action](actor, deposit, deposit.prepared_reason)


def release(actor: Actor, deposit: Deposit, reason: str) -> Deposit:
    """Give the deposit back; the payment itself follows within three working days."""
    _decide(actor, deposit, DepositAction.RELEASE, reason)
    publish(steps.fact(DepositReleased, deposit))
    return deposit


def forfeit(actor: Actor, deposit: Deposit, reason: str) -> Deposit:
    """Keep the deposit for good because its owner broke the rules it stood for."""
    return _decide(actor, deposit, DepositAction.FORFEIT, reason)


def apply(actor: Actor, deposit: Deposit, reason: str = "") -> Deposit:
    """Set the winner's deposit against the price."""
    return _decide(actor, deposit, DepositAction.APPLY, reason)


_DECIDE = {DepositAction.RELEASE: release, DepositAction.FORFEIT: forfeit, DepositAction.APPLY: apply}


def hold(actor: Actor, deposit: Deposit, reason: str = "") -> Deposit:
    """Keep the winner's deposit until the contract is signed."""
    steps.lock(deposit)
    return steps.step(actor, deposit, DepositAction.HOLD, reason)


def stand_down(actor: Actor, organisation_id: int, reference: str, reason: str) -> Deposit | None:
    """The organisation takes no part any more: what it paid is released, what it did not pay is not needed.

    For the packages whose rules decide so; the person behind it is `actor`, as the system's word.
    """
    query = select(Deposit).where(Deposit.organisation_id == organisation_id, Deposit.reference == reference)
    deposit = db.session.scalars(query.with_for_update()).one_or_none()
    if deposit is None:
        return None
    if DEPOSIT.allows(deposit.state, DepositAction.CANCEL):
        return steps.step(actor, deposit, DepositAction.CANCEL, reason)
    if DEPOSIT.allows(deposit.state, DepositAction.RELEASE):
        steps.step(actor, deposit, DepositAction.RELEASE, reason)
        publish(steps.fact(DepositReleased, deposit))
    return deposit


def _decide(actor: Actor, deposit: Deposit, action: DepositAction, reason: str) -> Deposit:
    """Four eyes: a person may only carry out what another one prepared; the system acts on rules of its own."""
    steps.lock(deposit)
    if not actor.system:
        if deposit.prepared is not action:
            raise NothingPrepared
        decision = policies.can_approve(actor, deposit)
        if isinstance(decision, Denied) and decision.code == "same_person":
            raise SamePerson(decision.reason)
        decision.check()
    return steps.step(actor, deposit, action, reason)
