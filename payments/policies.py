"""Who may do what to a deposit: pure predicates with their reasons."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from marketplace.permissions import ALLOWED, Actor, Decision, Denied, Permission

from .models import CollectingAccount, Deposit
from .states import DEPOSIT, DepositAction, DepositState, Flag

#: Steps that finance prepares and a second person approves.
DECISIONS = (DepositAction.RELEASE, DepositAction.FORFEIT, DepositAction.APPLY)


def can_see(actor: Actor, deposit: Deposit) -> Decision:
    """Finance sees every deposit, an organisation its own."""
    if actor.can(Permission.DEPOSIT_RECORD) or actor.can(Permission.DEPOSIT_APPROVE):
        return ALLOWED
    if actor.can(Permission.DEPOSIT_READ) and actor.acts_for(deposit.organisation_id):
        return ALLOWED
    return Denied(_l("This deposit belongs to another organisation."))


def can_record(actor: Actor, deposit: Deposit) -> Decision:
    """Finance records what arrived, until the deposit is locked or gone."""
    if not actor.can(Permission.DEPOSIT_RECORD):
        return Denied(_l("Only finance records receipts."))
    if not DEPOSIT.allows(deposit.state, DepositAction.RECEIVE):
        return Denied(_l("This deposit takes no more money."), "wrong_state")
    return ALLOWED


def can_confirm(actor: Actor, deposit: Deposit, recorded_by: Iterable[int | None] = ()) -> Decision:
    """Somebody in finance who recorded none of the receipts confirms them."""
    if not actor.can(Permission.DEPOSIT_APPROVE):
        return Denied(_l("Only finance confirms receipts."))
    if deposit.state is not DepositState.RECEIVED:
        return Denied(_l("There is no receipt to confirm."), "wrong_state")
    if Flag.PARTIAL in deposit.flags:
        return Denied(_l("Less than the deposit has arrived."), "receipt_incomplete")
    if not actor.system and actor.user_id in {*recorded_by, deposit.recorded_by_id}:
        return Denied(_l("You recorded this receipt: somebody else in finance must confirm it."), "same_person")
    return ALLOWED


def can_prepare(actor: Actor, deposit: Deposit) -> Decision:
    """Finance prepares a release, a forfeit or a set-off where the deposit's state has such a step."""
    if not actor.can(Permission.DEPOSIT_RECORD):
        return Denied(_l("Only finance decides about deposits."))
    if deposit.prepared is not None:
        return Denied(_l("A step is prepared already and waits for approval."), "prepared")
    if not possible_decisions(deposit):
        return Denied(_l("There is nothing to decide about this deposit now."), "wrong_state")
    return ALLOWED


def possible_decisions(deposit: Deposit) -> list[DepositAction]:
    """The decisions that this deposit's state has."""
    return [action for action in DECISIONS if DEPOSIT.allows(deposit.state, action)]


def can_approve(actor: Actor, deposit: Deposit) -> Decision:
    """Another person in finance approves what one prepared."""
    if not actor.can(Permission.DEPOSIT_APPROVE):
        return Denied(_l("Only finance decides about deposits."))
    if deposit.prepared is None:
        return Denied(_l("Nothing is prepared."), "nothing_prepared")
    if not actor.system and actor.user_id == deposit.prepared_by_id:
        return Denied(_l("You prepared this step: somebody else in finance must approve it."), "same_person")
    return ALLOWED


def can_refund(actor: Actor, deposit: Deposit) -> Decision:
    """Finance notes what the bank has paid back."""
    if not actor.can(Permission.DEPOSIT_RECORD):
        return Denied(_l("Only finance records payments."))
    if deposit.to_return <= 0:
        return Denied(_l("Nothing has to be paid back."), "wrong_state")
    return ALLOWED


def can_approve_account(actor: Actor, account: CollectingAccount) -> Decision:
    """A changed account is the oldest fraud there is: a second person publishes it."""
    if not actor.can(Permission.DEPOSIT_APPROVE):
        return Denied(_l("Only finance sets the account."))
    if account.approved_at is not None:
        return Denied(_l("This account is published already."), "wrong_state")
    if not actor.system and actor.user_id == account.proposed_by_id:
        return Denied(_l("You proposed this account: somebody else in finance must publish it."), "same_person")
    return ALLOWED
