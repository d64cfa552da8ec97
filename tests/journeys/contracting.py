"""From a drafted contract to its certificate: what every sale ends in, however it came about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from accounts.roles import StaffRole
from tests.factories.accounts import make_staff
from tests.journeys.steps import Stage, fill, press, until


@dataclass
class Side:
    """One side of a contract: the organisation, the window of who writes for it, and who signs."""

    organisation: Organisation
    writer: Page
    signer: User


def drafted(writer: Page) -> str:
    """Wait until the sale has become a contract; give its address."""
    until(writer, "/contracts", lambda page: "HT" in page.inner_text("main"))
    writer.get_by_role("link", name=re.compile("^HT")).first.click()
    return re.sub(r"\?.*", "", writer.url)


def complete(page: Page, address: str) -> None:
    """Fill in what a drafted contract still lacks."""
    page.goto(f"{address}/edit")
    fill(
        page, payment_terms="一次付清", starts_on="2026-12-01", ends_on="2029-11-30", deliverables="全部技术资料",
        acceptance="按技术指标验收",
    )  # fmt: skip
    press(page, re.compile("^Save"))


def conclude(stage: Stage, address: str, seller: Side, buyer: Side) -> None:
    """Both sides confirm the text and sign it."""
    complete(seller.writer, address)
    for side in (buyer, seller):
        side.writer.goto(address)
        press(side.writer, "Confirm for my side")
    for side in (seller, buyer):
        page = stage.person(side.signer, side.organisation)
        page.goto(address)
        press(page, "Sign for my side")


def register(stage: Stage, address: str, seller: Side) -> str:
    """The seller applies, a registrar registers; the registration's number."""
    seller.writer.goto(address)
    seller.writer.get_by_role("link", name="Apply for registration").first.click()
    seller.writer.locator("[name=not_secret]").check()
    press(seller.writer, "Hand it in")
    registrar = stage.person(make_staff(StaffRole.REGISTRAR))
    registrar.goto(f"/desk/registrations/{address.rsplit('/', 1)[1]}")
    press(registrar, "Register the contract")
    said = registrar.locator("body")
    expect(said).to_contain_text("Registered under")
    found = re.search(r"Registered under (\d{16})", said.inner_text())
    assert found is not None, said.inner_text()[:2000]
    return found.group(1)
