"""The page kit's Python side: links that keep the filter, states, safe addresses."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from marketplace import ui

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app() -> Flask:
    app = Flask("kit")
    Babel(app, default_locale="zh_CN")
    ui.init_app(app)
    app.add_url_rule("/listings", "listings.index", lambda: "")
    return app


def test_a_changed_filter_keeps_the_others_and_starts_at_the_first_page(app: Flask) -> None:
    with app.test_request_context("/listings?q=石墨烯&city=230100&page=7"):
        assert ui.page_url(city="230600") == "/listings?q=%E7%9F%B3%E5%A2%A8%E7%83%AF&city=230600"


def test_none_removes_a_filter_and_a_list_repeats_it(app: Flask) -> None:
    with app.test_request_context("/listings?city=230100&kind=a"):
        assert ui.page_url(city=None, kind=["a", "b"]) == "/listings?kind=a&kind=b"


def test_page_links_keep_the_filter(app: Flask) -> None:
    with app.test_request_context("/listings?kind=a&page=2"):
        assert ui.page_url(page=3) == "/listings?kind=a&page=3"


def test_an_address_with_markup_is_quoted(app: Flask) -> None:
    with app.test_request_context("/listings"):
        assert "<" not in ui.page_url(q='"><script>')


def test_a_head_sorts_up_then_down(app: Flask) -> None:
    with app.test_request_context("/listings"):
        assert ui.sort_url("price", None) == "/listings?sort=price"
        assert ui.sort_url("price", "price") == "/listings?sort=-price"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("/desk?tab=1", True),
        ("", False),
        (None, False),
        ("desk", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://evil.example/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_addresses_of_this_site_are_safe_to_return_to(url: str | None, safe: bool) -> None:
    assert ui.is_safe_next(url) is safe


def test_an_unregistered_state_is_an_error() -> None:
    with pytest.raises(KeyError):
        ui.state_of("nothing", "unknown")


def test_navigation_shows_only_what_is_installed_in_order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui, "_nav", {})
    app.add_url_rule("/", "home.index", lambda: "")
    ui.register_nav("listings.index", "Results", order=20)
    ui.register_nav("missing.index", "Missing", order=1)
    ui.register_nav("home.index", "Home", order=10)

    with app.test_request_context("/listings"):
        items = ui.nav_items()

        assert [item.endpoint for item in items] == ["home.index", "listings.index"]
        assert [item.current for item in items] == [False, True]


def test_every_icon_is_hidden_from_screen_readers() -> None:
    names = [path.stem for path in ui.ICON_FOLDER.glob("*.svg")]

    assert len(names) > 60
    assert all('aria-hidden="true"' in ui.icon(name) for name in names)


def test_the_dark_theme_changes_only_what_the_light_one_sets() -> None:
    names = {
        theme: set(
            re.findall(r"^\s+(--[\w-]+):", (ROOT / f"static/css/{theme}.css").read_text(encoding="utf-8"), re.MULTILINE)
        )
        for theme in ("tokens", "dark")
    }

    assert len(names["dark"]) > 30
    assert names["dark"] <= names["tokens"]


def test_no_template_carries_a_style_or_an_inline_handler() -> None:
    forbidden = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(?:\ssrc=|application/ld\+json))", re.IGNORECASE
    )
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "email" not in path.parts]

    offenders = [str(path) for path in pages if forbidden.search(path.read_text(encoding="utf-8"))]

    assert len(pages) > 20
    assert offenders == []
