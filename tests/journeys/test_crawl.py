"""Every page that a role may open, in both languages, wide and on a phone: no error, no sideways scroll, nothing for axe."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.routing import Rule

from accounts.models import Organisation, User
from accounts.roles import StaffRole
from marketplace import i18n
from marketplace.permissions import rule_of
from tests.factories.accounts import sign_in
from tests.journeys.world import World
from tests.support.browser import WIDTHS, axe_findings, new_context, scrolls_sideways, watch
from tests.support.visitors import cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.process]

#: Where the pictures go when somebody wants to look at them.
PICTURES = os.environ.get("CRAWL_PICTURES")
ROLES = ["nobody", "seller", "buyer", *(role.value for role in StaffRole)]
#: Pages that are no pages: downloads, feeds, machines' answers.
NOT_PAGES = re.compile(
    r"\.(pdf|csv|xlsx|svg|ics|json)$|^/api/|^/metrics|^/health|^/static|^/live|^/styleguide|^/dev/|/chart$"
)
#: Nobody stays on these: they lead elsewhere, or need what only a mail or a file brings.
UNVISITED = {
    "accounts.confirm", "accounts.invitation", "accounts.reset", "files.download", "listings.import_preview",
    "accounts.second_factor",
}  # fmt: skip
#: What differs from one answer to the next though the page is the same.
CHANGING = re.compile(r'(data-server-now|name="csrf_token" value)="[^"]*"')


@pytest.fixture
def world(app) -> World:
    return World()


def pages(app: Any) -> list[Rule]:
    """Every route that answers with a page."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not NOT_PAGES.search(rule.rule)
        and rule_of(app.view_functions[rule.endpoint]) is not None
    ]


Visitor = tuple[User | None, Organisation | None]


def answers_to(client: FlaskClient, world: World, who: Visitor) -> dict[str, Any]:
    """What each page answers this visitor, by address."""
    app, (user, organisation) = client.application, who
    with client.session_transaction() as cookie:
        cookie.clear()
    if user is not None:
        sign_in(client, user, organisation)
    return {one: client.get(one) for one in sorted(set(world.addresses(app, pages(app), user, organisation)))}


def opened(client: FlaskClient, world: World, who: Visitor) -> dict[str, str]:
    """The pages that this visitor may open, by address, each with what stands on it."""
    answers = answers_to(client, world, who)
    return {one: _main(answer.text) for one, answer in answers.items() if answer.status_code == 200}


def _main(html: str) -> str:
    return CHANGING.sub("", html.partition("<main")[2])


def untranslated(page: Page) -> list[str]:
    """English message ids of several words that stand on a Chinese page."""
    text = page.inner_text("body")
    return [words for words in _english() if words in text]


def _english() -> list[str]:
    if not _cache:
        found = {message for package in i18n.packages() for message in i18n.extract(package)}
        several = (words for words in found if words.count(" ") >= 2 and "%(" not in words)
        _cache.extend(sorted(words for words in several if re.search("[a-z]", words)))
    return _cache


_cache: list[str] = []


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role_is_whole(role, app, client, world, server, browser):
    who = world.person(role)
    addresses = opened(client, world, who)
    # A page that is the same for everybody is looked at once, by nobody in particular.
    common = opened(client, world, (None, None)) if role != "nobody" else {}
    mine = [address for address, main in addresses.items() if common.get(address) != main]
    installation = server(live=True)
    problems: list[str] = []
    for language, width in (("zh-CN", "wide"), ("en", "phone")):
        page = new_context(browser, installation.url, locale=language, width=WIDTHS[width]).new_page()
        if who[0] is not None:
            cookie = {"name": "exchange", "value": cookie_of(app, *who), "url": installation.url}
            page.context.add_cookies([cookie])
        complaints = watch(page)
        for address in mine:
            problems += [f"{role} {language} {one}" for one in look(page, address, role, language, width)]
            problems += [f"{role} {language} {address}: {one}" for one in complaints]
            complaints.clear()
        page.context.close()

    assert mine
    assert not problems, "\n".join(problems)


def test_every_page_opens_for_somebody_and_breaks_for_nobody(app, client, world):
    adapter, visited, broken = app.url_map.bind("localhost"), set(), []
    for role in ROLES:
        for address, answer in answers_to(client, world, world.person(role)).items():
            if answer.status_code == 200:
                visited.add(adapter.match(address.partition("?")[0])[0])
            elif answer.status_code >= 500:
                broken.append(f"{role} {address}: {answer.status_code}")

    assert broken == []
    unvisited = {rule.endpoint for rule in pages(app)} - visited
    assert unvisited == UNVISITED, unvisited ^ UNVISITED


def look(page: Page, address: str, role: str, language: str, width: str) -> Iterator[str]:
    """Open one page at both widths and say what is wrong with it."""
    answer = page.goto(f"{address}{'&' if '?' in address else '?'}lang={'zh_CN' if language == 'zh-CN' else 'en'}")
    if answer is None or answer.status != 200:
        yield f"{address}: {answer.status if answer else 'no answer'}"
        return
    for finding in axe_findings(page):
        yield f"{address}: axe {finding}"
    if language == "zh-CN":
        yield from (f"{address}: untranslated “{words}”" for words in untranslated(page))
    for name in (width, *(other for other in WIDTHS if other != width)):
        page.set_viewport_size({"width": WIDTHS[name], "height": 900})
        if scrolls_sideways(page):
            yield f"{address}: scrolls sideways ({name})"
        if PICTURES:
            file = re.sub(r"\W+", "-", f"{address}-{role}-{language}-{name}").strip("-")
            page.screenshot(path=Path(PICTURES) / f"{file}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[width], "height": 900})
