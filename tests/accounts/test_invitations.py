"""Invitations: by a manager, to an address, for a while; accepted by its owner alone."""

from __future__ import annotations

from sqlalchemy import select, text

from accounts import queries
from accounts.models import Membership
from accounts.roles import OrgRole
from marketplace.db import db
from tests.factories.accounts import PASSWORD, make_member, make_organisation, make_user, sign_in

ADDRESS = "chen@example.cn"


def invite(client, organisation=None, address=ADDRESS, roles=("seller_editor",)):
    organisation = organisation or make_organisation()
    sign_in(client, make_member(organisation), organisation)
    return client.post("/organisation/invite", data={"email": address, "roles": list(roles)})


def members(organisation) -> list[str]:
    db.session.rollback()
    return [one.user.email for one in queries.members(organisation.id)]


def test_the_invited_person_gets_a_link(client, link_for):
    assert invite(client).status_code == 303

    assert link_for(ADDRESS).startswith("/invitation/")


def test_a_new_person_gets_an_account_and_the_roles(client, app, link_for):
    organisation = make_organisation()
    invite(client, organisation, roles=("seller_editor", "seller_signer"))

    answer = app.test_client().post(link_for(ADDRESS), data={"name": "陈晨", "password": PASSWORD})

    assert answer.location == "/sign-in"
    user = queries.user_by_email(ADDRESS)
    assert queries.membership(user.id, organisation.id).roles == ["seller_editor", "seller_signer"]
    assert user.email_confirmed_at is not None


def test_a_weak_password_keeps_the_invitation(client, app, link_for):
    invite(client)
    visitor, link = app.test_client(), link_for(ADDRESS)

    assert visitor.post(link, data={"name": "陈晨", "password": "short"}).status_code == 422
    assert visitor.post(link, data={"name": "陈晨", "password": PASSWORD}).status_code == 303


def test_a_known_person_accepts_after_signing_in(client, app, link_for):
    organisation, user = make_organisation(), make_user(email=ADDRESS)
    invite(client, organisation)
    theirs = app.test_client()
    sign_in(theirs, user)

    theirs.post(link_for(ADDRESS))

    assert user.email in members(organisation)


def test_a_known_address_cannot_be_taken_over_by_who_holds_the_link(client, app, link_for):
    user = make_user(email=ADDRESS)
    invite(client)
    visitor, link = app.test_client(), link_for(ADDRESS)

    assert "/sign-in?next=/invitation/" in visitor.get(link).text
    assert visitor.post(link, data={"name": "X", "password": "some other password"}).status_code == 422
    assert visitor.post("/sign-in", data={"email": user.email, "password": PASSWORD}).status_code == 303


def test_somebody_else_cannot_accept(client, app, link_for):
    organisation = make_organisation()
    invite(client, organisation)
    theirs = app.test_client()
    sign_in(theirs, make_user())

    assert theirs.post(link_for(ADDRESS)).status_code == 403
    assert len(members(organisation)) == 1


def test_an_invitation_works_once(client, app, link_for):
    invite(client)
    link = link_for(ADDRESS)
    app.test_client().post(link, data={"name": "陈晨", "password": PASSWORD})

    assert app.test_client().get(link).status_code == 409


def test_an_invitation_holds_fourteen_days(client, app, link_for):
    invite(client)
    db.session.execute(text("UPDATE one_time_tokens SET expires_at = expires_at - interval '14 days'"))
    db.session.commit()

    assert app.test_client().get(link_for(ADDRESS)).status_code == 409


def test_a_new_invitation_replaces_the_old(client, app, link_for):
    organisation = make_organisation()
    invite(client, organisation)
    old = link_for(ADDRESS)
    client.post("/organisation/invite", data={"email": ADDRESS, "roles": ["manager"]})

    assert app.test_client().get(old).status_code == 409
    assert app.test_client().get(link_for(ADDRESS)).status_code == 200


def test_a_withdrawn_invitation_is_worthless(client, app, link_for):
    invite(client)
    client.post("/organisation/invite/withdraw", data={"email": ADDRESS})

    assert app.test_client().get(link_for(ADDRESS)).status_code == 409


def test_another_organisations_invitation_cannot_be_withdrawn(client, app, link_for):
    invite(client)
    other, organisation = app.test_client(), make_organisation()
    sign_in(other, make_member(organisation), organisation)
    other.post("/organisation/invite/withdraw", data={"email": ADDRESS})

    assert app.test_client().get(link_for(ADDRESS)).status_code == 200


def test_a_member_is_not_invited_again(client):
    organisation = make_organisation()
    make_member(organisation, OrgRole.BUYER_EDITOR, make_user(email=ADDRESS))

    assert invite(client, organisation).status_code == 422


def test_an_invitation_without_a_role_is_refused(client):
    assert invite(client, roles=()).status_code == 422


def test_an_invented_role_is_refused(client):
    assert invite(client, roles=("operator",)).status_code == 422


def test_the_token_is_kept_as_a_hash(client, link_for):
    invite(client)
    token = link_for(ADDRESS).removeprefix("/invitation/")

    kept = db.session.execute(text("SELECT string_agg(one_time_tokens::text, '') FROM one_time_tokens")).scalar_one()
    assert token not in kept


def test_who_left_and_is_invited_again_has_one_membership(client, app, link_for):
    organisation, user = make_organisation(), make_user(email=ADDRESS)
    make_member(organisation, OrgRole.BUYER_EDITOR, user, ended_at=user.created_at)
    invite(client, organisation)
    theirs = app.test_client()
    sign_in(theirs, user)
    theirs.post(link_for(ADDRESS))

    db.session.rollback()
    rows = db.session.scalars(select(Membership).where(Membership.user_id == user.id)).all()
    assert [(row.roles, row.ended_at) for row in rows] == [(["seller_editor"], None)]
