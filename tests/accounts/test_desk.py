"""The desk and the front page: each person's own sections, and honest empty states."""

from __future__ import annotations

import pytest

from accounts.roles import OrgRole, StaffRole
from accounts.states import OrganisationState
from marketplace import desk, slots
from marketplace.desk import DeskSection, SideItem
from marketplace.permissions import Permission
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, make_user, sign_in


@pytest.fixture
def section(monkeypatch):
    """A section of another package, registered for one test."""
    monkeypatch.setattr(desk, "_sections", {})
    monkeypatch.setattr(desk, "_side", {})
    return desk


def titles(actor) -> list[str]:
    return [title for title, _section in desk.sections(actor)]


def test_sections_are_shown_to_who_may_act_on_them(app, section):
    section.register_section("a", "Verify", Permission.ORG_VERIFY, lambda _actor: DeskSection(), order=1)
    section.register_section("b", "Mine", Permission.ACCOUNT_USE, lambda _actor: DeskSection(), order=2)

    assert titles(actor_for(make_user())) == ["Mine"]
    assert titles(actor_for(make_staff(StaffRole.REVIEWER))) == ["Verify", "Mine"]


def test_a_provider_that_has_nothing_shows_nothing(app, section):
    section.register_section("a", "Mine", Permission.ACCOUNT_USE, lambda _actor: None)

    assert titles(actor_for(make_user())) == []


def test_sections_stand_in_their_order(app, section):
    section.register_section("a", "Later", Permission.ACCOUNT_USE, lambda _actor: DeskSection(), order=20)
    section.register_section("b", "First", Permission.ACCOUNT_USE, lambda _actor: DeskSection(), order=10)

    assert titles(actor_for(make_user())) == ["First", "Later"]


def test_the_side_navigation_counts_only_for_who_may_open(app, section):
    asked: list[int] = []
    items = [
        SideItem("Organisations", "accounts.organisations", Permission.ORG_VERIFY, lambda _actor: asked.append(1) or 3),
        SideItem("Not served here", "nowhere.at_all", Permission.ACCOUNT_USE),
    ]
    section.register_side("exchange", "The exchange", items)

    with app.test_request_context("/desk"):
        assert section.side(actor_for(make_user())) == []
        assert asked == []
        groups = section.side(actor_for(make_staff(StaffRole.REVIEWER)))

    assert [(item["label"], item["count"]) for item in groups[0]["items"]] == [("Organisations", 3)]


def test_a_person_without_organisation_is_told_how_to_begin(client):
    sign_in(client, make_user())

    assert "/organisation/new" in client.get("/desk").text


def test_a_draft_organisation_sees_what_is_missing(client):
    organisation = make_organisation(verified=False)
    sign_in(client, make_member(organisation), organisation)

    page = client.get("/desk", query_string={"lang": "en"}).text

    assert page.count("still missing") == 3


def test_a_submitted_organisation_is_told_to_wait(client):
    organisation = make_organisation(verified=False, state=OrganisationState.SUBMITTED)
    sign_in(client, make_member(organisation), organisation)

    assert "A reviewer compares" in client.get("/desk", query_string={"lang": "en"}).text


def test_a_manager_sees_members_and_a_bidder_does_not(client, app):
    organisation = make_organisation()
    bidder = app.test_client()
    sign_in(client, make_member(organisation), organisation)
    sign_in(bidder, make_member(organisation, OrgRole.BUYER_EDITOR), organisation)

    assert "/organisation/bidding" in client.get("/desk").text
    assert "/organisation/bidding" not in bidder.get("/desk").text


def test_the_front_page_is_honest_when_nothing_is_listed(client, monkeypatch):
    monkeypatch.setattr(slots, "_providers", {"home.hero": [], "home.main": [], "home.fields": []})

    page = client.get("/", query_string={"lang": "en"}).text

    assert "Nothing is listed yet" in page
    assert 'action="/listings"' in page


def test_the_front_page_shows_what_packages_put_there(client, monkeypatch):
    monkeypatch.setattr(slots, "_providers", {"home.hero": [], "home.main": [], "home.fields": []})
    slots.fill("home.main", "test", lambda **_context: "<p>listed today</p>")
    # Who is signed in never gets a page that was kept for others.
    sign_in(client, make_user())

    page = client.get("/", query_string={"lang": "en"}).text

    assert "<p>listed today</p>" in page
    assert "Nothing is listed yet" not in page


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("path", ["/about", "/help", "/help/roles"])
def test_pages_that_explain_open_for_everybody(client, path, language):
    assert client.get(path, query_string={"lang": language}).status_code == 200


def test_a_manager_who_came_alone_is_led_to_the_roles(client):
    organisation = make_organisation()
    manager = make_member(organisation, OrgRole.MANAGER)
    sign_in(client, manager)

    assert "Nobody may list results or bid yet" in client.get("/desk?lang=en").text

    make_member(organisation, OrgRole.BUYER_EDITOR)
    assert "Nobody may list results or bid yet" not in client.get("/desk?lang=en").text
