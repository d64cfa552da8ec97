"""Facts reach their handlers: in order per object, once, again after a failure, and never after a rollback."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from marketplace import outbox
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.facts import ListingChanged, ListingListed
from marketplace.permissions import SYSTEM, Permission


@pytest.fixture
def handled(app):
    """What a handler of this test saw; the subscriptions of the packages are put aside."""
    seen: list[object] = []
    kept = {name: dict(handlers) for name, handlers in outbox._handlers.items()}
    outbox._handlers.clear()
    for fact in (ListingListed, ListingChanged):
        outbox.subscribe(fact, "kernel.test", seen.append)
    yield seen
    outbox._handlers.clear()
    outbox._handlers.update(kept)


def listed(number: int = 1) -> ListingListed:
    return ListingListed(listing_id=number, number=f"CG2026-{number:06d}", organisation_id=1)


def changed(number: int = 1) -> ListingChanged:
    return ListingChanged(listing_id=number, number=f"CG2026-{number:06d}", organisation_id=1)


def publish(*facts: object) -> None:
    outbox.publish(*facts)
    db.session.commit()


def make_due(database) -> None:
    with database.connect_owner() as owner:
        owner.execute("UPDATE fact_deliveries SET next_try_at = clock_timestamp() WHERE state = 'pending'")


def test_a_fact_is_handled_once(handled):
    publish(listed())

    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    assert handled == [listed()]


def test_a_fact_of_a_rolled_back_request_is_never_handled(handled):
    outbox.publish(listed())
    db.session.rollback()

    assert outbox.deliver_due() == 0


def test_facts_of_one_object_are_handled_in_order(handled):
    publish(listed(), changed())
    publish(listed(2))
    publish(changed())

    outbox.deliver_due()

    assert [fact for fact in handled if fact.listing_id == 1] == [listed(), changed(), changed()]


def test_a_handlers_effects_commit_with_its_mark_or_not_at_all(handled):
    def fail_after_writing(fact: object) -> None:
        db.session.execute(text("INSERT INTO counters (series, value) VALUES ('HALF', 1)"))
        raise ValueError("halfway")

    outbox.subscribe(ListingListed, "kernel.test", fail_after_writing)
    publish(listed())

    outbox.deliver_due()

    assert db.session.execute(text("SELECT count(*) FROM counters WHERE series = 'HALF'")).scalar_one() == 0
    [(delivery, _fact)] = outbox.failing()
    assert (delivery.attempts, delivery.last_error) == (1, "ValueError: halfway")


def test_a_failing_fact_blocks_only_its_own_object(handled):
    def fail_for_one(fact: ListingListed) -> None:
        if fact.listing_id == 1:
            raise ValueError("no")
        handled.append(fact)

    outbox.subscribe(ListingListed, "kernel.test", fail_for_one)
    publish(listed(1), listed(2))
    publish(changed(1))

    outbox.deliver_due()

    assert handled == [listed(2)]
    assert outbox.backlog().pending == 2


def test_pauses_grow_and_a_later_success_clears_the_way(handled, database):
    tries: list[int] = []

    def fail_twice(fact: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")

    outbox.subscribe(ListingListed, "kernel.test", fail_twice)
    publish(listed())
    waits = []
    for _ in range(2):
        outbox.deliver_due()
        wait = text("SELECT extract(epoch FROM next_try_at - clock_timestamp()) FROM fact_deliveries")
        waits.append(round(float(db.session.execute(wait).scalar_one())))
        db.session.rollback()
        make_due(database)

    outbox.deliver_due()

    assert waits == [1, 5]
    assert outbox.backlog().pending == 0


def test_two_relays_handle_each_fact_once_and_in_order(app, handled):
    for number in range(5):
        publish(*(listed(number) for _ in range(6)))

    def relay() -> None:
        with app.app_context():
            while outbox.backlog().pending:
                db.session.rollback()
                outbox.deliver_due()

    relays = [threading.Thread(target=relay) for _ in range(3)]
    for one in relays:
        one.start()
    for one in relays:
        one.join()

    done = text("SELECT count(*), count(DISTINCT (fact_id, handler)) FROM fact_deliveries WHERE state = 'done'")
    assert tuple(db.session.execute(done).one()) == (30, 30)
    assert len(handled) == 30


def test_an_operator_may_leave_a_fact_out_with_a_reason(handled, client, acting):
    def always_fail(fact: object) -> None:
        raise ValueError("no")

    acting(Permission.SYSTEM_OPERATE)
    outbox.subscribe(ListingListed, "kernel.test", always_fail)
    publish(listed())
    publish(changed())
    outbox.deliver_due()
    [(delivery, fact)] = outbox.failing()
    address = f"/desk/operations/facts/{fact.id}/{delivery.handler}"

    assert "ListingListed" in client.get("/desk/operations").get_data(as_text=True)
    assert client.get(address).status_code == 200
    assert client.post(f"{address}/dismiss", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/dismiss", data={"reason": "done by hand"}).status_code == 303
    outbox.deliver_due()
    assert handled == [changed()]
    reason = text("SELECT after->>'reason' FROM audit_entries WHERE action = 'fact.dismiss'")
    assert db.session.execute(reason).scalar_one() == "done by hand"


def test_a_fact_is_not_left_out_without_a_reason(handled):
    publish(listed())
    with pytest.raises(Invalid):
        outbox.dismiss(SYSTEM, 1, "kernel.test", "  ")
