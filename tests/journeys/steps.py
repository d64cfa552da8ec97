"""What people do in a browser, in a line each, for the journeys."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask
from playwright.sync_api import Error, Page, TimeoutError, expect  # noqa: A004 - playwright's own

from accounts.models import Organisation, User
from tests.support.processes import Installation
from tests.support.visitors import NewPage, enter


@dataclass
class Stage:
    """One installation on which people act, each in a browser window of their own."""

    app: Flask
    server: Installation
    new_page: NewPage

    def person(self, user: User, organisation: Organisation | None = None) -> Page:
        """This person's window, in English."""
        return enter(self.app, self.new_page, self.server, user, organisation, locale="en")


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a button, say yes where the page asks once more, and wait for the answer: others look right after."""
    button = page.get_by_role("button", name=name).first
    try:
        with page.expect_navigation():
            button.click()
            question = page.locator("#confirm-dialog[open] [data-confirm-yes]")
            if question.count():
                question.click()
    except TimeoutError as error:
        raise AssertionError(f"no button {name} on {page.url}:\n{page.inner_text('main')[:1500]}") from error


def fill(page: Page, **fields: Any) -> None:
    """Type into fields by their name."""
    for name, value in fields.items():
        assert page.locator(f"[name={name}]").count(), (
            f"no field {name} on {page.url}:\n{page.inner_text('main')[:1500]}"
        )
        box = page.locator(f"[name={name}]").first
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(str(value))
        else:
            box.fill(str(value))


def sees(page: Page, text: str | re.Pattern[str], seconds: float = 10) -> None:
    """The page shows this text, now or soon."""
    expect(page.locator("main")).to_contain_text(text, timeout=seconds * 1000)


def until(page: Page, address: str, holds: Callable[[Page], bool], tries: int = 40) -> None:
    """Open the page again and again until it shows what the background does."""
    for _ in range(tries):
        # A room that has just ended loads itself anew, which cuts our own loading short.
        with suppress(Error):
            page.goto(address)
        if holds(page):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{address} never showed it:\n{page.inner_text('main')[:3000]}")
