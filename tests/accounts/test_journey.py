"""In a browser: from registering to a verified organisation, as the people in it see it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from accounts.roles import OrgRole, StaffRole
from tests.factories.accounts import PASSWORD, TOTP_SECRET, make_member, make_organisation, make_staff, make_uscc
from tests.support.browser import axe_findings, scrolls_sideways

pytestmark = pytest.mark.browser


def link_in_mail(smtp, address: str) -> str:
    """The link of the first mail that arrives at an address."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not smtp.to(address):
        time.sleep(0.1)
    text = smtp.to(address)[0].get_body(("plain",)).get_content()
    found = re.search(r"https?://\S+", text)
    assert found is not None
    return found[0]


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("邮箱").fill(email)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def confirm(page: Page) -> None:
    """Say yes in the dialog that asks."""
    page.locator("[data-confirm-yes]").click()


def test_from_registering_to_verified(server, new_page, smtp, app, tmp_path: Path):
    reviewer = make_staff(StaffRole.REVIEWER, "钱进")
    installation = server(worker=True)
    page = new_page(installation.url)
    page.goto("/sign-up")
    page.get_by_label("姓名").fill("李静")
    page.get_by_label("邮箱").fill("lijing@example.cn")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="注册").click()
    page.goto(link_in_mail(smtp, "lijing@example.cn"))
    page.get_by_role("main").get_by_role("button").click()
    sign_in(page, "lijing@example.cn")
    page.get_by_role("main").get_by_role("link", name="注册单位").click()

    page.get_by_label("单位全称").fill("北境理工大学")
    page.get_by_label("统一社会信用代码").fill(make_uscc(99))
    page.get_by_label("地址", exact=False).first.fill("哈尔滨市南岗区学府路 1 号")
    page.get_by_label("法定代表人").fill("周启明")
    page.get_by_label("联系人").fill("李静")
    page.get_by_label("联系电话").fill("0451-86000000")
    page.get_by_role("main").get_by_role("button", name="注册").click()
    paper = tmp_path / "执照.pdf"
    paper.write_bytes(b"%PDF-1.4\n%%EOF\n")
    page.locator("input[type=file]").set_input_files(paper)
    page.get_by_role("button", name="添加文件").click()
    page.get_by_role("button", name="提交认证").click()
    confirm(page)
    expect(page.get_by_text("待认证").first).to_be_visible()

    desk = new_page(installation.url)
    sign_in(desk, reviewer.email)
    desk.get_by_label("验证码").fill(pyotp.TOTP(TOTP_SECRET).now())
    desk.get_by_role("main").get_by_role("button").click()
    desk.get_by_role("main").get_by_role("link", name="北境理工大学").click()
    desk.get_by_role("button", name="通过认证").click()
    confirm(desk)
    expect(desk.get_by_text("没有符合条件的单位")).to_be_visible()

    page.goto("/organisation")
    expect(page.get_by_text("已认证").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_pages_are_accessible_and_fit_their_window(server, new_page, app, width, locale):
    organisation = make_organisation()
    user = make_member(organisation, [OrgRole.MANAGER, OrgRole.BUYER_EDITOR])
    installation = server()
    page = new_page(installation.url, locale=locale, width=width)
    page.goto("/sign-in")
    page.locator("#email").fill(user.email)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    findings: dict[str, list[str]] = {}

    for path in (
        "/desk", "/organisation", "/organisation/edit", "/organisation/invite", "/organisation/bidding", "/account",
        "/account/security", "/account/second-factor", "/organisation/leave", "/about", "/help", "/help/roles",
    ):  # fmt: skip
        page.goto(path)
        found = axe_findings(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])
        findings |= {path: found} if found else {}

    assert findings == {}
