"""The room in a real browser: prices arrive by themselves, bids count once, and nothing needs a script."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import current_app
from playwright.sync_api import expect

from accounts import login
from accounts.models import UserSession
from auctions import desk
from marketplace.db import db
from tests.factories import auctions as make
from tests.support import browser as browsers

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(app):
    """A room with a first bid by the second party."""
    auction, parties = make.room(2, opening=Decimal("1000000.00"), increments=((Decimal(0), Decimal("10000.00")),))
    auction.announced_at = auction.starts_at
    db.session.commit()
    assert desk.place(parties[1].request(auction, 1000000)).leads
    db.session.rollback()
    return auction, parties


def cookie_of(party):
    """The signed session cookie of this party's browser."""
    signer = current_app.session_interface.get_signing_serializer(current_app)
    row = db.session.get_one(UserSession, party.sid)
    return {"name": current_app.config["SESSION_COOKIE_NAME"], "value": signer.dumps(login.cookie_of(row))}


def enter(page, installation, auction, party=None):
    """Open the room as this party, or as a visitor."""
    if party is not None:
        page.context.add_cookies([{**cookie_of(party), "url": installation.url}])
    page.goto(f"{installation.url}/auctions/{auction.number}")
    return page


def confirm(page):
    page.locator("#confirm-dialog [data-confirm-yes]").click()


def test_a_bid_of_one_browser_appears_in_the_other(opened, server, new_page):
    auction, (first, second) = opened
    installation = server(live=True)
    bidding = enter(new_page(installation.url), installation, auction, first)
    watching = enter(new_page(installation.url, locale="en-US"), installation, auction, second)
    expect(watching.locator("[data-connection]")).to_have_attribute("data-connection", "live")
    expect(watching.locator("[data-standing]")).to_have_attribute("data-standing", "leads")

    bidding.locator("[data-quick] button").first.click()
    confirm(bidding)

    expect(bidding.locator("[data-standing]")).to_have_attribute("data-standing", "leads")
    expect(bidding.locator("[data-receipts] a[download]")).to_be_visible()
    expect(watching.locator("[data-standing]")).to_have_attribute("data-standing", "outbid")
    expect(watching.locator("[data-standing-text]")).to_contain_text("CNY 1.020 million")
    expect(watching.locator("[data-price-figure]")).to_have_text("CNY 1.010")
    expect(watching.locator("[data-bid-rows] tr")).to_have_count(2)
    expect(watching.locator("[data-quick] button").first).to_have_attribute("value", "1020000.00")


def test_a_screen_reader_hears_the_price_politely_and_focus_stays(opened, server, new_page):
    auction, (first, second) = opened
    installation = server(live=True)
    page = enter(new_page(installation.url), installation, auction, second)
    expect(page.locator("[data-connection]")).to_have_attribute("data-connection", "live")
    page.locator("#limit-amount").focus()
    page.keyboard.type("12")

    desk.place(first.request(auction, 1500000))

    expect(page.locator("#room [data-said]")).to_have_text(re.compile("150.00 万元|已被超过"))
    assert page.locator("#room [data-said]").get_attribute("aria-live") == "polite"
    assert page.evaluate("document.activeElement.id") == "limit-amount"
    assert page.locator("#limit-amount").input_value() == "12"


def test_when_the_stream_is_cut_the_page_asks(opened, server, browser):
    auction, (first, _second) = opened
    installation = server(live=True)
    # A context of its own: the browser notes a lost connection as an error of the page.
    page = enter(browsers.new_context(browser, installation.url).new_page(), installation, auction)
    expect(page.locator("[data-connection]")).to_have_attribute("data-connection", "live")
    installation.kill("live")
    expect(page.locator("[data-connection]")).to_have_attribute("data-connection", "polling")

    desk.place(first.request(auction, 2000000))

    expect(page.locator("[data-price-figure]")).to_have_text("200.00")
    page.context.close()


def test_the_end_moves_visibly(app, server, new_page):
    auction, (first, second) = make.room(2, begins=-3600, free=3590)
    auction.announced_at = auction.starts_at
    db.session.commit()
    desk.place(second.request(auction, 1000))
    installation = server(live=True)
    page = enter(new_page(installation.url), installation, auction, second)
    expect(page.locator("[data-connection]")).to_have_attribute("data-connection", "live")
    page.wait_for_timeout(1100)

    desk.place(first.request(auction, 1500))

    expect(page.locator("#room [data-extended]")).to_contain_text("已延时")
    expect(page.locator("[data-room-countdown]")).to_have_text(re.compile(r"0[12]:\d\d"))


def test_a_refusal_names_both_times_and_the_least_amount(opened, server, browser):
    auction, (first, second) = opened
    installation = server(live=True)
    # A context of its own: the browser notes a refused request as an error of the page.
    page = enter(browsers.new_context(browser, installation.url).new_page(), installation, auction, first)
    page.locator("#bid-amount").fill("100.5")
    page.locator("form:has(#bid-amount) button").click()
    confirm(page)

    answer = page.locator("[data-answer]")
    expect(answer).to_contain_text("该金额低于下一有效出价")
    expect(answer).to_contain_text("判定时间")
    expect(answer).to_contain_text("当时的结束时间为")
    expect(answer).to_contain_text("1,010,000.00 元")
    assert page.locator("#bid-amount").input_value() == "100.5"
    page.context.close()
    assert second


def test_a_bid_whose_answer_was_lost_is_sent_again_and_counts_once(opened, server, browser):
    auction, (first, _second) = opened
    installation = server(live=True)
    page = enter(browsers.new_context(browser, installation.url).new_page(), installation, auction, first)
    lost = []

    def lose_the_first_answer(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route(re.compile(r"/bid$"), lose_the_first_answer)
    page.locator("[data-quick] button").first.click()
    confirm(page)

    expect(page.locator("[data-answer]")).to_contain_text("目前领先")
    page.context.close()
    db.session.rollback()
    bids = db.session.execute(db.text("SELECT count(*) FROM bids WHERE amount = 1010000")).scalar()
    assert (lost, bids) == ([200], 1)


@pytest.mark.parametrize("width", [1280, 360])
def test_without_a_script_bidding_works_by_plain_forms(opened, server, browser, width):
    auction, (first, _second) = opened
    installation = server()
    context = browsers.new_context(browser, installation.url, width=width, java_script_enabled=False)
    page = enter(context.new_page(), installation, auction, first)
    page.locator("[data-quick] button").first.click()
    expect(page.locator("[data-standing]")).to_have_attribute("data-standing", "leads")
    page.locator("#limit-amount").fill("150")
    page.locator("form:has(#limit-amount) button").click()

    expect(page.locator("[data-standing-text]")).to_contain_text("150.00 万元")
    expect(page.locator("#flashes")).to_contain_text("1,500,000.00")
    context.close()


def test_on_a_phone_the_panel_comes_before_the_log_and_nothing_scrolls_sideways(opened, server, new_page):
    auction, (first, _second) = opened
    installation = server(live=True)
    page = enter(new_page(installation.url, width=360), installation, auction, first)

    tops = [
        page.locator(part).bounding_box()["y"] for part in (".room-price", ".room-panel", ".room-log", ".room-rules")
    ]

    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize(("locale", "width"), [("zh-CN", 1280), ("zh-CN", 360), ("en-US", 1280), ("en-US", 360)])
def test_axe_finds_nothing_in_the_room(opened, server, new_page, locale, width):
    auction, (first, _second) = opened
    installation = server(live=True)
    page = enter(new_page(installation.url, locale=locale, width=width), installation, auction, first)
    expect(page.locator("[data-connection]")).to_have_attribute("data-connection", "live")

    assert browsers.axe_findings(page) == []


def test_the_choice_not_to_be_asked_is_kept(opened, server, new_page):
    auction, (first, _second) = opened
    installation = server(live=True)
    page = enter(new_page(installation.url), installation, auction, first)
    page.locator("[data-ask-first] input").uncheck()
    page.reload()
    expect(page.locator("[data-ask-first] input")).not_to_be_checked()

    page.locator("[data-quick] button").first.click()

    expect(page.locator("[data-answer]")).to_contain_text("目前领先")
