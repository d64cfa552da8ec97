"""The table of accounts that greets whoever starts the sample installation."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from .people import PASSWORD, STAFF, STAFF_DOMAIN, TOTP_SECRET, address

#: Who is worth trying first: role, login, organisation.
SHOWN = (
    ("高校 · 编辑（挂牌、申请竞价）", "editor", "sjlg"),
    ("高校 · 审批", "approver", "sjlg"),
    ("高校 · 签署", "signer", "sjlg"),
    ("高校 · 财务", "finance", "sjlg"),
    ("高校 · 管理员", "manager", "sjlg"),
    ("科研院所 · 编辑", "editor", "ljhj"),
    ("企业一 · 竞买（已进入进行中的竞价）", "editor", "bczg"),
    ("企业一 · 审批", "approver", "bczg"),
    ("企业一 · 签署", "signer", "bczg"),
    ("企业二 · 竞买（已进入进行中的竞价）", "editor", "sbsz"),
    ("企业二 · 签署", "signer", "sbsz"),
    ("技术转移机构 · 编辑", "editor", "ljzy"),
)


def accounts_table() -> str:
    """The accounts as plain text: role, e-mail; password and second factor once."""
    lines = [f"样例账号（密码均为 {PASSWORD}）", ""]
    lines += [_line(role, address(login, slug)) for role, login, slug in SHOWN]
    lines += ["", "交易所工作人员（登录后还需动态验证码）", ""]
    lines += [_line(label, f"{login}@{STAFF_DOMAIN}") for login, (label, _) in STAFF.items()]
    lines += ["", f"动态验证码密钥 {TOTP_SECRET}", f"当前验证码：flask demo code reviewer@{STAFF_DOMAIN}"]
    return "\n".join(lines) + "\n"


def _line(role: str, email: str) -> str:
    """Chinese characters are two columns wide."""
    width = sum(2 if ord(one) > 0x2E80 else 1 for one in role)
    return f"  {role}{' ' * max(38 - width, 2)}{email}"


def write_accounts() -> Path:
    """Keep the table where `script/server` finds it."""
    path = Path(current_app.instance_path) / "demo-accounts.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(accounts_table(), encoding="utf-8")
    return path
