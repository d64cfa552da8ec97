"""`flask accounts …`: each command does what the page does, and refuses in one sentence."""

from __future__ import annotations

import pytest

from accounts import queries
from accounts.roles import StaffRole
from accounts.states import OrganisationState
from marketplace.db import db
from tests.factories.accounts import PASSWORD, make_member, make_organisation, make_staff, make_uscc, make_user


@pytest.fixture
def run(app):
    """Run one of the commands: `run("list")`."""

    def invoke(*arguments):
        db.session.remove()
        return app.test_cli_runner().invoke(args=["accounts", *arguments])

    return invoke


def test_create_user_makes_staff_who_may_sign_in(run, client):
    arguments = ["--email", "op@example.cn", "--name", "钱进", "--password", PASSWORD, "--staff-role", "operator"]

    assert run("create-user", *arguments).exit_code == 0
    answer = client.post("/sign-in", data={"email": "op@example.cn", "password": PASSWORD})
    assert answer.location == "/account/second-factor"


def test_create_user_without_a_password_prints_the_link_that_sets_one(run, client):
    printed = run("create-user", "--email", "op@example.cn", "--name", "钱进").output

    path = printed.splitlines()[0].partition("/reset/")[2]
    assert client.post(f"/reset/{path}", data={"password": PASSWORD}).status_code == 303


def test_a_weak_password_is_refused_in_one_sentence(run):
    result = run("create-user", "--email", "op@example.cn", "--name", "钱进", "--password", "short")

    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert queries.user_by_email("op@example.cn") is None


def test_create_organisation_with_its_manager_and_verify_it(run):
    manager, reviewer = make_user(), make_staff(StaffRole.REVIEWER)
    code = make_uscc(77)
    made = ["--name", "北境理工大学", "--kind", "university", "--uscc", code, "--region", "230100"]

    assert run("create-organisation", *made, "--manager", manager.email).exit_code == 0
    organisation = queries.organisation_by_uscc(code)
    organisation.state = OrganisationState.SUBMITTED
    db.session.commit()
    assert run("verify", code, "--reviewer", reviewer.email).exit_code == 0

    assert queries.organisation_by_uscc(code).state is OrganisationState.VERIFIED


def test_verify_refuses_who_is_no_reviewer(run):
    organisation = make_organisation(verified=False, state=OrganisationState.SUBMITTED)

    assert run("verify", organisation.uscc, "--reviewer", make_user().email).exit_code == 1


def test_reset_password_mails_a_link(run, mails):
    user = make_user()

    assert run("reset-password", user.email).exit_code == 0
    assert "/reset/" in mails(user.email)[-1].text


@pytest.mark.parametrize(
    "arguments", [["reset-password", "nobody@example.cn"], ["verify", "x", "--reviewer", "y@z.cn"]]
)
def test_what_is_unknown_is_said(run, arguments):
    assert run(*arguments).exit_code == 1


def test_list_prints_people_with_their_organisations(run):
    organisation = make_organisation(name="北境理工大学")
    user = make_member(organisation)

    assert f"{user.email}\t{user.name}\t\t北境理工大学 (manager)" in run("list").output
