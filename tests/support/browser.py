"""Chromium as our visitors use it: two languages, wide and phone, every console error kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = {"wide": 1280, "phone": 360}
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe" / "axe.min.js"

NewPage = Callable[..., Page]


def executable() -> str | None:
    """The system's Chromium, or None for the one that Playwright brought."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser
        browser.close()


def new_context(
    browser: Browser, url: str, locale: str = "zh-CN", width: int = 1280, **options: object
) -> BrowserContext:
    """A visitor of their own: cookies, language, width."""
    size = {"width": width, "height": 900 if width > 600 else 780}
    context = browser.new_context(base_url=url, locale=locale, viewport=size, timezone_id="Asia/Shanghai", **options)
    context.set_default_timeout(15_000)
    return context


def watch(page: Page) -> list[str]:
    """Collect what the page complains of: console errors, uncaught exceptions, failed answers."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Leaving a page cuts its stream, which Chromium sometimes calls an error of the page that is gone.
        left = "/live/" in message.location["url"] and "ERR_INCOMPLETE_CHUNKED_ENCODING" in message.text
        if message.type == "error" and not left:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def axe_findings(page: Page) -> list[str]:
    """What axe has to say (WCAG 2.2 AA and best practice)."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | '))"
    )
    return list(found)


def scrolls_sideways(page: Page) -> bool:
    """True if the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
