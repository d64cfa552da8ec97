"""The line before the desk: who leads, who is taken, and that nobody who left can stop the others."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from auctions.eligibility import BidRequest
from auctions.line import Line, Ticket


def stand(line, *numbers):
    """Tickets of these auctions in this order, and whether each was told to lead."""
    tickets = [Ticket(BidRequest(number, "s", 1, 1, 1, "a-key-123", "bid", Decimal(1))) for number in numbers]
    return tickets, [line.join(ticket) for ticket in tickets]


def finish(line, taken):
    """The transaction of these is over."""
    for _, tickets in taken:
        for ticket in tickets:
            ticket.done = True
    line.hand_on(taken)


def numbers(taken):
    return [(room.number, len(tickets)) for room, tickets in taken]


@pytest.fixture
def line():
    return Line(leaders=1, batch=3)


def test_the_first_leads_and_the_others_wait(line):
    _, leads = stand(line, "A", "A", "B")

    assert leads == [True, False, False]


def test_a_leader_takes_whoever_waits_as_far_as_a_batch_goes(line):
    stand(line, "A", "A", "B", "B", "C")

    assert numbers(line.take()) == [("A", 2), ("B", 1)]


def test_the_lead_passes_to_somebody_who_waits(line):
    tickets, _ = stand(line, "A", "A", "B", "B", "C")

    finish(line, line.take())

    assert [ticket.leads for ticket in tickets].count(True) == 1
    assert numbers(line.take()) == [("C", 1), ("B", 1)]


def test_an_auction_in_somebodys_hands_is_not_taken_twice():
    line = Line(leaders=2, batch=10)
    stand(line, "A")
    line.take()

    _, leads = stand(line, "A", "B")

    assert leads == [False, True]
    assert numbers(line.take()) == [("B", 1)]


def test_a_room_that_was_passed_over_twice_goes_alone(line):
    stand(line, "A", "B")
    for _ in range(2):
        taken = line.take()
        for room, _tickets in taken:
            room.passed_over += room.number == "A"
        line.hand_on(taken)

    assert numbers(line.take()) == [("A", 1)]


def test_who_waited_too_long_leaves_the_line(line):
    tickets, _ = stand(line, "A", "A")
    taken = line.take()
    late, _ = stand(line, "A")

    assert not line.wait(late[0], time.monotonic())
    finish(line, taken)

    assert line.take() == []
    assert all(ticket.done for ticket in tickets)


def test_who_left_while_in_other_hands_is_never_chosen_to_lead(line):
    tickets, _ = stand(line, "A", "A")
    taken = line.take()
    assert not line.wait(tickets[1], time.monotonic())
    taken[0][0].passed_over = 1
    tickets[0].done = True

    line.hand_on(taken)

    assert not tickets[1].leads
    assert stand(line, "A")[1] == [True]


def test_whoever_is_answered_although_chosen_still_passes_the_lead_on(line):
    stand(line, "A")
    first = line.take()
    chosen, _ = stand(line, "B")
    finish(line, first)
    chosen[0].done = True

    assert line.wait(chosen[0], time.monotonic())
