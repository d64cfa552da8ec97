"""Kept pages: for visitors without a session alone, in their language, and only what is the same for all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from accounts.roles import OrgRole
from listings.states import ListingState
from marketplace.edge import Exchange
from marketplace.page_cache import Environ, PageCache, StartResponse, cached_public
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.factories.listings import make_buyer, make_listing


@pytest.fixture
def cache(app: Exchange) -> Iterator[PageCache]:
    """The application's own cache, on for this test."""
    kept: PageCache = app.extensions["exchange.page_cache"]
    kept.enabled = True
    # It stands still unless a test moves it: making things may take longer than a page is kept.
    kept.clock = lambda: 100.0
    kept.clear()
    yield kept
    kept.enabled, kept.clock = False, time.monotonic
    kept.clear()


def statements(queries: list[str], client: FlaskClient, path: str, **options: Any) -> int:
    queries.clear()
    assert client.get(path, **options).status_code == 200
    return len(queries)


def test_a_second_visitor_costs_the_database_nothing(client: FlaskClient, cache: PageCache, queries: list[str]) -> None:
    make_listing()

    assert statements(queries, client, "/listings") > 0
    assert statements(queries, client, "/listings") == 0


def test_it_is_the_same_page_under_another_reference(client: FlaskClient, cache: PageCache) -> None:
    make_listing()

    first, second = client.get("/listings"), client.get("/listings")

    assert first.data == second.data
    assert first.headers["Content-Security-Policy"] == second.headers["Content-Security-Policy"]
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]
    assert "Cookie" in second.headers["Vary"]
    assert not any(name.startswith("X-Exchange") for name in dict(second.headers))


def test_it_is_forgotten_after_its_second(client: FlaskClient, cache: PageCache) -> None:
    make_listing()
    client.get("/listings")
    make_listing(title="后来挂牌的成果")
    assert "后来挂牌的成果" not in client.get("/listings").text

    cache.clock = lambda: 101.1

    assert "后来挂牌的成果" in client.get("/listings").text


def test_address_query_and_language_keep_pages_apart(client: FlaskClient, cache: PageCache) -> None:
    make_listing(field="bio")
    client.get("/listings")

    assert "没有符合条件的结果" in client.get("/listings?q=无此词").text
    assert 'lang="en"' in client.get("/listings", headers={"Accept-Language": "en"}).text
    assert 'lang="zh-CN"' in client.get("/listings", headers={"Accept-Language": "zh-CN"}).text


def test_whoever_is_signed_in_gets_their_own_page_and_leaves_none(client: FlaskClient, cache: PageCache) -> None:
    owner = make_organisation(name="私有单位")
    listing = make_listing(organisation=owner)
    sign_in(client, make_member(owner, OrgRole.SELLER_EDITOR))
    path = f"/listings/{listing.number}"

    own = client.get(path).text
    client.delete_cookie("exchange")
    others = client.get(path).text

    assert f"/desk/listings/{listing.number}" in own
    assert f"/desk/listings/{listing.number}" not in others
    assert "0451-86410000" not in others


def test_a_kept_page_is_not_given_to_whoever_signs_in(client: FlaskClient, cache: PageCache) -> None:
    listing = make_listing()
    company, person = make_buyer()
    path = f"/listings/{listing.number}"
    client.get(path)

    sign_in(client, person, company)

    assert person.name in client.get(path).text or company.name in client.get(path).text


def test_neither_messages_nor_form_tokens_are_kept(app: Exchange, client: FlaskClient, cache: PageCache) -> None:
    listing = make_listing(ListingState.PUBLICITY)
    app.config["WTF_CSRF_ENABLED"] = True
    pages = [app.test_client().get(f"/publicity/{listing.number}") for _ in range(2)]
    app.config["WTF_CSRF_ENABLED"] = False

    assert pages[0].data != pages[1].data
    assert all("Set-Cookie" in page.headers for page in pages)


def test_what_does_not_exist_is_not_kept(client: FlaskClient, cache: PageCache) -> None:
    listing = make_listing(ListingState.DRAFT)
    path = f"/listings/{listing.number}"
    assert client.get(path).status_code == 404

    assert client.get(path).status_code == 404
    assert client.post("/listings").status_code == 405


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.page_cache._MOST_BYTES", 50)

    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Exchange-Keep", "30 test.page")])
        return [b"0123456789"]

    app = Flask("test")
    app.add_url_rule("/p", "page", cached_public(30)(str))
    cache = PageCache(app, page)
    for number in range(100):
        list(cache(EnvironBuilder("/p", query_string=f"n={number}").get_environ(), lambda *_: None))

    assert len(cache._pages) == 5


def test_visitors_of_a_process_just_started_wait_for_one_that_renders(app: Exchange, cache: PageCache) -> None:
    make_listing()
    renderings, inner, together = [], cache.inner, threading.Barrier(12)

    def counted(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        renderings.append(environ["PATH_INFO"])
        time.sleep(0.1)  # long enough for the others to arrive meanwhile
        return inner(environ, start_response)

    def visit(_turn: int) -> int:
        together.wait(10)
        return app.test_client().get("/listings").status_code

    cache.inner = counted
    try:
        with ThreadPoolExecutor(12) as visitors:
            assert set(visitors.map(visit, range(12))) == {200}
    finally:
        cache.inner = inner

    assert renderings == ["/listings"]
