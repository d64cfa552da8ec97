"""Who may do what, as pure predicates: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from accounts.models import Organisation
from accounts.policies import can_manage, can_take_part, can_trade, can_verify, not_the_maker
from accounts.states import OrganisationState
from marketplace.permissions import SYSTEM, Actor, Permission

NOW = datetime(2026, 11, 25, 6, tzinfo=UTC)
MANAGER = Actor(1, "李静", frozenset({Permission.ORG_MANAGE}), organisation_id=10, organisation_verified=True)
REVIEWER = Actor(2, "钱进", frozenset({Permission.ORG_VERIFY}))


def organisation(**values) -> Organisation:
    return Organisation(**{"id": 10, "state": OrganisationState.VERIFIED, "created_by_id": 1, **values})


def test_nobody_approves_what_they_made():
    assert not_the_maker(MANAGER, 1).code == "own_work"
    assert not_the_maker(MANAGER, 2)


def test_what_the_system_made_anybody_may_approve():
    assert not_the_maker(MANAGER, None)
    assert not_the_maker(SYSTEM, 1)


def test_only_a_verified_organisation_trades():
    assert can_trade(MANAGER)
    assert can_trade(replace(MANAGER, organisation_verified=False)).code == "organisation_not_verified"


def test_a_manager_manages_the_organisation_they_act_for():
    assert can_manage(MANAGER, organisation())
    assert not can_manage(MANAGER, organisation(id=11))
    assert not can_manage(replace(MANAGER, permissions=frozenset()), organisation())


def test_a_reviewer_verifies_organisations_of_others():
    assert can_verify(REVIEWER, organisation())


def test_a_reviewer_verifies_none_they_registered_or_belong_to():
    assert can_verify(REVIEWER, organisation(created_by_id=2)).code == "own_work"
    assert can_verify(REVIEWER, organisation(), belongs=True).code == "own_organisation"
    assert can_verify(replace(REVIEWER, organisation_id=10), organisation()).code == "own_organisation"


def test_a_ban_ends_at_its_moment():
    banned = organisation(banned_until=NOW + timedelta(seconds=1))

    assert can_take_part(banned, NOW).code == "organisation_banned"
    assert can_take_part(banned, NOW + timedelta(seconds=1))


def test_a_suspended_organisation_takes_no_part():
    suspended = organisation(state=OrganisationState.SUSPENDED)

    assert can_take_part(suspended, NOW).code == "organisation_not_verified"
