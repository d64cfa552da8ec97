"""Writing: begun, saved, given rights and files, thrown away; only by the owner's editors."""

from __future__ import annotations

import io

import pytest

from accounts.roles import OrgRole
from listings import queries, services
from listings.kinds import IpKind, IpStatus
from listings.models import Listing
from listings.states import ListingState
from marketplace import audit, files
from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound
from marketplace.files import Visibility
from tests.factories.accounts import actor_for, make_member, make_organisation
from tests.factories.listings import Cast, make_ip, make_listing

S = ListingState


def test_a_draft_begins_with_what_the_organisation_is_known_by(cast: Cast) -> None:
    cast.organisation.contact_name, cast.organisation.contact_phone = "李老师", "0451-1"

    listing = services.create_draft(cast.editing, cast.organisation)

    assert (listing.state, listing.contact_name, listing.region) == (S.DRAFT, "李老师", "230100")
    assert listing.number.startswith("CG20")
    assert listing.editors == [cast.editor.id]


def test_numbers_run_without_gap(cast: Cast) -> None:
    first, second = (services.create_draft(cast.editing, cast.organisation) for _ in range(2))

    assert int(second.number[-6:]) == int(first.number[-6:]) + 1


def test_saving_keeps_what_changed_in_the_audit_trail(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation, {"title": "旧"})

    assert services.save_draft(cast.editing, listing, {"title": "新", "trl": 5})
    assert not services.save_draft(cast.editing, listing, {"title": "新", "trl": 5})

    last = audit.trail(listing)[-1]
    assert (last.before, last.after) == ({"title": "旧", "trl": None}, {"title": "新", "trl": 5})


def test_a_second_editor_is_remembered_as_a_maker(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation)
    other = make_member(cast.organisation, OrgRole.SELLER_EDITOR)

    services.save_draft(actor_for(other, cast.organisation), listing, {"title": "新"})

    assert listing.editors == [cast.editor.id, other.id]


def test_only_the_owners_editors_write(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation)
    stranger_of = make_organisation()
    stranger = actor_for(make_member(stranger_of, OrgRole.SELLER_EDITOR), stranger_of)

    for actor in (cast.approving, cast.reviewing, stranger):
        with pytest.raises(Forbidden):
            services.save_draft(actor, listing, {"title": "别人的"})
    with pytest.raises(Forbidden):
        services.create_draft(stranger, cast.organisation)


@pytest.mark.parametrize("state", [S.ORG_REVIEW, S.EXCHANGE_REVIEW, S.LISTED, S.WITHDRAWN])
def test_what_is_not_open_cannot_be_written(cast: Cast, state: ListingState) -> None:
    listing = make_listing(state, organisation=cast.organisation)

    with pytest.raises(Forbidden):
        services.save_draft(cast.editing, listing, {"title": "新"})


def test_state_and_number_are_no_fields_of_a_draft(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation)

    with pytest.raises(TypeError, match="state"):
        services.save_draft(cast.editing, listing, {"state": "listed"})


def test_rights_are_replaced_as_a_whole_and_found_by_their_number(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation)
    first, second = make_ip(), make_ip(kind=IpKind.SECRET, number="", status=IpStatus.PENDING)

    assert services.set_ip_items(cast.editing, listing, [first, second])
    assert not services.set_ip_items(cast.editing, listing, [first, second])
    assert services.set_ip_items(cast.editing, listing, [first])

    assert [(item.position, item.number_key) for item in listing.ip_items] == [
        (1, first.number.removeprefix("ZL").replace(".", ""))
    ]


def test_a_result_has_at_most_twenty_rights(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation)

    with pytest.raises(Invalid):
        services.set_ip_items(cast.editing, listing, [make_ip() for _ in range(21)])


def test_a_file_is_attached_and_taken_off(cast: Cast) -> None:
    listing = services.create_draft(cast.editing, cast.organisation)
    stored = services.add_file(cast.editing, listing, io.BytesIO(b"%PDF-1.4 x"), "证书.pdf", Visibility.PUBLIC)
    other = make_listing(S.DRAFT, organisation=cast.organisation)

    with pytest.raises(NotFound):
        services.remove_file(cast.editing, other, stored.id)
    services.remove_file(cast.editing, listing, stored.id)

    assert files.owned_by(listing) == []


def test_a_draft_is_thrown_away_and_its_trail_stays(cast: Cast) -> None:
    listing = make_listing(S.DRAFT, organisation=cast.organisation, editor=cast.editing)
    number = listing.number

    services.discard(cast.editing, listing)
    db.session.flush()

    assert queries.by_number(number) is None
    assert audit.trail(listing)[-1].action == "listing.discard"


def test_what_was_submitted_once_cannot_be_thrown_away(cast: Cast) -> None:
    listing = make_listing(S.ORG_REVIEW, organisation=cast.organisation, editor=cast.editing)
    services.recall(cast.editing, listing)

    with pytest.raises(Conflict):
        services.discard(cast.editing, listing)
    assert db.session.get(Listing, listing.id) is not None
