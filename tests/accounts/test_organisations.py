"""Registering an organisation, describing it, proving it with papers, and submitting it."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from accounts import queries, services
from accounts.errors import AlreadyKnown
from accounts.models import Organisation, OrganisationDocument
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from accounts.states import OrganisationState
from marketplace.db import db
from marketplace.errors import Conflict, Forbidden
from marketplace.files import StoredFile
from marketplace.notices import Notice
from tests.factories.accounts import (
    actor_for,
    make_member,
    make_organisation,
    make_staff,
    make_uscc,
    make_user,
    sign_in,
)

PDF = b"%PDF-1.4\n%%EOF\n"
FILLED = {
    "address": "哈尔滨市南岗区学府路 1 号",
    "legal_representative": "周启明",
    "contact_name": "李静",
    "contact_phone": "0451-86000000",
}


def form(**changes) -> dict:
    return {"name": "北境理工大学", "kind": "university", "uscc": make_uscc(41), "region": "230100", **changes}


def draft(**values) -> Organisation:
    return make_organisation(verified=False, **values)


def upload(client, content=PDF, name="执照.pdf", kind="certificate"):
    data = {"kind": kind, "file": (io.BytesIO(content), name)}
    return client.post("/organisation/documents", data=data, content_type="multipart/form-data")


@pytest.fixture
def organisation(app):
    return draft(**FILLED)


@pytest.fixture
def manager(organisation, client):
    user = make_member(organisation)
    sign_in(client, user, organisation)
    return user


def state_of(organisation) -> OrganisationState:
    db.session.rollback()
    db.session.refresh(organisation)
    return organisation.state


def test_who_registers_is_the_first_manager_and_acts_for_it(client):
    user = make_user()
    sign_in(client, user)

    answer = client.post("/organisation/new", data=form())

    made = queries.organisation_by_uscc(make_uscc(41))
    assert answer.location == "/organisation"
    assert made.state is OrganisationState.DRAFT
    assert queries.membership(user.id, made.id).roles == ["manager"]
    assert made.name in client.get("/organisation").text


@pytest.mark.parametrize(
    "changes",
    [{"uscc": "91230100000000041X"}, {"uscc": ""}, {"name": ""}, {"kind": "ministry"}, {"region": "999999"}],
)
def test_what_does_not_fit_is_refused(client, changes):
    sign_in(client, make_user())

    assert client.post("/organisation/new", data=form(**changes)).status_code == 422
    assert db.session.scalars(select(Organisation)).all() == []


def test_a_code_or_name_that_is_registered_is_refused(client):
    make_organisation(name="北境理工大学", uscc=make_uscc(42))
    sign_in(client, make_user())

    assert client.post("/organisation/new", data=form()).status_code == 422
    assert client.post("/organisation/new", data=form(name="别的大学", uscc=make_uscc(42))).status_code == 422


def test_the_database_has_the_last_word_when_two_register_at_once(app, monkeypatch):
    make_organisation(uscc=make_uscc(43))
    monkeypatch.setattr("accounts.services.organisations.organisation_by_uscc", lambda _code: None)
    values = {"name": "另一单位", "kind": OrganisationKind.COMPANY, "uscc": make_uscc(43), "region": "230100"}

    with pytest.raises(AlreadyKnown):
        services.create_organisation(actor_for(make_user()), **values)


def test_a_person_may_register_several(client):
    sign_in(client, make_user())
    client.post("/organisation/new", data=form())

    assert client.post("/organisation/new", data=form(name="二号", uscc=make_uscc(44))).status_code == 303


def test_a_manager_changes_the_data_of_a_draft(client, manager, organisation):
    client.post("/organisation/edit", data=form(name="新名称", address="松北区"))

    db.session.refresh(organisation)
    assert (organisation.name, organisation.address) == ("新名称", "松北区")


def test_once_submitted_the_identity_is_no_longer_in_the_form(client, manager, organisation):
    organisation.state = OrganisationState.SUBMITTED
    db.session.commit()
    name = organisation.name

    page = client.get("/organisation/edit").text
    client.post("/organisation/edit", data=form(name="新名称", address="松北区"))

    db.session.refresh(organisation)
    assert 'name="uscc"' not in page
    assert (organisation.name, organisation.address) == (name, "松北区")


def test_the_service_refuses_a_changed_identity_too(manager):
    verified = make_organisation()
    user = make_member(verified)

    with pytest.raises(Conflict):
        services.update_organisation(actor_for(user, verified), verified, {"legal_representative": "别人"})


def test_a_member_who_is_no_manager_changes_nothing(app, organisation):
    user = make_member(organisation, OrgRole.SELLER_EDITOR)

    with pytest.raises(Forbidden):
        services.update_organisation(actor_for(user, organisation), organisation, {"address": "松北区"})


def test_a_paper_is_kept_and_only_who_may_see_it_reads_it(client, app, manager, organisation):
    upload(client)
    url = db.session.scalars(select(StoredFile)).one().url
    colleague, reviewer, stranger, visitor = (app.test_client() for _ in range(4))
    sign_in(colleague, make_member(organisation, OrgRole.SELLER_EDITOR), organisation)
    sign_in(reviewer, make_staff(StaffRole.REVIEWER))
    sign_in(stranger, make_user())

    readers = [client, reviewer, colleague, stranger, visitor]
    assert [one.get(url).status_code for one in readers] == [200, 200, 404, 404, 404]


@pytest.mark.parametrize(("content", "name"), [(b"MZ\x90\x00", "执照.pdf"), (b"", "执照.pdf"), (PDF, "执照.png")])
def test_what_is_no_pdf_or_picture_is_refused(client, manager, content, name):
    assert upload(client, content, name).status_code == 422
    assert db.session.scalars(select(OrganisationDocument)).all() == []


def test_a_paper_of_a_draft_can_be_taken_back(client, manager, organisation):
    upload(client)
    document = queries.documents(organisation.id)[0]

    client.post(f"/organisation/documents/{document.id}/remove")

    db.session.rollback()
    assert queries.documents(organisation.id) == []
    assert db.session.scalars(select(StoredFile)).all() == []


def test_a_submitted_paper_stays(client, manager, organisation):
    upload(client)
    document = queries.documents(organisation.id)[0]
    client.post("/organisation/submit")

    assert client.post(f"/organisation/documents/{document.id}/remove").status_code == 409
    assert len(queries.documents(organisation.id)) == 1


def test_another_organisations_paper_is_not_found(client, app, manager):
    upload(client)
    document = db.session.scalars(select(OrganisationDocument)).one()
    other, elsewhere = app.test_client(), draft()
    sign_in(other, make_member(elsewhere), elsewhere)

    assert other.post(f"/organisation/documents/{document.id}/remove").status_code == 404


def test_what_is_missing_is_said_and_keeps_it_from_being_submitted(client, manager, organisation):
    page = client.get("/organisation", query_string={"lang": "en"}).text

    assert "still missing" in page
    assert "/organisation/submit" not in page
    assert client.post("/organisation/submit").status_code == 422
    assert state_of(organisation) is OrganisationState.DRAFT


def test_a_complete_organisation_is_submitted_and_reviewers_are_told(client, manager, organisation):
    reviewer = make_staff(StaffRole.REVIEWER)
    make_staff(StaffRole.FINANCE)
    upload(client)

    client.post("/organisation/submit")

    assert state_of(organisation) is OrganisationState.SUBMITTED
    assert db.session.scalars(select(Notice.user_id)).all() == [reviewer.id]


def test_it_is_not_submitted_twice(client, manager):
    upload(client)
    client.post("/organisation/submit")

    assert client.post("/organisation/submit").status_code == 409


def test_colleagues_do_not_see_papers_or_invitations(client, app, manager, organisation):
    upload(client)
    client.post("/organisation/invite", data={"email": "chen@example.cn", "roles": ["manager"]})
    colleague = app.test_client()
    sign_in(colleague, make_member(organisation, OrgRole.SELLER_EDITOR), organisation)

    page = colleague.get("/organisation").text
    assert "执照.pdf" not in page
    assert "chen@example.cn" not in page
