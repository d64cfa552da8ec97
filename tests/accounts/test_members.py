"""Members: roles, authority to bid, leaving with a hand-over, and the manager an organisation always has."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts import queries, services
from accounts.errors import LastManager
from accounts.models import Membership
from accounts.roles import OrgRole
from accounts.rules import BidAuthority
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, Invalid
from marketplace.jsons import plain
from marketplace.notices import Notice
from marketplace.outbox import StoredFact
from marketplace.permissions import Permission
from tests.factories.accounts import actor_for, make_member, make_organisation, make_user, sign_in


@pytest.fixture
def organisation(app):
    return make_organisation()


@pytest.fixture
def manager(organisation):
    return make_member(organisation, OrgRole.MANAGER, make_user("李静"))


@pytest.fixture
def bidder(organisation):
    return make_member(organisation, OrgRole.BUYER_EDITOR, make_user("王磊"))


def membership(user, organisation) -> Membership:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(
        select(Membership).where(Membership.user_id == user.id, Membership.organisation_id == organisation.id)
    ).one()


def page_of(user, organisation) -> str:
    return f"/organisation/members/{membership(user, organisation).id}"


def test_a_manager_changes_roles_and_limit(client, organisation, manager, bidder):
    sign_in(client, manager, organisation)

    client.post(page_of(bidder, organisation), data={"roles": ["buyer_editor", "buyer_signer"], "bid_limit": "250.5"})

    changed = membership(bidder, organisation)
    assert changed.roles == ["buyer_editor", "buyer_signer"]
    assert changed.bid_limit == Decimal("2505000.00")


def test_an_empty_limit_is_no_limit(client, organisation, manager, bidder):
    sign_in(client, manager, organisation)

    client.post(page_of(bidder, organisation), data={"roles": ["buyer_editor"], "bid_limit": ""})

    assert membership(bidder, organisation).bid_limit is None


def test_a_limit_that_is_no_amount_is_refused_and_kept_in_the_form(client, organisation, manager, bidder):
    sign_in(client, manager, organisation)

    answer = client.post(page_of(bidder, organisation), data={"roles": ["buyer_editor"], "bid_limit": "much"})

    assert answer.status_code == 422
    assert 'value="much"' in answer.text


def test_nobody_sets_their_own_limit(client, organisation, manager):
    sign_in(client, manager, organisation)

    answer = client.post(page_of(manager, organisation), data={"roles": ["manager"], "bid_limit": "100"})

    assert answer.status_code == 422
    assert membership(manager, organisation).bid_limit is None


def test_the_form_shows_the_limit_in_its_unit(client, organisation, manager):
    member = make_member(organisation, OrgRole.BUYER_EDITOR, bid_limit=Decimal("2505000.00"))
    sign_in(client, manager, organisation)

    assert 'value="250.5"' in client.get(page_of(member, organisation)).text


def test_the_last_manager_keeps_the_role(client, organisation, manager, bidder):
    sign_in(client, manager, organisation)

    answer = client.post(page_of(manager, organisation), data={"roles": ["buyer_editor"], "bid_limit": ""})

    assert answer.status_code == 409
    assert membership(manager, organisation).roles == ["manager"]


def test_the_last_manager_cannot_leave(organisation, manager, bidder):
    with pytest.raises(LastManager):
        services.end_membership(
            actor_for(manager, organisation), membership(manager, organisation), membership(bidder, organisation)
        )


def test_of_two_managers_who_leave_at_once_one_stays(app, organisation, manager):
    other = make_member(organisation, OrgRole.MANAGER)
    heir = make_member(organisation, OrgRole.BUYER_EDITOR)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def leave(user_id: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with unit_of_work():
                    leaving = queries.membership(user_id, organisation.id)
                    taking = queries.membership(heir.id, organisation.id)
                    services.end_membership(actor_for(leaving.user, organisation), leaving, taking)
                outcomes.append("left")
            except LastManager:
                outcomes.append("stayed")

    threads = [threading.Thread(target=leave, args=(user.id,)) for user in (manager, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["left", "stayed"]


def test_a_member_who_leaves_hands_over(client, organisation, manager, bidder):
    sign_in(client, bidder, organisation)
    heir = membership(manager, organisation)

    client.post(f"{page_of(bidder, organisation)}/end", data={"heir": heir.id})

    left = membership(bidder, organisation)
    assert left.ended_at is not None
    assert left.handed_to_id == manager.id
    assert queries.successor(bidder.id, organisation.id) == manager.id


def test_the_heir_is_told_and_other_packages_hear_of_it(client, organisation, manager, bidder):
    sign_in(client, bidder, organisation)
    client.post(f"{page_of(bidder, organisation)}/end", data={"heir": membership(manager, organisation).id})

    assert db.session.scalars(select(Notice.title).where(Notice.user_id == manager.id)).all() == [
        "您已接手 王磊 的工作"
    ]
    fact = db.session.scalars(select(StoredFact).where(StoredFact.name == "MembershipEnded")).one()
    ended_at = plain(membership(bidder, organisation).ended_at)
    assert fact.payload == {
        "organisation_id": organisation.id, "user_id": bidder.id, "heir_user_id": manager.id, "ended_at": ended_at,
    }  # fmt: skip


def test_who_left_acts_for_the_organisation_no_longer(client, organisation, manager, bidder):
    sign_in(client, bidder, organisation)
    client.post(f"{page_of(bidder, organisation)}/end", data={"heir": membership(manager, organisation).id})

    assert client.get("/organisation").status_code == 403


@pytest.mark.parametrize("heir", ["", "0", "999999", "x"])
def test_leaving_needs_an_heir(client, organisation, manager, bidder, heir):
    sign_in(client, bidder, organisation)

    assert client.post(f"{page_of(bidder, organisation)}/end", data={"heir": heir}).status_code == 422
    assert membership(bidder, organisation).ended_at is None


def test_the_heir_must_belong_to_the_organisation(organisation, manager, bidder):
    other = make_organisation()
    stranger = make_member(other)

    with pytest.raises(Invalid):
        services.end_membership(
            actor_for(bidder, organisation), membership(bidder, organisation), membership(stranger, other)
        )


def test_a_member_cannot_end_anothers_membership(organisation, manager, bidder):
    colleague = make_member(organisation, OrgRole.BUYER_EDITOR)

    with pytest.raises(Forbidden):
        services.end_membership(
            actor_for(bidder, organisation), membership(colleague, organisation), membership(manager, organisation)
        )


def test_a_chain_of_hand_overs_leads_to_who_is_still_there(organisation, manager, bidder):
    second = make_member(organisation, OrgRole.BUYER_EDITOR)
    membership(bidder, organisation).handed_to_id = second.id
    membership(bidder, organisation)
    first = queries.membership(bidder.id, organisation.id)
    first.ended_at, first.handed_to_id = first.created_at, second.id
    last = queries.membership(second.id, organisation.id)
    last.ended_at, last.handed_to_id = last.created_at, manager.id
    db.session.commit()

    assert queries.successor(bidder.id, organisation.id) == manager.id


def test_authority_is_the_members_limit_and_the_organisations_amount(organisation):
    organisation.second_approval_above = Decimal("500.00")
    member = make_member(organisation, OrgRole.BUYER_EDITOR, bid_limit=Decimal("900.00"))

    assert queries.bid_authority(member.id, organisation.id) == BidAuthority(Decimal("900.00"), Decimal("500.00"))


def test_a_manager_sets_the_amount_for_second_approval(client, organisation, manager):
    sign_in(client, manager, organisation)

    client.post("/organisation/bidding", data={"above": "200"})

    db.session.refresh(organisation)
    assert organisation.second_approval_above == Decimal("2000000.00")


def test_the_page_warns_when_nobody_could_approve(client, organisation, manager):
    organisation.second_approval_above = Decimal("500.00")
    db.session.commit()
    sign_in(client, manager, organisation)

    assert "Nobody can approve" in client.get("/organisation/bidding", query_string={"lang": "en"}).text


def test_members_are_found_by_permission(organisation, manager, bidder):
    assert queries.members_with(organisation.id, Permission.BID_PLACE) == [bidder]
    assert queries.members_with(organisation.id, Permission.ORG_MANAGE) == [manager]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_member_of_another_organisation_is_not_found(client, organisation, manager, method):
    other = make_organisation()
    stranger = make_member(other)
    path = page_of(stranger, other)
    sign_in(client, manager, organisation)

    assert getattr(client, method)(path).status_code == 404
