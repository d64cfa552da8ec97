"""A right that lapses takes its result off the board; the fee paid brings it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from listings import ip_rules, queries, services
from listings.kinds import IpKind, IpStatus
from listings.models import IpItem, Listing
from listings.states import ListingState as S
from marketplace import audit, clock
from marketplace.db import db
from marketplace.errors import Forbidden, Invalid
from marketplace.notices import Notice
from marketplace.permissions import SYSTEM
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff, sign_in
from tests.factories.listings import make_ip, make_listing

Shift = Callable[..., None]
DAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"fee_paid_to": None}, ""),
        ({"fee_paid_to": DAY}, ""),
        ({"fee_paid_to": date(2026, 11, 24)}, "fees_unpaid"),
        ({"status": IpStatus.LAPSED}, "lapsed"),
        ({"filed_on": date(2006, 11, 24)}, "term_over"),
        ({"filed_on": date(2006, 11, 25)}, ""),
        ({"kind": IpKind.UTILITY, "filed_on": date(2016, 11, 24)}, "term_over"),
        ({"status": IpStatus.PENDING, "granted_on": None, "fee_paid_to": date(2026, 1, 1)}, ""),
        ({"kind": IpKind.SOFTWARE, "status": IpStatus.LAPSED}, ""),
    ],
)
def test_when_a_right_has_lapsed(changes, why):
    assert ip_rules.lapse(make_ip(**changes), DAY) == why


@pytest.fixture
def owner(app):
    return make_organisation()


@pytest.fixture
def editor(owner):
    return make_member(owner, OrgRole.SELLER_EDITOR)


def unpaid(shift: Shift, state: str, owner, editor) -> Listing:
    """A result in this state whose fees ran out yesterday."""
    listing = make_listing(state, organisation=owner, editor=actor_for(editor, owner))
    yesterday = clock.today() - timedelta(days=1)
    shift("UPDATE listing_ip_items SET fee_paid_to = %s WHERE listing_id = %s", yesterday, listing.id)
    return listing


def again(listing: Listing) -> Listing:
    db.session.expire_all()
    found = queries.get_listing(listing.id)
    assert found is not None
    return found


def test_it_leaves_the_board_once_with_its_reason_and_the_owner_is_told(shift, owner, editor):
    listing = unpaid(shift, "listed", owner, editor)

    assert (services.suspend_lapsed(), services.suspend_lapsed()) == (1, 0)

    found = again(listing)
    assert (found.state, found.rights_lapsed) == (S.SUSPENDED, True)
    assert found.ip_items[0].number in queries.steps(found)[0].reason
    told = db.session.scalars(select(Notice.user_id).where(Notice.event == "listings.suspended")).all()
    assert told == [editor.id]


def test_a_result_whose_rights_stand_stays(owner):
    listing = make_listing("listed", organisation=owner)

    assert services.suspend_lapsed() == 0
    assert again(listing).state is S.LISTED


def test_what_is_just_being_sold_is_told_of_once_and_left_to_people(shift, owner, editor):
    listing = unpaid(shift, "bidding", owner, editor)
    auctioneer = make_staff(StaffRole.AUCTIONEER)

    services.suspend_lapsed()
    services.suspend_lapsed()

    told = db.session.scalars(select(Notice.user_id).where(Notice.event == "listings.right_lapsed")).all()
    assert set(told) == {editor.id, auctioneer.id}
    assert len(told) == 2
    assert again(listing).state is S.BIDDING


def renew(listing: Listing, editor, owner, day: date | None) -> bool:
    item = db.session.scalars(select(IpItem).where(IpItem.listing_id == listing.id)).one()
    return services.renew_right(actor_for(editor, owner), listing, item.id, day)


def test_paid_it_is_back_on_the_board_with_a_new_version(shift, owner, editor):
    listing = unpaid(shift, "listed", owner, editor)
    services.suspend_lapsed()
    before = again(listing).version

    assert renew(again(listing), editor, owner, clock.today() + timedelta(days=365))
    db.session.commit()

    found = again(listing)
    assert (found.state, found.rights_lapsed, found.version) == (S.LISTED, False, before + 1)
    assert "listing.renew_right" in [entry.action for entry in audit.trail(found)]


def test_what_a_person_suspended_waits_for_that_person(owner, editor):
    listing = make_listing("suspended", organisation=owner, editor=actor_for(editor, owner))

    assert not renew(listing, editor, owner, date(2028, 3, 6))
    assert listing.state is S.SUSPENDED


@pytest.mark.parametrize("days", [None, -1, 365 * 30])
def test_a_day_that_pays_nothing_is_refused(shift, owner, editor, days):
    listing = unpaid(shift, "listed", owner, editor)
    services.suspend_lapsed()
    day = None if days is None else clock.today() + timedelta(days=days)

    with pytest.raises(Invalid):
        renew(again(listing), editor, owner, day)


def test_nobody_puts_it_back_while_a_right_has_lapsed(shift, owner, editor):
    listing = unpaid(shift, "listed", owner, editor)
    services.suspend_lapsed()

    with pytest.raises(Invalid):
        services.resume(SYSTEM, again(listing))


def test_another_organisation_notes_no_payment(shift, owner, editor):
    listing = unpaid(shift, "listed", owner, editor)
    stranger = make_organisation()
    person = make_member(stranger, OrgRole.SELLER_EDITOR)

    with pytest.raises(Forbidden):
        renew(listing, person, stranger, date(2028, 3, 6))


def test_by_the_page_the_owner_notes_the_payment(client, shift, owner, editor):
    listing = unpaid(shift, "listed", owner, editor)
    services.suspend_lapsed()
    item = again(listing).ip_items[0].id
    sign_in(client, editor, owner)
    here = f"/desk/listings/{listing.number}"
    assert f"{here}/fees" in client.get(here).text
    wrong = client.post(f"{here}/fees", data={"item": item, "paid_to": "2020-01-01"})

    right = client.post(f"{here}/fees", data={"item": item, "paid_to": "2028-03-06"})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert again(listing).state is S.LISTED
