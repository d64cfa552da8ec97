"""Every page of accounts opens for who may see it, and not for others."""

from __future__ import annotations

import pytest

from accounts.roles import OrgRole, StaffRole
from tests.factories.accounts import make_member, make_organisation, make_staff, make_user, sign_in

PUBLIC = ["/", "/sign-in", "/sign-up", "/forgot", "/confirm/x", "/reset/x"]
OWN = ["/desk", "/account", "/account/security", "/account/second-factor", "/organisation/new"]
MANAGER = ["/organisation", "/organisation/edit", "/organisation/invite", "/organisation/bidding"]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_open_for_everybody(client, path, language):
    assert client.get(f"{path}?lang={language}").status_code == 200


@pytest.mark.parametrize("path", OWN + MANAGER)
def test_own_pages_lead_visitors_to_sign_in(client, path):
    answer = client.get(path)

    assert answer.status_code == 303
    assert "/sign-in?next=" in answer.headers["Location"]


@pytest.mark.parametrize("path", OWN)
def test_own_pages_open_after_signing_in(client, path):
    sign_in(client, make_user())

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", MANAGER)
def test_a_manager_opens_the_organisations_pages(client, path):
    organisation = make_organisation()
    sign_in(client, make_member(organisation, OrgRole.MANAGER), organisation)

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", MANAGER[1:])
def test_a_bidder_may_not_manage(client, path):
    organisation = make_organisation()
    sign_in(client, make_member(organisation, OrgRole.BUYER_EDITOR), organisation)

    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/desk/organisations", "/desk/people"])
def test_staff_pages_are_closed_to_members(client, path):
    organisation = make_organisation()
    sign_in(client, make_member(organisation), organisation)

    assert client.get(path).status_code == 403


def test_a_reviewer_opens_the_queue_and_an_organisation(client):
    organisation = make_organisation(verified=False)
    sign_in(client, make_staff(StaffRole.REVIEWER))

    assert organisation.name in client.get("/desk/organisations").text
    assert organisation.uscc in client.get(f"/desk/organisations/{organisation.id}").text


def test_an_operator_opens_people(client):
    somebody = make_user("张三")
    sign_in(client, make_staff(StaffRole.OPERATOR))

    assert "张三" in client.get("/desk/people").text
    assert somebody.email in client.get(f"/desk/people/{somebody.id}").text


def test_a_member_of_another_organisation_is_not_found(client):
    organisation, other = make_organisation(), make_organisation()
    make_member(other, OrgRole.MANAGER)
    sign_in(client, make_member(organisation, OrgRole.MANAGER), organisation)

    assert client.get("/organisation/members/1").status_code == 404
