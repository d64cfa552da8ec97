"""The exchange's word on an organisation: verify, return, suspend, restore, ban."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts import queries, services
from accounts.roles import OrgRole, StaffRole
from accounts.services.standing import move
from accounts.states import OrganisationAction, OrganisationState
from marketplace import audit, states
from marketplace.clock import beijing, db_now
from marketplace.db import db
from marketplace.errors import Forbidden, IllegalTransition, Invalid
from marketplace.notices import Notice
from marketplace.outbox import StoredFact
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, make_user, sign_in

S = OrganisationState


@pytest.fixture
def reviewer(app):
    return make_staff(StaffRole.REVIEWER, "钱进")


@pytest.fixture
def submitted(app):
    return make_organisation(verified=False, state=S.SUBMITTED)


@pytest.fixture
def manager(submitted):
    return make_member(submitted)


def fresh(organisation):
    db.session.rollback()
    db.session.refresh(organisation)
    return organisation


def decide(client, organisation, verb, **data):
    return client.post(f"/desk/organisations/{organisation.id}/{verb}", data=data)


def test_verifying_opens_trade_and_tells_managers_and_packages(client, reviewer, submitted, manager):
    sign_in(client, reviewer)

    decide(client, submitted, "verify")

    assert fresh(submitted).state is S.VERIFIED
    assert submitted.verified_by_id == reviewer.id
    assert actor_for(manager, submitted).organisation_verified
    assert db.session.scalars(select(Notice.user_id)).all() == [manager.id]
    assert db.session.scalars(select(StoredFact.name)).all() == ["OrganisationVerified"]


def test_returning_says_why_and_can_be_submitted_again(client, reviewer, submitted, manager):
    sign_in(client, reviewer)

    decide(client, submitted, "return", reason="营业执照不清晰")

    assert fresh(submitted).state is S.RETURNED
    assert submitted.return_reason == "营业执照不清晰"
    assert "营业执照不清晰" in db.session.scalars(select(Notice.body)).one()


def test_a_returned_organisation_reads_why_on_its_desk(client, reviewer, submitted, manager):
    services.return_organisation(actor_for(reviewer), submitted, "营业执照不清晰")
    db.session.commit()
    sign_in(client, manager, submitted)

    assert "营业执照不清晰" in client.get("/desk").text


@pytest.mark.parametrize("verb", ["return", "suspend", "restore", "lift_ban"])
def test_every_other_decision_needs_a_reason(client, reviewer, submitted, verb):
    sign_in(client, reviewer)

    assert decide(client, submitted, verb, reason=" ").status_code == 422


def test_suspending_closes_trade_at_the_next_request(client, reviewer):
    organisation = make_organisation()
    manager = make_member(organisation)
    sign_in(client, reviewer)

    decide(client, organisation, "suspend", reason="资料失实")

    assert fresh(organisation).state is S.SUSPENDED
    assert not actor_for(manager, organisation).organisation_verified


def test_restoring_opens_it_again(client, reviewer):
    organisation = make_organisation(state=S.SUSPENDED)
    sign_in(client, reviewer)

    decide(client, organisation, "restore", reason="已更正")

    assert fresh(organisation).state is S.VERIFIED


def test_every_step_is_in_history_and_trail_with_its_reason(app, reviewer, submitted):
    services.return_organisation(actor_for(reviewer), submitted, "营业执照不清晰")

    step = states.history(submitted)[-1]
    entry = audit.trail(submitted)[-1]
    assert (step.from_state, step.to_state, step.actor_name) == ("submitted", "returned", "钱进")
    assert (entry.before, entry.after) == ({"state": "submitted"}, {"state": "returned", "reason": "营业执照不清晰"})


def test_nobody_verifies_what_they_registered(app, reviewer):
    own = make_organisation(verified=False, state=S.SUBMITTED, created_by_id=reviewer.id)

    with pytest.raises(Forbidden):
        services.verify_organisation(actor_for(reviewer), own)


def test_nobody_verifies_an_organisation_they_belong_to(client, reviewer, submitted):
    make_member(submitted, OrgRole.SELLER_EDITOR, reviewer)
    sign_in(client, reviewer)
    client.post("/account/act-for/0")

    assert decide(client, submitted, "verify").status_code == 403
    assert "/verify" not in client.get(f"/desk/organisations/{submitted.id}").text


def test_a_draft_cannot_be_verified(app, reviewer):
    with pytest.raises(IllegalTransition):
        services.verify_organisation(actor_for(reviewer), make_organisation(verified=False))


@pytest.mark.parametrize("role", [StaffRole.OPERATOR, StaffRole.FINANCE, StaffRole.AUDITOR])
def test_other_staff_may_not_decide(client, submitted, role):
    sign_in(client, make_staff(role))

    assert decide(client, submitted, "verify").status_code == 403


def test_of_two_decisions_the_first_holds(app, reviewer, submitted):
    services.verify_organisation(actor_for(reviewer), submitted)
    db.session.commit()

    with pytest.raises(IllegalTransition):
        services.return_organisation(actor_for(make_staff(StaffRole.REVIEWER)), submitted, "太晚")


def test_a_ban_has_an_end_and_a_reason_that_managers_read(client, reviewer):
    organisation = make_organisation()
    manager = make_member(organisation)
    until = beijing(db_now() + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M")
    sign_in(client, reviewer)

    decide(client, organisation, "ban", until=until, ban_reason="竞得后未签约")

    assert beijing(fresh(organisation).banned_until).strftime("%Y-%m-%dT%H:%M") == until
    assert organisation.ban_reason == "竞得后未签约"
    assert db.session.scalars(select(Notice.user_id)).all() == [manager.id]


def test_a_banned_organisation_sees_it_on_its_desk(client):
    organisation = make_organisation(banned_until=db_now() + timedelta(days=1), ban_reason="竞得后未签约")
    sign_in(client, make_member(organisation), organisation)

    assert "竞得后未签约" in client.get("/desk").text


def test_a_ban_in_the_past_is_refused(app, reviewer):
    with pytest.raises(Invalid):
        services.ban_organisation(actor_for(reviewer), make_organisation(), db_now(), "竞得后未签约")


def test_a_ban_is_lifted_with_a_reason(client, reviewer):
    organisation = make_organisation(banned_until=db_now() + timedelta(days=1), ban_reason="竞得后未签约")
    sign_in(client, reviewer)

    decide(client, organisation, "lift_ban", reason="已补签")

    assert fresh(organisation).banned_until is None
    assert audit.trail(organisation)[-1].after["reason"] == "已补签"


def test_the_queue_begins_with_who_waits_longest(app, reviewer):
    first, second = make_organisation(verified=False), make_organisation(verified=False)
    for one in (second, first):
        move(actor_for(make_user()), one, OrganisationAction.SUBMIT)
    db.session.commit()

    assert [one for one, _at in queries.waiting_for_verification(10)] == [second, first]
    assert queries.count_waiting() == 2


def test_the_reviewers_desk_shows_the_queue(client, reviewer, submitted):
    sign_in(client, reviewer)

    assert submitted.name in client.get("/desk").text


def test_the_list_is_filtered_and_exported_as_filtered(client, reviewer, submitted):
    make_organisation(name="已通过的单位")
    sign_in(client, reviewer)

    page = client.get("/desk/organisations?state=submitted").text
    exported = client.get("/desk/organisations?state=submitted&format=csv").get_data(as_text=True)

    assert submitted.name in page
    assert "已通过的单位" not in page
    assert submitted.uscc in exported
    assert "已通过的单位" not in exported


def test_an_unknown_organisation_is_not_found(client, reviewer):
    sign_in(client, reviewer)

    assert client.get("/desk/organisations/999999").status_code == 404
