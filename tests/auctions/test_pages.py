"""What everybody, a seller, a bidder, a stranger and the auctioneer see and may press, over HTTP."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from icalendar import Calendar
from sqlalchemy import select

from accounts.roles import OrgRole, StaffRole
from auctions import desk, evidence, queries, services, terms
from auctions.models import Auction, AuctionBidder
from auctions.states import AuctionState, BidderState
from listings.kinds import PriceMode
from listings.models import Listing
from listings.states import ListingState
from marketplace import audit
from marketplace.clock import beijing, db_now
from marketplace.db import db
from marketplace.kernel import settings
from marketplace.permissions import SYSTEM
from tests.factories import auctions as make
from tests.factories.accounts import make_member, make_organisation, make_staff, make_user, sign_in


@pytest.fixture
def announced(app):
    auction = make.auction(begins=86400)
    auction.announced_at, auction.registration_ends_at = db_now(), db_now() + timedelta(hours=3)
    db.session.commit()
    return auction


@pytest.fixture
def running(app):
    auction, parties = make.room(2)
    auction.announced_at = auction.starts_at
    db.session.commit()
    desk.place(parties[0].request(auction, 1000))
    desk.place(parties[1].request(auction, 1020))
    db.session.expire_all()
    return auction, parties


@pytest.fixture
def cancelled(running):
    auction, parties = running
    services.cancel(SYSTEM, auction, "权属异议成立")
    db.session.commit()
    return auction, parties


def seller_of(auction):
    return make_member(auction.organisation, OrgRole.SELLER_EDITOR)


def sign_in_party(client, party):
    return sign_in(client, party.user, party.organisation)


def state_of(auction):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Auction, auction.id).state


# --- everybody --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_calendar_lists_announced_auctions_and_no_drafts(client, announced, language):
    draft = make.auction()
    draft.state = AuctionState.DRAFT
    db.session.commit()

    page = client.get(f"/auctions?lang={language}").text

    assert announced.number in page
    assert draft.number not in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [("phase=upcoming", True), ("phase=live", False), ("phase=over", False), ("q=成果", True), ("q=nichts", False),
     ("field=materials", False), ("sort=-price", True), ("page=7", False)],
)  # fmt: skip
def test_the_calendar_filters(client, announced, query, shown):
    assert (announced.number in client.get(f"/auctions?{query}").text) is shown


def test_a_restricted_auction_is_not_on_the_calendar_and_not_open_to_strangers(client, running):
    auction, parties = running
    auction.restricted = True
    db.session.commit()
    assert auction.number not in client.get("/auctions").text
    assert client.get(f"/auctions/{auction.number}").status_code == 404
    assert client.get(f"/auctions/{auction.number}/state.json").status_code == 404
    assert client.get(f"/api/v1/auctions/{auction.number}").status_code == 404

    sign_in_party(client, parties[0])

    assert client.get(f"/auctions/{auction.number}").status_code == 200


def test_the_feed_keeps_its_uids_and_says_what_was_cancelled(client, cancelled, announced):
    auction, _parties = cancelled
    feed = Calendar.from_ical(client.get("/auctions/calendar.ics").data)
    again = Calendar.from_ical(client.get("/auctions/calendar.ics?lang=en").data)

    entries = {str(one["UID"]): str(one["STATUS"]) for one in feed.walk("VEVENT")}
    assert entries == {
        f"{auction.number}@auctions.exchange": "CANCELLED",
        f"{announced.number}@auctions.exchange": "CONFIRMED",
    }
    assert [str(one["UID"]) for one in again.walk("VEVENT")] == [str(one["UID"]) for one in feed.walk("VEVENT")]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_room_shows_numbers_and_no_names(client, running, language):
    auction, parties = running

    page = client.get(f"/auctions/{auction.number}?lang={language}").text

    assert "1,020.00" in page
    for party in parties:
        assert party.organisation.name not in page


def test_an_unknown_number_is_not_found(client, app):
    assert client.get("/auctions/PM2026-999999").status_code == 404


def test_a_draft_is_seen_by_its_seller_and_by_nobody_else(client, announced):
    announced.state, announced.announced_at = AuctionState.DRAFT, None
    db.session.commit()
    assert client.get(f"/auctions/{announced.number}").status_code == 404

    sign_in(client, seller_of(announced), announced.organisation)

    assert client.get(f"/auctions/{announced.number}").status_code == 200


def test_polling_tells_what_came_since(client, running):
    auction, _parties = running
    everything = client.get(f"/auctions/{auction.number}/state.json").json

    later = client.get(f"/auctions/{auction.number}/state.json?since={everything['bids'][0]['sequence']}").json

    assert [bid["amount"] for bid in everything["bids"]] == ["1000.00", "1020.00"]
    assert everything["whole"] is True
    assert [bid["amount"] for bid in later["bids"]] == ["1020.00"]
    assert later["auction"]["price"] == "1020.00"


def test_the_chart_comes_alone(client, running):
    auction, _parties = running

    drawn = client.get(f"/auctions/{auction.number}/chart").text

    assert "<svg" in drawn
    assert "<html" not in drawn


def test_a_sold_auction_tells_the_seller_who_won_and_others_only_the_number(client, running):
    auction, parties = running
    auction.state, auction.phase, auction.outcome = AuctionState.CLOSED, "closed", "sold"
    auction.winner_bidder_id, auction.closed_at = auction.leader_id, db_now()
    auction.state_json = {
        **auction.state_json, "phase": "closed",
        "outcome": {"kind": "sold", "ended_at": db_now().isoformat(), "winner": 2, "price": "1020.00"},
    }  # fmt: skip
    db.session.commit()
    name = parties[1].organisation.name
    sign_in_party(client, parties[0])
    assert name not in client.get(f"/auctions/{auction.number}").text

    sign_in(client, seller_of(auction), auction.organisation)

    assert name in client.get(f"/auctions/{auction.number}").text


# --- the evidence -----------------------------------------------------------------------------------------------


def receipt_file(auction, party):
    own = queries.bidder_of(auction, party.organisation.id)
    proof = evidence.proof_of(auction.number, own.number, queries.own_bids(own)[0])
    return evidence.receipt(settings(), proof).to_json()


def upload(client, auction, data):
    return client.post(
        f"/auctions/{auction.number}/evidence",
        data={"receipt": (io.BytesIO(json.dumps(data).encode()), "r.json")},
        content_type="multipart/form-data",
    )


def test_the_log_is_published_only_after_the_end(client, running):
    auction, _parties = running

    assert client.get(f"/auctions/{auction.number}/evidence").status_code == 200
    assert client.get(f"/auctions/{auction.number}/evidence.json").status_code == 409


def test_the_published_log_can_be_downloaded_and_is_checked_on_the_page(client, cancelled):
    auction, _parties = cancelled

    page = client.get(f"/auctions/{auction.number}/evidence").text
    file = client.get(f"/auctions/{auction.number}/evidence.json").json

    assert "notice-success" in page
    assert file["head"] == auction.head.hex()
    assert file["head"] in page


@pytest.mark.parametrize("over", [False, True])
def test_a_true_receipt_holds_and_a_forged_one_does_not(client, running, over):
    auction, parties = running
    receipt = receipt_file(auction, parties[0])
    if over:
        services.cancel(SYSTEM, auction, "x")
        db.session.commit()

    true, forged = upload(client, auction, receipt), upload(client, auction, {**receipt, "bidder": 2})

    assert "回执有效" in true.text
    assert "回执未通过核验" in forged.text


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\xfe", b"x" * 30000])
def test_rubbish_is_no_receipt_and_no_crash(client, cancelled, data):
    auction, _parties = cancelled
    answer = client.post(
        f"/auctions/{auction.number}/evidence",
        data={"receipt": (io.BytesIO(data), "r.json")},
        content_type="multipart/form-data",
    )

    assert answer.status_code in (200, 422)
    assert "回执有效" not in answer.text


def test_only_an_auditor_takes_the_whole_log_and_it_is_on_record(client, running):
    auction, parties = running
    sign_in_party(client, parties[0])
    assert client.post(f"/desk/auctions/{auction.number}/evidence.json").status_code == 403
    sign_in(client, make_staff(StaffRole.AUDITOR))

    answer = client.post(f"/desk/auctions/{auction.number}/evidence.json")

    assert answer.json["scope"] == "audit"
    assert "auction.export_audit" in [entry.action for entry in audit.trail(auction)]


# --- bidders ----------------------------------------------------------------------------------------------------


def test_a_bidder_bids_by_a_plain_form_and_reads_that_they_lead(client, running):
    auction, parties = running
    sign_in_party(client, parties[0])

    answer = client.post(f"/auctions/{auction.number}/bid", data={"amount": "1050", "kind": "bid", "key": "form-key-1"})
    page = client.get(f"/auctions/{auction.number}").text

    assert answer.status_code == 303
    assert 'data-standing="leads"' in page
    assert "您领先" in page


def test_an_amount_typed_in_wan_is_taken_as_such(client, running):
    auction, parties = running
    sign_in_party(client, parties[0])

    client.post(
        f"/auctions/{auction.number}/bid",
        data={"amount": "0.2", "unit": "wan", "kind": "bid", "key": "form-key-2"},
    )

    db.session.expire_all()
    assert db.session.get_one(Auction, auction.id).price == Decimal("2000.00")


def test_who_was_overtaken_reads_it_with_the_next_amount(client, running):
    auction, parties = running
    sign_in_party(client, parties[0])

    page = client.get(f"/auctions/{auction.number}").text

    assert 'data-standing="outbid"' in page
    assert 'value="1030.00"' in page


def test_every_form_of_the_room_has_a_key_of_its_own(client, running):
    auction, parties = running
    sign_in_party(client, parties[0])

    page = client.get(f"/auctions/{auction.number}").text
    keys = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]

    assert len(keys) == len(set(keys)) == 3


def test_a_stranger_sees_no_bidding_form(client, running):
    auction, _parties = running
    organisation = make_organisation()
    sign_in(client, make_member(organisation, OrgRole.BUYER_EDITOR), organisation)

    assert "data-bid-form" not in client.get(f"/auctions/{auction.number}").text


def test_receipts_are_ones_own(client, running):
    auction, parties = running
    sequence = client.get(f"/auctions/{auction.number}/state.json").json["bids"][0]["sequence"]
    sign_in_party(client, parties[0])
    mine = client.get(f"/auctions/{auction.number}/receipts/{sequence}.json")
    sign_in_party(client, parties[1])

    assert mine.json["bidder"] == 1
    assert client.get(f"/auctions/{auction.number}/receipts/{sequence}.json").status_code == 404


def test_a_bid_above_the_threshold_waits_and_a_second_person_places_it(client, running):
    auction, parties = running
    parties[0].organisation.second_approval_above = Decimal("1500.00")
    approver = make_member(parties[0].organisation, OrgRole.BUYER_APPROVER)
    db.session.commit()
    sign_in_party(client, parties[0])
    client.post(f"/auctions/{auction.number}/bid", data={"amount": "2000", "kind": "bid", "key": "form-key-3"})
    sign_in(client, approver, parties[0].organisation)
    page = client.get("/desk/auctions/bidding").text
    path = page.split('action="/desk/auctions/approvals/')[1].split('"')[0]

    answer = client.post(f"/desk/auctions/approvals/{path}")

    db.session.expire_all()
    assert answer.status_code == 303
    assert db.session.get_one(Auction, auction.id).price == Decimal("2000.00")


def test_the_buyers_desk_lists_auctions_and_what_is_committed(client, running):
    auction, parties = running
    desk.place(parties[0].request(auction, 5000, kind="limit"))
    sign_in_party(client, parties[0])

    page = client.get("/desk/auctions/bidding").text

    assert auction.number in page
    assert "5,000.00" in page


# --- sellers ----------------------------------------------------------------------------------------------------

MOMENT = "%Y-%m-%dT%H:%M"


@pytest.fixture
def offered(app):
    seller = make.company(OrgRole.SELLER_EDITOR)
    listing = make.listing(seller.organisation)
    listing.state, listing.price_mode, listing.price = ListingState.LISTED, PriceMode.AUCTION, Decimal("2800000.00")
    db.session.commit()
    return seller, listing


def typed(**changes):
    proposed = terms.proposal(Decimal("2800000.00"), db_now())
    moments = {
        name: beijing(proposed[name]).strftime(MOMENT) for name in ("registration_ends_at", "starts_at", "free_ends_at")
    }
    values = {"opening": "280", "bands": "2.5", "deposit": "40", "cycle_s": "240", "min_bidders": "1", "proxy": "y"}
    return {**values, **moments, **changes}


def test_the_form_proposes_terms_that_are_taken_as_they_are(client, offered):
    seller, listing = offered
    sign_in_party(client, seller)
    form = client.get(f"/auctions/new?listing={listing.number}")

    answer = client.post(f"/auctions/new?listing={listing.number}", data=typed())

    assert form.status_code == 200
    assert 'value="280"' in form.text
    assert answer.status_code == 303
    assert "/auctions/PM2026-" in answer.headers["Location"]


def test_refused_terms_keep_what_was_typed_and_stand_at_their_field(client, offered):
    seller, listing = offered
    sign_in_party(client, seller)

    answer = client.post(f"/auctions/new?listing={listing.number}", data=typed(deposit="1", conditions="省内企业"))

    assert answer.status_code == 422
    assert "deposit-error" in answer.text
    assert "省内企业" in answer.text


def test_somebody_elses_result_cannot_be_asked_for(client, offered):
    _seller, listing = offered
    stranger = make.company(OrgRole.SELLER_EDITOR)
    db.session.commit()
    sign_in_party(client, stranger)

    assert client.get(f"/auctions/new?listing={listing.number}").status_code == 404
    assert client.post(f"/auctions/new?listing={listing.number}", data=typed()).status_code == 404


def test_bands_are_typed_one_a_line(client, offered):
    seller, listing = offered
    sign_in_party(client, seller)

    client.post(f"/auctions/new?listing={listing.number}", data=typed(bands="0: 2.5\n500：5"))

    auction = db.session.scalars(select(Auction)).one()
    assert auction.rules["increments"] == [["0.00", "25000.00"], ["5000000.00", "50000.00"]]


def test_a_request_goes_from_seller_to_auctioneer_to_the_calendar(client, offered):
    seller, listing = offered
    sign_in_party(client, seller)
    client.post(f"/auctions/new?listing={listing.number}", data=typed())
    number = db.session.scalars(select(Auction.number)).one()
    assert client.post(f"/desk/auctions/{number}/announce").status_code == 403
    sign_in(client, make_staff(StaffRole.AUCTIONEER))
    assert number in client.get("/desk/auctions").text
    assert client.get(f"/desk/auctions/{number}").status_code == 200

    answer = client.post(f"/desk/auctions/{number}/announce")

    db.session.rollback()
    db.session.expire_all()
    assert answer.status_code == 303
    assert number in client.get("/auctions").text
    assert db.session.get_one(Listing, listing.id).state is ListingState.BIDDING


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_result_shows_the_way_to_its_auction(client, announced, language):
    listing = db.session.get_one(Listing, announced.listing_id)
    listing.public_at = db_now()
    db.session.commit()

    page = client.get(f"/listings/{listing.number}?lang={language}")

    assert page.status_code == 200
    assert f"/auctions/{announced.number}" in page.text


# --- the auctioneer ---------------------------------------------------------------------------------------------


@pytest.fixture
def auctioneer(client):
    user = make_staff(StaffRole.AUCTIONEER)
    sign_in(client, user)
    return user


def test_suspending_and_resuming_need_a_reason_and_are_on_record(client, running, auctioneer):
    auction, _parties = running
    assert client.post(f"/desk/auctions/{auction.number}/suspend").status_code == 422
    assert state_of(auction) is AuctionState.OPEN
    client.post(f"/desk/auctions/{auction.number}/suspend", data={"reason": "核查权属"})
    assert state_of(auction) is AuctionState.SUSPENDED
    assert "核查权属" in client.get(f"/auctions/{auction.number}").text

    client.post(f"/desk/auctions/{auction.number}/resume", data={"reason": "核查完毕"})

    assert state_of(auction) is AuctionState.OPEN
    assert "核查权属" in client.get(f"/desk/auctions/{auction.number}").text


def test_cancelling_asks_for_the_number(client, running, auctioneer):
    auction, _parties = running
    path = f"/desk/auctions/{auction.number}/cancel"
    refused = client.post(path, data={"reason": "权属异议成立", "number": "PM"})
    assert refused.status_code == 422
    assert "权属异议成立" in refused.text
    assert state_of(auction) is AuctionState.OPEN

    answer = client.post(path, data={"reason": "权属异议成立", "number": auction.number})

    assert answer.status_code == 303
    assert state_of(auction) is AuctionState.CANCELLED


def test_the_auctioneer_admits_and_refuses_on_the_page(client, announced, auctioneer):
    party = make.company(OrgRole.BUYER_EDITOR)
    bidder = make.admit(announced, party)
    bidder.state = BidderState.REGISTERED
    db.session.commit()
    path = f"/desk/auctions/{announced.number}/bidders/{bidder.id}"

    client.post(f"{path}/approve")
    db.session.expire_all()
    admitted = db.session.get_one(AuctionBidder, bidder.id).state
    client.post(f"{path}/refuse", data={"reason": "材料不实"})
    db.session.expire_all()

    assert admitted is BidderState.QUALIFIED
    assert db.session.get_one(AuctionBidder, bidder.id).state is BidderState.REFUSED


def test_nobody_else_opens_the_auctioneers_pages(client, running):
    auction, parties = running
    sign_in_party(client, parties[0])

    for path in ("/desk/auctions", f"/desk/auctions/{auction.number}", f"/desk/auctions/{auction.number}/edit"):
        assert client.get(path).status_code == 403


def test_a_bidder_of_another_auction_is_not_found_here(client, running, announced, auctioneer):
    auction, parties = running
    bidder = queries.bidder_of(auction, parties[0].organisation.id)

    assert client.post(f"/desk/auctions/{announced.number}/bidders/{bidder.id}/approve").status_code == 404


# --- how much is read -------------------------------------------------------------------------------------------


def test_the_calendar_reads_the_same_number_of_rows_whatever_its_length(client, announced, queries):
    client.get("/auctions")
    queries.clear()
    client.get("/auctions")
    few = len(queries)
    for _ in range(4):
        make.auction(begins=86400).announced_at = db_now()
    db.session.commit()
    queries.clear()

    client.get("/auctions")

    assert len(queries) == few


def test_a_result_is_asked_for_once(client, offered):
    seller, listing = offered
    sign_in_party(client, seller)
    client.post(f"/auctions/new?listing={listing.number}", data=typed())

    assert client.post(f"/auctions/new?listing={listing.number}", data=typed()).status_code == 404
    assert f"/auctions/new?listing={listing.number}" not in client.get("/desk/auctions/selling").text


def test_terms_refused_at_the_announcement_can_be_corrected_there(client, offered):
    seller, listing = offered
    sign_in_party(client, seller)
    client.post(f"/auctions/new?listing={listing.number}", data=typed())
    auction = db.session.scalars(select(Auction)).one()
    auction.registration_ends_at = db_now() + timedelta(days=1)
    db.session.commit()
    sign_in(client, make_staff(StaffRole.AUCTIONEER))

    refused = client.post(f"/desk/auctions/{auction.number}/announce")
    saved = client.post(f"/desk/auctions/{auction.number}/edit", data=typed())

    assert refused.status_code == 422
    assert "registration_ends_at-error" in refused.text
    assert f'action="/desk/auctions/{auction.number}/edit"' in refused.text
    assert saved.status_code == 303
    assert client.post(f"/desk/auctions/{auction.number}/announce").status_code == 303


def test_a_colleague_without_the_bidders_role_sees_no_form(client, running):
    auction, parties = running
    colleague = make_member(parties[0].organisation, OrgRole.BUYER_FINANCE)
    sign_in(client, colleague, parties[0].organisation)

    page = client.get(f"/auctions/{auction.number}").text

    assert "data-bid-form" not in page
    assert "由具有竞买角色的同事出价" in page


def test_a_long_log_is_shown_in_parts(client, running, monkeypatch):
    auction, _parties = running
    monkeypatch.setattr("auctions.views.proof.ENTRIES", 2)
    services.cancel(SYSTEM, auction, "x")
    db.session.commit()

    first, second = (
        client.get(f"/auctions/{auction.number}/evidence"),
        client.get(f"/auctions/{auction.number}/evidence?entry=2"),
    )

    assert "entry=2" in first.text
    assert first.text.count('<code class="small"') == second.text.count('<code class="small"') == 2
    assert client.get(f"/auctions/{auction.number}/evidence?entry=9999").status_code == 200


def test_the_desk_names_what_waits_for_a_bidder(client, running):
    auction, parties = running
    title = db.session.get_one(Listing, auction.listing_id).title
    sign_in_party(client, parties[0])
    overtaken = client.get("/desk").text
    sign_in_party(client, parties[1])
    leading = client.get("/desk").text

    assert title in overtaken
    assert title not in leading


def test_who_may_not_register_yet_is_shown_the_way(client, announced):
    page = f"/auctions/{announced.number}"
    sign_in(client, make_member(make_organisation(), OrgRole.MANAGER))
    assert 'href="/organisation"' in client.get(page).text.split("room-panel")[1].split("</section>")[0]

    sign_in(client, make_user())
    assert 'href="/organisation/new"' in client.get(page).text.split("room-panel")[1].split("</section>")[0]
