"""What becomes of deposits: two people for each decision, and many at once when auctions close."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import OrgRole
from marketplace import outbox
from marketplace.db import db
from marketplace.errors import IllegalTransition
from marketplace.notices import Notice
from marketplace.permissions import SYSTEM
from payments import queries, services
from payments.bulk import decide_deposits
from payments.errors import NothingPrepared, SamePerson, TooMuchReturned
from payments.models import Deposit
from payments.states import DepositAction, DepositState
from tests.factories.accounts import actor_for, make_member, make_organisation
from tests.factories.payments import AMOUNT, lock, make_deposit, officers, pay


def states(*deposits):
    db.session.expire_all()
    return [db.session.get_one(Deposit, one.id).state.value for one in deposits]


def decide(decisions):
    """As the closer does it: on a psycopg connection, committed by the caller."""
    raw = db.session.connection().connection.driver_connection
    decide_deposits(raw, decisions)
    db.session.commit()


def test_one_prepares_and_another_releases(app):
    first, second = officers()
    deposit = lock(make_deposit())
    services.prepare(actor_for(first), deposit, DepositAction.RELEASE, "竞买人撤回登记")

    services.approve(actor_for(second), deposit)

    assert deposit.state is DepositState.RELEASED
    assert deposit.to_return == AMOUNT


def test_nobody_approves_what_they_prepared(app):
    first, _second = officers()
    deposit = lock(make_deposit())
    services.prepare(actor_for(first), deposit, DepositAction.FORFEIT, "无故不签约")

    with pytest.raises(SamePerson):
        services.approve(actor_for(first), deposit)


@pytest.mark.parametrize("step", [services.release, services.forfeit])
def test_no_person_decides_without_preparation(app, step):
    deposit = lock(make_deposit())

    with pytest.raises(NothingPrepared):
        step(actor_for(officers()[0]), deposit, "我说了算")


def test_what_is_taken_back_is_not_carried_out(app):
    first, second = officers()
    deposit = lock(make_deposit())
    services.prepare(actor_for(first), deposit, DepositAction.RELEASE, "误操作")
    services.drop_prepared(actor_for(first), deposit)

    with pytest.raises(NothingPrepared):
        services.approve(actor_for(second), deposit)


def test_a_step_that_the_state_does_not_have_cannot_be_prepared(app):
    deposit = lock(make_deposit())

    with pytest.raises(IllegalTransition):
        services.prepare(actor_for(officers()[0]), deposit, DepositAction.APPLY, "抵价款")


def test_no_more_goes_back_than_came_in(app):
    first, _second = officers()
    deposit = lock(make_deposit())
    services.release(SYSTEM, deposit, "流拍")
    services.record_refund(actor_for(first), deposit, Decimal("40000.00"), "OUT-1", deposit.received_at)

    with pytest.raises(TooMuchReturned):
        services.record_refund(actor_for(first), deposit, Decimal("60000.01"), "OUT-2", deposit.received_at)

    assert deposit.to_return == Decimal("60000.00")


def test_at_the_close_the_winner_is_held_and_all_others_let_go(app):
    winner, loser, late, unpaid = (make_deposit(reference="test:sale") for _ in range(4))
    other = lock(make_deposit(reference="test:other"))
    lock(winner)
    lock(loser)
    pay(late, officers()[0])

    decide([("test:sale", winner.organisation_id)])

    assert states(winner, loser, late, unpaid) == ["held", "released", "released", "cancelled"]
    assert states(other) == ["locked"]
    assert queries.broken() == []


def test_without_a_winner_everybody_is_let_go(app):
    one, other = lock(make_deposit(reference="test:a")), lock(make_deposit(reference="test:b"))

    decide([("test:a", None), ("test:b", None)])

    assert states(one, other) == ["released", "released"]


def test_deciding_twice_changes_nothing_more(app, db_session):
    deposit = lock(make_deposit(reference="test:twice"))
    decide([("test:twice", deposit.organisation_id)])
    decide([("test:twice", None)])

    assert states(deposit) == ["held"]
    assert len(queries.by_number(deposit.number).movements) == 4


def test_the_close_takes_the_same_few_statements_for_many(app, queries):
    deposits = [make_deposit(reference=f"test:many{n}") for n in range(12)]
    queries.clear()

    decide([(one.reference, None) for one in deposits])

    assert states(*deposits) == ["cancelled"] * 12


def test_owners_are_told_that_the_money_comes_back(app, db_session):
    organisation = make_organisation()
    person = make_member(organisation, OrgRole.BUYER_FINANCE)
    deposit = lock(make_deposit(organisation, "test:told"))
    decide([("test:told", None)])

    outbox.deliver_due()

    told = list(db_session.scalars(select(Notice).where(Notice.user_id == person.id).order_by(Notice.id)))
    assert [one.event for one in told] == ["payments.locked", "payments.released"]
    assert deposit.number in told[1].title


def test_standing_down_before_paying_needs_no_money(app):
    deposit = make_deposit()

    services.stand_down(SYSTEM, deposit.organisation_id, deposit.reference, "资格不符")

    assert deposit.state is DepositState.CANCELLED
