"""The auditors' pages: everything recorded is found, one object's chain is shown with what changed, a forgery is seen."""

from __future__ import annotations

import re

import pytest

from accounts.roles import OrgRole, StaffRole
from listings import services
from marketplace import trails
from marketplace.db import db
from tests.factories.accounts import make_member, make_organisation, make_staff, sign_in
from tests.factories.listings import make_cast, make_listing
from tests.support.processes import ROOT

pytestmark = pytest.mark.usefixtures("app")
PACKAGES = ("marketplace", "accounts", "payments", "listings", "auctions", "contracts", "targets")


@pytest.fixture
def listing():
    cast = make_cast()
    made = make_listing("draft", organisation=cast.organisation, editor=cast.editing)
    services.save_draft(cast.editing, made, {"title": "更正后的名称"})
    db.session.commit()
    return made


@pytest.fixture
def auditing(client):
    sign_in(client, make_staff(StaffRole.AUDITOR))
    return client


def test_the_desk_leads_to_the_trail(auditing, listing):
    assert 'href="/desk/trail"' in auditing.get("/desk").text
    assert listing.number in auditing.get("/desk/trail?lang=en").text


@pytest.mark.parametrize(("query", "seen"), [("q={}", True), ("q={}&kind=contracts", False), ("kind=listings", True)])
def test_it_is_found_by_number_and_kind(auditing, listing, query, seen):
    assert (
        f"/desk/trail/listings/{listing.id}#" in auditing.get("/desk/trail?" + query.format(listing.number)).text
    ) is seen


def test_the_export_holds_what_changed(auditing, listing):
    rows = auditing.get(f"/desk/trail?q={listing.number}&format=csv").data.decode("utf-8-sig")

    assert "listing.save" in rows
    assert "更正后的名称" in rows


def test_a_chain_shows_each_step_with_what_it_changed(auditing, listing):
    page = auditing.get(f"/desk/trail/listings/{listing.id}?lang=en").text

    assert "The chain holds" in page
    assert "Draft saved" in page
    assert "<ins>更正后的名称</ins>" in page
    assert f'href="/listings/{listing.number}"' in page


def test_a_forgery_is_seen(auditing, listing, database):
    with database.connect_owner() as owner:
        owner.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        owner.execute("UPDATE audit_entries SET actor_name = '另一人' WHERE object_type = 'listings' AND sequence = 2")

    page = auditing.get(f"/desk/trail/listings/{listing.id}?lang=en").text

    assert "The chain does not hold" in page
    assert "was altered" in page


def test_what_nobody_recorded_does_not_exist(auditing):
    assert auditing.get("/desk/trail/listings/999999").status_code == 404
    assert auditing.get("/desk/trail/nothing/1").status_code == 404


def test_only_auditors_and_supervisors_read_it(client, listing):
    for person in (make_staff(StaffRole.REVIEWER), make_member(make_organisation(), OrgRole.MANAGER)):
        sign_in(client, person)
        assert client.get("/desk/trail").status_code == 403
        assert client.get(f"/desk/trail/listings/{listing.id}").status_code == 403
    sign_in(client, make_staff(StaffRole.SUPERVISOR))
    assert client.get("/desk/trail").status_code == 200


def test_every_action_that_the_program_records_has_a_name():
    """Read from the source: each literal action given to the audit trail."""
    written = "\n".join(path.read_text() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    actions = set(re.findall(r'audit\.record(?:_new)?\(\s*\w+(?:\(\))?,\s*"([a-z_.]+)"', written))

    assert len(actions) > 40
    assert sorted(name for name in actions if trails.action_label(name) == name) == []
