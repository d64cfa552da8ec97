"""Every pair of state and action: what the table has, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from listings import services
from listings.deal_states import ACCESS, OBJECTION, PUBLICITY, SALE
from listings.models import Publicity, Sale
from listings.states import ACTION_LABELS, EDITABLE, LISTING, OPEN, PUBLIC, SHOWN, SOLD, ListingAction, ListingState
from marketplace.db import db
from marketplace.errors import IllegalTransition
from marketplace.permissions import SYSTEM
from marketplace.states import Machine, history
from tests.factories.listings import make_listing

PAIRS = [(state, action) for state in ListingState for action in ListingAction]


@pytest.mark.parametrize(("state", "action"), [pair for pair in PAIRS if pair not in LISTING.table])
def test_a_step_that_is_not_in_the_table_is_refused(state: ListingState, action: ListingAction) -> None:
    with pytest.raises(IllegalTransition):
        LISTING.next_state(state, action)


@pytest.mark.parametrize(("state", "action"), list(LISTING.table))
def test_a_step_that_is_in_the_table_leads_where_it_says(state: ListingState, action: ListingAction) -> None:
    assert LISTING.next_state(state, action) is LISTING.table[state, action]


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached = {LISTING.start}
    for _ in ListingState:
        reached |= {after for (before, _action), after in LISTING.table.items() if before in reached}

    assert reached == set(ListingState)


def test_every_action_is_in_the_table_and_has_its_words() -> None:
    assert {action for _, action in LISTING.table} == set(ListingAction) == set(ACTION_LABELS)


def test_states_are_public_or_private_and_all_are_shown() -> None:
    assert set(SHOWN) == set(ListingState)
    assert OPEN | SOLD < PUBLIC
    assert not PUBLIC & EDITABLE


@pytest.mark.parametrize("machine", [SALE, PUBLICITY, OBJECTION, ACCESS], ids=lambda one: one.name)
def test_what_goes_with_a_sale_moves_by_its_table_alone(machine: Machine) -> None:
    states, actions = type(machine.start), {action for _, action in machine.table}
    for pair in ((state, action) for state in states for action in actions):
        if pair not in machine.table:
            with pytest.raises(IllegalTransition):
                machine.next_state(*pair)

    assert {machine.start, *machine.table.values()} == set(states)


def test_a_sale_and_its_publicity_keep_their_history(app: object) -> None:
    listing = make_listing(ListingState.PUBLICITY)
    services.withdraw(SYSTEM, listing, "改为自行实施。")

    run, sale = db.session.scalars(select(Publicity)).one(), db.session.scalars(select(Sale)).one()
    assert [one.action for one in history(run)] == ["stop"]
    assert [one.action for one in history(sale)] == ["confirm", "fail"]


@pytest.mark.parametrize("state", list(ListingState))
def test_the_services_lead_to_every_state(app: object, state: ListingState) -> None:
    assert make_listing(state).state is state
