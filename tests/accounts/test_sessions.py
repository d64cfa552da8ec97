"""Sign-ins one by one: listed, ended, everywhere at once; and for whom one acts."""

from __future__ import annotations

from accounts import services
from marketplace import api_tokens
from marketplace.clock import db_now
from marketplace.db import db
from tests.factories.accounts import actor_for, make_member, make_organisation, make_session, make_user, sign_in


def test_the_page_lists_every_sign_in_and_marks_this_one(client):
    user = make_user()
    make_session(user)
    sign_in(client, user)

    page = client.get("/account/security", query_string={"lang": "en"}).text

    assert page.count('/revoke"') == 2
    assert page.count("This one") == 1


def test_ending_one_sign_in_leaves_the_others(client, app):
    user = make_user()
    other = app.test_client()
    row = sign_in(other, user)
    sign_in(client, user)

    client.post(f"/account/sessions/{row.id}/revoke")

    assert other.get("/desk").status_code == 303
    assert client.get("/desk").status_code == 200


def test_somebody_elses_sign_in_is_not_found(client, app):
    other = app.test_client()
    row = sign_in(other, make_user())
    sign_in(client, make_user())

    assert client.post(f"/account/sessions/{row.id}/revoke").status_code == 404
    assert other.get("/desk").status_code == 200


def test_signing_out_everywhere_ends_all_at_once(client, app):
    user = make_user()
    other = app.test_client()
    sign_in(other, user)
    sign_in(client, user)

    client.post("/account/sessions/revoke-all")

    assert [one.get("/desk").status_code for one in (client, other)] == [303, 303]


def test_signing_out_everywhere_raises_the_epoch_that_the_desk_checks(app):
    user = make_user()

    services.sign_out_everywhere(actor_for(user), user)

    assert user.epoch == 2


def test_a_closed_account_is_out_at_the_next_request(client):
    user = make_user()
    sign_in(client, user)
    user.disabled_at = db_now()
    db.session.commit()

    assert client.get("/desk").status_code == 303


def test_a_person_acts_for_one_organisation_and_switches(client):
    user, first, second = make_user(), make_organisation(), make_organisation()
    make_member(first, user=user)
    make_member(second, user=user)
    sign_in(client, user, first)

    client.post(f"/account/act-for/{second.id}")

    assert second.uscc in client.get("/organisation").text
    with client.session_transaction() as cookie:
        assert cookie["org"] == second.id


def test_a_person_acts_for_themselves_with_zero(client):
    organisation = make_organisation()
    sign_in(client, make_member(organisation), organisation)

    client.post("/account/act-for/0")

    assert client.get("/organisation").status_code == 403


def test_nobody_acts_for_an_organisation_they_do_not_belong_to(client):
    sign_in(client, make_user())

    assert client.post(f"/account/act-for/{make_organisation().id}").status_code == 404


def test_a_forged_organisation_in_the_cookie_changes_nothing(client):
    organisation, other = make_organisation(), make_organisation()
    sign_in(client, make_member(organisation), organisation)
    with client.session_transaction() as cookie:
        cookie["org"] = other.id

    assert organisation.uscc in client.get("/organisation").text


def test_the_next_sign_in_acts_for_the_organisation_of_the_last(app):
    user, first, second = make_user(), make_organisation(), make_organisation()
    make_member(first, user=user)
    make_member(second, user=user)
    make_session(user, second)

    assert make_session(user).organisation_id == second.id


def test_an_api_token_acts_as_its_owner_within_its_scopes(client):
    organisation = make_organisation()
    user = make_member(organisation)
    _token, secret = api_tokens.issue(actor_for(user, organisation), "archive", ["organisation"], 30)
    db.session.commit()

    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json

    assert me["organisation_id"] == organisation.id
    assert "org:organisation:manage" not in me["permissions"]
    assert "org:organisation:read" in me["permissions"]


def test_a_token_of_a_closed_account_is_worthless(client):
    user = make_user()
    _token, secret = api_tokens.issue(actor_for(user), "archive", ["account"], 30)
    user.disabled_at = db_now()
    db.session.commit()

    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_page_reads_who_is_calling_in_one_statement(client, queries):
    organisation = make_organisation()
    sign_in(client, make_member(organisation), organisation)
    queries.clear()

    client.get("/account")

    assert len([one for one in queries if "user_sessions" in one]) == 1
