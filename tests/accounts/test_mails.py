"""Every mail of accounts: three parts, both languages, the link and nothing unfilled."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_babel import force_locale

from accounts import notifications
from accounts.handover import OpenWork
from marketplace import mail, notices
from tests.factories.accounts import make_organisation, make_user

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "email" / "accounts"
CONTEXT = {
    "name": "李静",
    "inviter": "周启明",
    "organisation": "北境理工大学",
    "reason": "营业执照不清晰",
    "old_name": "哈尔滨材料研究所",
    "until": datetime(2027, 2, 1, 4, tzinfo=UTC),
    "link": "http://localhost/confirm/token",
    "permissions": ["签署合同"],
    "work": [OpenWork("智能采煤机截割控制系统", "/desk/listings/CG2026-000001", "草稿")],
}
NAMES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_mail_has_three_filled_parts(app, name, language):
    with force_locale(language):
        parts = notices.render(f"accounts.{name}", CONTEXT)

    assert parts.subject
    assert "\n" not in parts.subject
    assert parts.text.strip()
    assert f'<html lang="{"zh-CN" if language == "zh_CN" else "en"}">' in parts.html
    assert "{{" not in parts.text + parts.html + parts.subject


@pytest.mark.parametrize("name", NAMES)
def test_the_two_languages_differ(app, name):
    with force_locale("zh_CN"):
        chinese = notices.render(f"accounts.{name}", CONTEXT)
    with force_locale("en"):
        english = notices.render(f"accounts.{name}", CONTEXT)

    assert chinese.subject != english.subject
    assert chinese.text != english.text


def test_the_invitation_names_who_and_for_whom(app, mails):
    notifications.invitation("chen@example.cn", make_organisation(name="北境理工大学"), "周启明", "token")
    mail.db.session.commit()

    sent = mails("chen@example.cn")[-1]
    assert "周启明" in sent.text
    assert "北境理工大学" in sent.text
    assert "/invitation/token" in sent.text
    assert "/invitation/token" in sent.html


def test_a_name_is_text_and_never_markup(app, mails):
    user = make_user("<b>李</b>", email="li@example.cn")
    notifications.account_made(user, "token")
    mail.db.session.commit()

    assert "<b>李</b>" not in mails("li@example.cn")[-1].html


def test_a_confirmation_really_goes_out_over_smtp(client, smtp):
    client.post("/sign-up", data={"name": "李静", "email": "li@example.cn", "password": "correct horse battery"})

    mail.send_due()

    assert "/confirm/" in smtp.to("li@example.cn")[0].get_body(("plain",)).get_content()
