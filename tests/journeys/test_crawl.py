"""Every page that a role may open, in both languages, wide and on a phone: no error, no sideways scroll, nothing for axe."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.routing import Rule

from accounts.models import Organisation, User
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from contracts.states import ContractState
from listings.states import ListingState
from marketplace import i18n, outbox
from marketplace.db import db
from marketplace.permissions import rule_of
from tests.factories import auctions as auction_factory
from tests.factories.accounts import make_member, make_organisation, make_staff, sign_in
from tests.factories.contracts import make_deal
from tests.factories.listings import make_cast, make_listing
from tests.support.browser import WIDTHS, axe_findings, new_context, scrolls_sideways
from tests.support.visitors import cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.process]

#: Where the pictures go when somebody wants to look at them.
PICTURES = os.environ.get("CRAWL_PICTURES")
ROLES = ["nobody", "seller", "buyer", *(role.value for role in StaffRole)]
#: Pages that are no pages: downloads, feeds, machines' answers.
NOT_PAGES = re.compile(
    r"\.(pdf|csv|xlsx|svg|ics|json)$|^/api/|^/metrics|^/health|^/static|^/live|^/styleguide|^/dev/|/chart$"
)


class World:
    """One of everything, so that every route has something to show."""

    def __init__(self) -> None:
        self.university = make_organisation(OrganisationKind.UNIVERSITY, name="北境理工大学")
        self.company = make_organisation(name="松江精工有限公司")
        self.deal = make_deal(ContractState.APPLIED)
        self.registered = make_deal(ContractState.REGISTERED)
        self.cast = make_cast(self.university)
        self.listed = make_listing(ListingState.LISTED, organisation=self.university)
        self.review = make_listing(ListingState.EXCHANGE_REVIEW, organisation=self.university)
        self.draft = make_listing(ListingState.DRAFT, organisation=self.university)
        self.auction = auction_factory.auction(self.university)
        db.session.commit()
        outbox.deliver_due()

    def person(self, role: str) -> tuple[User | None, Organisation | None]:
        """Somebody who has this role."""
        if role == "nobody":
            return None, None
        if role == "seller":
            return make_member(
                self.university, [r for r in OrgRole if r.value.startswith("seller")] + [OrgRole.MANAGER]
            ), self.university
        if role == "buyer":
            return make_member(
                self.company, [r for r in OrgRole if r.value.startswith("buyer")] + [OrgRole.MANAGER]
            ), self.company
        return make_staff(StaffRole(role)), None

    def values(self, rule: Rule) -> dict[str, Any] | None:
        """What stands in the address, or None for a route that needs what we have not."""
        samples: dict[str, Any] = {}
        for name in rule.arguments:
            value = self._value(rule, name)
            if value is None:
                return None
            samples[name] = value
        return samples

    def _value(self, rule: Rule, name: str) -> Any:
        blueprint = rule.endpoint.split(".")[0]
        if name == "number":
            return {
                "contracts": self.registered.contract.number, "registrar": self.deal.contract.number,
                "listings": self.listed.number, "auctions": self.auction.number,
            }.get(blueprint)  # fmt: skip
        return {"organisation_id": self.university.id, "step": "result", "user_id": self.cast.editor.id}.get(name)


@pytest.fixture
def world(app) -> World:
    return World()


def addresses(app: Any, world: World) -> Iterator[str]:
    """Every page's address."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if (
            "GET" not in (rule.methods or ())
            or NOT_PAGES.search(rule.rule)
            or rule_of(app.view_functions[rule.endpoint]) is None
        ):
            continue
        values = world.values(rule)
        if values is not None:
            yield adapter.build(rule.endpoint, values)


def untranslated(page: Page) -> list[str]:
    """English message ids of several words that stand on a Chinese page."""
    text = page.inner_text("body")
    return [words for words in _english() if words in text]


def _english() -> list[str]:
    if not _cache:
        found = {message for package in i18n.packages() for message in i18n.extract(package)}
        _cache.extend(sorted(words for words in found if words.count(" ") >= 2 and "%(" not in words))
    return _cache


_cache: list[str] = []


#: Two roles each time, all of them with the large tests: a role takes a minute.
EACH_TIME = ("nobody", "seller")
CRAWLED = [role if role in EACH_TIME else pytest.param(role, marks=pytest.mark.heavy) for role in ROLES]


@pytest.mark.parametrize("role", CRAWLED)
def test_every_page_of_a_role_is_whole(role, app, world, server, browser):
    installation = server(live=True)
    user, organisation = world.person(role)
    problems: list[str] = []
    for language, width in (("zh-CN", "wide"), ("en", "phone")):
        options = {"locale": language, "width": WIDTHS[width]}
        page = new_context(browser, installation.url, **options).new_page()
        if user is not None:
            cookie = {"name": "exchange", "value": cookie_of(app, user, organisation), "url": installation.url}
            page.context.add_cookies([cookie])
        for address in sorted(set(addresses(app, world))):
            problems += look(page, address, role, language, width)
        page.context.close()

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_no_page_breaks_for_any_role(role, language, app, world, client):
    user, organisation = world.person(role)
    if user is not None:
        sign_in(client, user, organisation)

    broken = [
        f"{address}: {answer.status_code}"
        for address in sorted(set(addresses(app, world)))
        if (answer := client.get(address, query_string={"lang": language})).status_code >= 500
    ]

    assert not broken, "\n".join(broken)


def look(page: Page, address: str, role: str, language: str, width: str) -> list[str]:
    """Open one page and say what is wrong with it."""
    complaints: list[str] = []
    hear = lambda error: complaints.append(str(error))  # noqa: E731 - taken off again below
    page.on("pageerror", hear)
    answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={'zh_CN' if language == 'zh-CN' else 'en'}")
    page.remove_listener("pageerror", hear)
    status = answer.status if answer else 0
    where = f"{role} {language} {width} {address}"
    if status >= 500:
        return [f"{where}: {status}"]
    sent_to_sign_in = page.url.split("?")[0].endswith("/sign-in") and not address.endswith("/sign-in")
    if status >= 400 or sent_to_sign_in:
        return []
    found = [f"{where}: {complaint}" for complaint in complaints]
    if scrolls_sideways(page):
        found.append(f"{where}: scrolls sideways")
    found += [f"{where}: axe {finding}" for finding in axe_findings(page)]
    if language == "zh-CN":
        found += [f"{where}: untranslated “{words}”" for words in untranslated(page)]
    if PICTURES:
        name = re.sub(r"\W+", "-", f"{address}-{role}-{language}-{width}").strip("-")
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    return found
