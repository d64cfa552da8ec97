"""An organisation changes its name: search and drafts follow, what was signed keeps the old one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts import services
from accounts.errors import AlreadyKnown
from accounts.models import Organisation
from accounts.roles import OrgRole, StaffRole
from contracts.handlers import organisation_renamed
from contracts.models import Contract
from contracts.states import ContractState as C
from marketplace import audit
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.facts import OrganisationRenamed
from marketplace.notices import Notice
from marketplace.outbox import deliver_due
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, sign_in
from tests.factories.contracts import make_deal
from tests.factories.listings import make_listing

NEW = "松北新材料研究院"


@pytest.fixture
def reviewer(app):
    return actor_for(make_staff(StaffRole.REVIEWER))


def rename(reviewer, organisation) -> None:
    services.rename_organisation(reviewer, organisation, NEW, "工商变更登记")
    db.session.commit()
    deliver_due()


def test_the_trail_and_the_managers_know_both_names(reviewer):
    owner = make_organisation(name="松北材料所")
    manager = make_member(owner)

    rename(reviewer, owner)

    entry = audit.trail(owner)[-1]
    assert (entry.before["name"], entry.after["name"]) == ("松北材料所", NEW)
    told = db.session.scalars(select(Notice.user_id).where(Notice.event == "accounts.organisation_renamed")).all()
    assert told == [manager.id]


@pytest.mark.parametrize(("name", "error"), [("", Invalid), ("松北材料所", Invalid), ("别家单位", AlreadyKnown)])
def test_a_name_that_is_none_is_the_old_one_or_is_taken(reviewer, name, error):
    owner = make_organisation(name="松北材料所")
    make_organisation(name="别家单位")

    with pytest.raises(error):
        services.rename_organisation(reviewer, owner, name, "工商变更登记")


def test_a_reviewer_does_not_rename_their_own_organisation(app):
    owner = make_organisation()
    person = make_staff(StaffRole.REVIEWER)
    make_member(owner, OrgRole.MANAGER, person)

    with pytest.raises(Forbidden):
        services.rename_organisation(actor_for(person), owner, NEW, "工商变更登记")


def test_its_results_are_found_by_the_new_name_and_by_the_old_no_more(client, reviewer):
    owner = make_organisation(name="旧称材料所")
    listing = make_listing("listed", organisation=owner)

    rename(reviewer, owner)

    assert listing.number in client.get(f"/listings?q={NEW}").text
    assert listing.number not in client.get("/listings?q=旧称材料所").text


@pytest.mark.parametrize(
    ("state", "after", "follows"), [(C.DRAFT, C.DRAFT, True), (C.SIGNING, C.DRAFT, True), (C.SIGNED, C.SIGNED, False)]
)
def test_only_contracts_that_bind_nobody_yet_follow(reviewer, state, after, follows):
    deal = make_deal(state)
    version = deal.contract.version

    rename(reviewer, db.session.get_one(Organisation, deal.seller.id))

    contract = db.session.get_one(Contract, deal.contract.id)
    assert (contract.state, contract.seller["name"] == NEW) == (after, follows)
    assert (contract.version > version) is follows


def test_the_same_fact_twice_changes_a_draft_once(reviewer):
    deal = make_deal(C.DRAFT)
    rename(reviewer, db.session.get_one(Organisation, deal.buyer.id))
    version = db.session.get_one(Contract, deal.contract.id).version

    organisation_renamed(OrganisationRenamed(organisation_id=deal.buyer.id, old_name="旧", name=NEW))
    db.session.commit()

    assert db.session.get_one(Contract, deal.contract.id).version == version


def test_by_the_page_a_reviewer_gives_the_new_name(client):
    owner = make_organisation()
    sign_in(client, make_staff(StaffRole.REVIEWER))
    here = f"/desk/organisations/{owner.id}"

    answers = [
        client.post(f"{here}/rename", data={"name": name, "rename_reason": "工商变更登记"}).status_code
        for name in ("", NEW)
    ]

    assert answers == [422, 303]
    assert NEW in client.get(here).text
