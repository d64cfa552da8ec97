"""What a member who leaves looked after goes to whoever takes over, once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts import handover
from accounts import queries as accounts
from accounts import services as membership
from accounts.roles import OrgRole
from listings import services
from listings.handlers import membership_ended
from listings.models import Listing, Question
from marketplace import audit
from marketplace.db import db
from marketplace.facts import MembershipEnded
from marketplace.notices import Notice
from marketplace.outbox import deliver_due
from marketplace.permissions import SYSTEM, Permission
from tests.factories.accounts import actor_for, make_member, make_organisation, make_user, sign_in
from tests.factories.listings import make_listing

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def owner():
    return make_organisation()


@pytest.fixture
def manager(owner):
    return make_member(owner, [OrgRole.MANAGER, OrgRole.SELLER_EDITOR], make_user("李静"))


@pytest.fixture
def writer(owner, manager):
    return make_member(owner, OrgRole.SELLER_EDITOR, make_user("王磊"))


def leave(owner, leaver, heir):
    services_of = accounts.membership(leaver.id, owner.id), accounts.membership(heir.id, owner.id)
    membership.end_membership(actor_for(leaver, owner), *services_of)
    db.session.commit()
    deliver_due()


def again(listing) -> Listing:
    """The result as it is stored by now."""
    db.session.expire_all()
    return db.session.get_one(Listing, listing.id)


def handed_over(listing):
    return [entry for entry in audit.trail(listing) if entry.action == "listing.hand_over"]


@pytest.mark.parametrize("state", ["draft", "org_review", "listed", "suspended"])
def test_open_results_and_their_contact_go_to_the_heir(owner, writer, manager, state):
    listing = make_listing(state, organisation=owner, editor=actor_for(writer, owner), contact_name=writer.name)

    leave(owner, writer, manager)

    listing = again(listing)
    assert (listing.keeper_id, listing.contact_name, listing.contact_email) == (manager.id, "李静", manager.email)
    assert [entry.after["reason"] for entry in handed_over(listing)] == ["王磊 → 李静"]


def test_what_is_over_stays_with_whoever_did_it(owner, writer, manager):
    listing = make_listing("withdrawn", organisation=owner, editor=actor_for(writer, owner))

    leave(owner, writer, manager)

    listing = again(listing)
    assert listing.keeper_id == writer.id


def test_the_heir_may_still_approve_what_they_did_not_write(owner, writer, manager):
    listing = make_listing("org_review", organisation=owner, editor=actor_for(writer, owner))

    leave(owner, writer, manager)

    listing = again(listing)
    assert manager.id not in listing.editors


def test_the_same_fact_twice_writes_one_line(owner, writer, manager):
    listing = make_listing("draft", organisation=owner, editor=actor_for(writer, owner))
    leave(owner, writer, manager)
    fact = MembershipEnded(organisation_id=owner.id, user_id=writer.id, heir_user_id=manager.id)

    membership_ended(fact)
    db.session.commit()

    assert len(handed_over(listing)) == 1


def test_without_an_heir_who_is_still_there_a_manager_takes_over(owner, writer, manager):
    heir = make_member(owner, OrgRole.SELLER_EDITOR)
    listing = make_listing("draft", organisation=owner, editor=actor_for(writer, owner))
    gone = accounts.membership(heir.id, owner.id)
    membership.end_membership(actor_for(heir, owner), gone, accounts.membership(manager.id, owner.id))
    db.session.commit()

    membership_ended(MembershipEnded(organisation_id=owner.id, user_id=writer.id, heir_user_id=heir.id))
    db.session.commit()

    listing = again(listing)
    assert listing.keeper_id == manager.id


def test_who_left_is_told_nothing_any_more(owner, writer, manager):
    listing = make_listing("exchange_review", organisation=owner, editor=actor_for(writer, owner))
    leave(owner, writer, manager)
    listing = again(listing)

    services.return_for_correction(SYSTEM, listing, {"summary": "请补充。"})
    db.session.commit()

    told = db.session.scalars(select(Notice.user_id).where(Notice.event == "listings.returned")).all()
    assert told == [manager.id]


def test_an_open_question_is_answered_to_the_heir(owner, writer, manager):
    listing = make_listing("listed")
    question = services.ask_question(actor_for(writer, owner), listing, "许可期限可否延长？")
    db.session.commit()

    leave(owner, writer, manager)

    assert db.session.get_one(Question, question.id).user_id == manager.id


def test_the_page_shows_beforehand_what_goes_and_what_nobody_else_may_do(client, owner, writer, manager):
    kept = make_listing("draft", organisation=owner, editor=actor_for(writer, owner))
    approver = make_member(owner, OrgRole.SELLER_APPROVER)
    waiting = make_listing("org_review", organisation=owner, editor=actor_for(writer, owner))
    sign_in(client, writer, owner)

    own = client.get("/organisation/leave").text
    sign_in(client, approver, owner)
    others = client.get("/organisation/leave").text

    assert kept.number in own
    assert waiting.number in others
    assert kept.number not in others
    needed = [one.needs for one in handover.open_work(owner.id, approver.id)]
    assert needed == [Permission.LISTING_APPROVE]


def test_managers_hear_of_work_that_nobody_may_do_any_more(owner, writer, manager):
    approver = make_member(owner, OrgRole.SELLER_APPROVER)
    waiting = make_listing("org_review", organisation=owner, editor=actor_for(writer, owner))

    leave(owner, approver, manager)

    told = db.session.scalars(select(Notice).where(Notice.event == "accounts.work_unattended")).all()
    assert [one.user_id for one in told] == [manager.id]
    assert waiting.number in told[0].body


def test_the_results_page_shows_the_line_and_who_looks_after_it(client, owner, writer, manager):
    listing = make_listing("draft", organisation=owner, editor=actor_for(writer, owner))
    leave(owner, writer, manager)
    sign_in(client, manager, owner)

    page = client.get(f"/desk/listings/{listing.number}").text

    assert "王磊 → 李静" in page
