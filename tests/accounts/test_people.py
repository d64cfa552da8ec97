"""What operators do to accounts: make, find, give roles, close, open; and what they cannot."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from accounts import queries, services
from accounts.models import User
from accounts.roles import StaffRole
from marketplace import api_tokens, audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Invalid
from tests.factories.accounts import PASSWORD, actor_for, make_staff, make_user, sign_in


@pytest.fixture
def operator(app):
    return make_staff(StaffRole.OPERATOR, "钱进")


@pytest.fixture
def desk(client, operator):
    """The client, signed in as an operator."""
    sign_in(client, operator)
    return client


def fresh(user) -> User:
    db.session.rollback()
    db.session.refresh(user)
    return user


def test_an_operator_makes_an_account_whose_owner_sets_the_password(desk, app, link_for):
    desk.post("/desk/people", data={"name": "吴登", "email": "wu@example.cn", "roles": ["registrar"]})
    visitor = app.test_client()
    visitor.post(link_for("wu@example.cn"), data={"password": PASSWORD})

    answer = visitor.post("/sign-in", data={"email": "wu@example.cn", "password": PASSWORD})

    assert answer.location == "/account/second-factor"
    assert queries.user_by_email("wu@example.cn").staff_roles == ["registrar"]


def test_a_known_address_is_refused(desk):
    known = make_user()

    assert desk.post("/desk/people", data={"name": "X", "email": known.email}).status_code == 422


def test_closing_an_account_ends_sessions_and_tokens_and_says_why(desk, app, operator):
    user, theirs = make_user(), app.test_client()
    sign_in(theirs, user)
    api_tokens.issue(actor_for(user), "archive", ["account"], 30)
    db.session.commit()

    desk.post(f"/desk/people/{user.id}/disable", data={"reason": "已离职"})

    assert theirs.get("/desk").status_code == 303
    assert db.session.scalars(select(api_tokens.ApiToken)).one().revoked_at is not None
    assert audit.trail(fresh(user))[-1].after == {"reason": "已离职"}


def test_closing_needs_a_reason(desk):
    user = make_user()

    assert desk.post(f"/desk/people/{user.id}/disable", data={"reason": ""}).status_code == 422
    assert fresh(user).disabled_at is None


def test_a_closed_account_is_opened_again(desk):
    user = make_user(disabled_at=db_now())

    desk.post(f"/desk/people/{user.id}/enable")

    assert fresh(user).disabled_at is None


def test_roles_at_the_exchange_are_given_and_taken(desk):
    user = make_user()

    desk.post(f"/desk/people/{user.id}/roles", data={"roles": ["finance", "auditor"]})
    assert fresh(user).staff_roles == ["auditor", "finance"]

    desk.post(f"/desk/people/{user.id}/roles", data={"roles": []})
    assert fresh(user).staff_roles == []


def test_an_invented_role_is_refused(desk):
    user = make_user()

    assert desk.post(f"/desk/people/{user.id}/roles", data={"roles": ["emperor"]}).status_code == 422


def test_taking_a_role_away_does_not_sign_out(app, operator):
    user = make_staff([StaffRole.FINANCE, StaffRole.AUDITOR])

    services.set_staff_roles(actor_for(operator), user, [StaffRole.AUDITOR])

    assert user.epoch == 1


def test_nobody_changes_their_own_roles(app, operator):
    with pytest.raises(Invalid):
        services.set_staff_roles(actor_for(operator), operator, list(StaffRole))


def test_nobody_closes_their_own_account(desk, operator):
    assert desk.post(f"/desk/people/{operator.id}/disable", data={"reason": "x"}).status_code == 422
    assert fresh(operator).disabled_at is None


def test_people_are_found_by_name_and_address_and_role(desk):
    make_user("张三", email="zhangsan@example.cn")
    make_staff(StaffRole.FINANCE, "李四")

    assert "zhangsan@example.cn" in desk.get("/desk/people?q=张三").text
    by_role = desk.get("/desk/people?role=finance").text
    assert "李四" in by_role
    assert "张三" not in by_role


def test_staff_without_a_second_factor_are_found(desk):
    make_user("未启用", staff_roles=["auditor"])

    page = desk.get("/desk/people?factor=off").text

    assert "未启用" in page
    assert "钱进</a>" not in page


def test_the_list_takes_the_same_number_of_queries_however_long(desk, queries):
    for _ in range(3):
        make_user()
    queries.clear()
    desk.get("/desk/people")
    few = len(queries)
    for _ in range(12):
        make_user()
    queries.clear()

    desk.get("/desk/people")

    assert len(queries) == few


def test_members_of_other_desks_may_not(client):
    sign_in(client, make_staff(StaffRole.REVIEWER))

    assert client.get("/desk/people").status_code == 403
    assert client.get("/desk/people/new").status_code == 403


def test_a_person_changes_their_profile(client):
    user = make_user()
    sign_in(client, user)

    client.post("/account", data={"name": "新名字", "phone": "13800000000", "locale": "en"})

    assert (fresh(user).name, user.phone, user.locale) == ("新名字", "13800000000", "en")


def test_a_language_that_we_do_not_speak_is_refused(client):
    user = make_user()
    sign_in(client, user)

    assert client.post("/account", data={"name": "X", "locale": "fr"}).status_code == 422
