"""A university's untidy file comes in on the web: looked at first, taken in, reported, and every page of it reads well."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from sqlalchemy import select

from accounts.roles import OrganisationKind, OrgRole
from listings.models import Listing
from marketplace.db import db
from tests.factories.accounts import make_member, make_organisation
from tests.journeys.steps import Stage, press, sees
from tests.journeys.test_agreement_deal import FILE
from tests.support.browser import axe_findings, scrolls_sideways
from tests.support.visitors import enter

pytestmark = [pytest.mark.browser, pytest.mark.process]

#: Pages of a draft: what its owner does with it, its first step, and as everybody would see it.
PAGES = ("/desk/listings/{}", "/desk/listings/{}/edit/result", "/listings/{}")


def title_length(draft: Listing) -> int:
    return len(draft.title)


def longest_word(draft: Listing) -> int:
    """What a narrow page has to break: the longest run of letters without a blank."""
    return max(map(len, re.findall(r"[!-~]+", draft.summary)), default=0)


def test_a_file_is_looked_at_taken_in_and_every_draft_reads_well(app, server, new_page):
    university = make_organisation(OrganisationKind.UNIVERSITY, name="北境理工大学")
    editor = make_member(university, OrgRole.SELLER_EDITOR)
    running = server()
    desk = Stage(app, running, new_page).person(editor, university)

    desk.goto("/desk/imports")
    desk.set_input_files("[name=file]", FILE)
    press(desk, "Look at it first")
    sees(desk, "Nothing is taken in yet.")
    assert db.session.scalars(select(Listing.id)).all() == []
    db.session.rollback()
    press(desk, "Take in 40 drafts")
    sees(desk, "苯二氮杂□FDA8□")
    with desk.expect_download() as saved:
        desk.get_by_role("link", name="Report as CSV").click()
    told = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8-sig"))))
    drafts = {one.number: one for one in db.session.scalars(select(Listing))}
    assert len(drafts) == 40
    assert {row["Draft"] for row in told} <= drafts.keys()

    # The same file again: nothing new.
    desk.goto("/desk/imports")
    desk.set_input_files("[name=file]", FILE)
    press(desk, "Look at it first")
    sees(desk, "Every row that can be taken in is here already.")

    for draft in drafts.values():
        assert draft.title == draft.title.strip()
        assert not any(unicodedata.category(ch) in ("Co", "Cn", "Cc") for ch in draft.title + draft.summary)
        assert not re.search(r"m~[23]|~\(", draft.summary)
    # The longest titles and texts, and the shortest, on a phone.
    by_title, by_summary = (sorted(drafts.values(), key=key) for key in (title_length, longest_word))
    phone = enter(app, new_page, running, editor, university, width=360)
    for draft in {*by_title[:2], *by_title[-4:], *by_summary[-4:]}:
        for page in PAGES:
            answer = phone.goto(page.format(draft.number))
            assert answer is not None
            assert answer.status == 200
            assert phone.locator("h1").inner_text().startswith(draft.title)
            assert not scrolls_sideways(phone), answer.url
    assert axe_findings(phone) == []
