"""Questions, and papers shown in confidence."""

from __future__ import annotations

import io

import pytest

from listings import queries, services
from listings.deal_states import AccessState
from listings.models import Listing
from listings.states import ListingState
from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, Invalid
from marketplace.files import StoredFile, Visibility, may_read
from marketplace.permissions import ANONYMOUS, SYSTEM, Actor
from tests.factories.accounts import actor_for
from tests.factories.listings import Cast, make_buyer, make_listing

S = ListingState


@pytest.fixture
def listing(cast: Cast) -> Listing:
    """A result on the board with a file of every visibility."""
    made = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    for visibility in Visibility:
        services.add_file(SYSTEM, made, io.BytesIO(b"%PDF-1.4 x"), f"{visibility.value}.pdf", visibility)
    services.submit(cast.editing, made)
    services.org_approve(cast.approving, made)
    services.approve(cast.reviewing, made)
    db.session.commit()
    return made


@pytest.fixture
def asker(app: object) -> Actor:
    """A company's bidder."""
    company, person = make_buyer()
    return actor_for(person, company)


def names(listing: Listing, actor: Actor) -> dict[str, bool]:
    return {stored.name: opens for stored, opens in queries.attachments(listing, actor)}


def may_open(listing: Listing, actor: Actor) -> set[str]:
    stored: list[StoredFile] = [one for one, _ in queries.attachments(listing, SYSTEM)]
    return {one.name for one in stored if may_read(actor, one)}


def test_a_question_is_public_only_once_it_is_answered_in_public(listing: Listing, cast: Cast, asker: Actor) -> None:
    question = services.ask_question(asker, listing, "起订量？")

    services.answer_question(cast.editing, question, "100 平方米。", public=False)
    assert queries.public_questions(listing) == []
    services.answer_question(cast.editing, question, "100 平方米。", public=True)
    assert queries.public_questions(listing) == [question]
    with pytest.raises(Conflict):
        services.answer_question(cast.editing, question, "200 平方米。", public=True)


def test_the_owner_does_not_ask_and_a_stranger_does_not_answer(listing: Listing, cast: Cast, asker: Actor) -> None:
    question = services.ask_question(asker, listing, "起订量？")

    with pytest.raises(Forbidden):
        services.ask_question(cast.editing, listing, "自问")
    with pytest.raises(Forbidden):
        services.ask_question(ANONYMOUS, listing, "匿名")
    with pytest.raises(Forbidden):
        services.answer_question(asker, question, "自答", public=True)


def test_everybody_knows_of_confidential_papers_and_nobody_of_private_ones(listing: Listing, asker: Actor) -> None:
    for actor in (ANONYMOUS, asker):
        assert names(listing, actor) == {"public.pdf": True, "restricted.pdf": False}
        assert may_open(listing, actor) == {"public.pdf"}


def test_owner_and_reviewer_open_all(listing: Listing, cast: Cast) -> None:
    for actor in (cast.editing, cast.reviewing):
        assert may_open(listing, actor) == {"public.pdf", "restricted.pdf", "private.pdf"}


def test_access_is_asked_with_a_promise_and_opens_what_is_confidential(
    listing: Listing, cast: Cast, asker: Actor
) -> None:
    with pytest.raises(Invalid):
        services.ask_access(asker, listing, "评估", promised=False)
    access = services.ask_access(asker, listing, "评估", promised=True)
    assert may_open(listing, asker) == {"public.pdf"}

    services.decide_access(cast.editing, access, granted=True)

    assert may_open(listing, asker) == {"public.pdf", "restricted.pdf"}


def test_a_declined_organisation_may_ask_again(listing: Listing, cast: Cast, asker: Actor) -> None:
    access = services.ask_access(asker, listing, "评估", promised=True)
    with pytest.raises(Invalid):
        services.decide_access(cast.editing, access, granted=False)
    services.decide_access(cast.editing, access, granted=False, reason="请先联系")

    again = services.ask_access(asker, listing, "已联系", promised=True)

    assert (again.id, again.state) == (access.id, AccessState.ASKED)


def test_files_of_a_result_that_left_the_board_are_closed(listing: Listing, cast: Cast, asker: Actor) -> None:
    services.withdraw(cast.editing, listing, "收回")

    assert may_open(listing, asker) == set()
