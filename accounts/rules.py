"""Pure rules of accounts: what a USCC, a password and an authority to bid are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from .passwords import MINIMUM_LENGTH
from .states import DocumentKind


def clean_uscc(text: str) -> str | None:
    """The 统一社会信用代码 in its one spelling, or None if the check character does not fit.

    Source: GB 32100-2015.
    """
    try:
        return str(uscc.validate(text.strip().upper()))
    except ValidationError:
        return None


def clean_email(text: str) -> str:
    """Addresses are compared and kept in lower case."""
    return text.strip().lower()


#: What everybody tries first, and how much else a password must then hold.
MINIMUM_REST = 8
COMMON = ("password", "12345678", "87654321", "qwertyui", "asdfghjk", "1q2w3e4r", "abcdefgh", "iloveyou", "admin123")


def weak_password(password: str, *names: str) -> bool:
    """True for passwords that are short, of few characters, or little more than a common one or one's own name."""
    low = password.lower()
    own = [name.lower() for name in names if len(name) > 3]
    rests = [len(low.replace(part, "")) for part in (*COMMON, *own) if part in low]
    return len(password) < MINIMUM_LENGTH or len(set(low)) < 5 or any(rest < MINIMUM_REST for rest in rests)


class Described(Protocol):
    """What a registration says of an organisation."""

    address: str
    legal_representative: str
    contact_name: str
    contact_phone: str


#: What an organisation must say, and prove, before it can be verified.
REQUIRED = ("address", "legal_representative", "contact_name", "contact_phone")


def missing_for_verification(organisation: Described, documents: Collection[DocumentKind]) -> list[str]:
    """Fields that are still empty, and `certificate` if that paper is not there."""
    empty = [name for name in REQUIRED if not getattr(organisation, name)]
    return empty if DocumentKind.CERTIFICATE in documents else [*empty, DocumentKind.CERTIFICATE.value]


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """A browser and a system as people call them, or the program's own words."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system))) or user_agent[:60] or "—"


@dataclass(frozen=True, slots=True)
class BidAuthority:
    """What a member may commit, in yuan. None: no limit of that kind."""

    limit: Decimal | None
    second_approval_above: Decimal | None

    def exceeds(self, committed: Decimal, amount: Decimal) -> bool:
        """True if the amount, with what is committed elsewhere, passes the member's own limit."""
        return self.limit is not None and committed + amount > self.limit

    def needs_second(self, amount: Decimal) -> bool:
        """True if another person of the organisation must approve this amount."""
        return self.second_approval_above is not None and amount > self.second_approval_above
