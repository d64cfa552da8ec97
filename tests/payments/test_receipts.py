"""Money that arrives: recorded by one, confirmed by another, never locked on one person's word."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace.clock import db_now
from marketplace.errors import Forbidden, Invalid
from marketplace.outbox import StoredFact
from payments import queries, services
from payments.errors import BankReferenceUsed, ReasonNeeded, ReceiptIncomplete, SamePerson
from payments.states import DepositState
from tests.factories.accounts import actor_for, make_member, make_organisation
from tests.factories.payments import AMOUNT, lock, make_deposit, officers, pay


def facts(db_session, name):
    return list(db_session.scalars(select(StoredFact).where(StoredFact.name == name)))


def standing(db_session):
    return db_session.execute(text("SELECT organisation_id, reference FROM locked_deposits")).all()


def test_the_same_thing_is_asked_for_once(app):
    first = make_deposit(reference="test:same")

    again = services.require(actor_for(officers()[0]), first.organisation_id, "test:same", Decimal(5), None)

    assert again.id == first.id
    assert again.amount == AMOUNT


def test_a_receipt_alone_locks_nothing(app, db_session):
    deposit = pay(make_deposit(), officers()[0])

    assert deposit.state is DepositState.RECEIVED
    assert standing(db_session) == []
    assert facts(db_session, "DepositLocked") == []


def test_a_second_person_locks_it(app, db_session):
    deposit = lock(make_deposit())

    assert deposit.state is DepositState.LOCKED
    assert standing(db_session) == [(deposit.organisation_id, deposit.reference)]
    assert [fact.payload["deposit_id"] for fact in facts(db_session, "DepositLocked")] == [deposit.id]


def test_who_recorded_may_not_confirm(app):
    first, _second = officers()
    deposit = pay(make_deposit(), first)

    with pytest.raises(SamePerson):
        services.confirm_receipt(actor_for(first), deposit)


def test_who_recorded_any_of_two_receipts_may_not_confirm(app):
    first, second = officers()
    deposit = pay(make_deposit(), first, amount=AMOUNT / 2)
    pay(deposit, second, amount=AMOUNT / 2)

    with pytest.raises(SamePerson):
        services.confirm_receipt(actor_for(first), deposit)


def test_the_database_itself_wants_four_eyes(app, db_session):
    first, _second = officers()
    deposit = pay(make_deposit(), first)

    with pytest.raises(DBAPIError, match="four_eyes"):
        db_session.execute(
            text("UPDATE deposits SET confirmed_by_id = :who WHERE id = :id"), {"who": first.id, "id": deposit.id}
        )


def test_a_part_is_not_enough_until_the_rest_is_here(app):
    first, second = officers()
    deposit = pay(make_deposit(), first, amount=Decimal("60000.00"))
    with pytest.raises(ReceiptIncomplete):
        services.confirm_receipt(actor_for(second), deposit, "请通融")

    pay(deposit, first, amount=Decimal("40000.00"))
    services.confirm_receipt(actor_for(second), deposit)

    assert deposit.state is DepositState.LOCKED


@pytest.mark.parametrize(
    ("odd", "flag"),
    [
        ({"amount": AMOUNT + 1}, "over"),
        ({"payer": "另一家公司"}, "third_party"),
    ],
)
def test_an_odd_receipt_needs_a_reason_to_stand(app, odd, flag):
    first, second = officers()
    deposit = pay(make_deposit(), first, **odd)
    assert deposit.flags == [flag]
    with pytest.raises(ReasonNeeded):
        services.confirm_receipt(actor_for(second), deposit)

    services.confirm_receipt(actor_for(second), deposit, "付款人更名，附工商证明")

    assert deposit.state is DepositState.LOCKED


def test_the_banks_time_of_arrival_makes_it_late(app):
    first, _second = officers()
    deposit = make_deposit(due=-600)

    pay(deposit, first, at=db_now() - timedelta(minutes=1))

    assert deposit.flags == ["late"]


def test_a_bank_line_counts_once(app):
    first, _second = officers()
    one, other = make_deposit(), make_deposit()
    said = {"amount": AMOUNT, "bank_reference": "ICBC-1", "paid_at": db_now() - timedelta(minutes=1), "payer": "甲"}
    services.record_receipt(actor_for(first), one, **said)

    with pytest.raises(BankReferenceUsed):
        services.record_receipt(actor_for(first), other, **said)


def test_money_cannot_have_arrived_tomorrow(app):
    with pytest.raises(Invalid) as caught:
        pay(make_deposit(), officers()[0], at=db_now() + timedelta(days=1))

    assert list(caught.value.fields) == ["paid_at"]


def test_an_owner_records_nothing(app):
    organisation = make_organisation()
    owner = make_member(organisation)

    with pytest.raises(Forbidden):
        services.record_receipt(
            actor_for(owner, organisation), make_deposit(organisation), amount=AMOUNT, bank_reference="X",
            paid_at=db_now() - timedelta(minutes=1), payer="X",
        )  # fmt: skip


def test_movements_cannot_be_changed(app, db_session):
    make_deposit()

    with pytest.raises(DBAPIError):
        db_session.execute(text("UPDATE deposit_movements SET amount = 1"))


def test_every_deposit_adds_up(app):
    lock(make_deposit())
    pay(make_deposit(), officers()[0], amount=Decimal("1.00"))
    make_deposit()

    assert queries.broken() == []


def test_a_state_without_its_movement_is_found(app, db_session):
    deposit = make_deposit()
    db_session.execute(text("UPDATE deposits SET state = 'cancelled'"))
    db_session.commit()
    db_session.expire_all()

    assert queries.broken() == [(deposit.number, "stands as cancelled, its movements lead to due")]
