"""Pure rules of deposits: the code that a payer types, what a receipt is flagged for, where movements lead."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from .states import DEPOSIT, DepositAction, DepositState, Flag, MovementKind

#: No O, 0, I or 1: a code is read off paper and typed into a bank's form.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 9
ZERO = Decimal("0.00")
#: Working days within which money that is no longer needed goes back.
REFUND_WORKING_DAYS = 3


def check_character(body: str) -> str:
    """The last character of a code: every single wrong character changes it, and nearly every swap (Luhn mod 32)."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]


def new_code() -> str:
    """A fresh remittance code; the table's unique constraint refuses the rare double."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH - 1))
    return body + check_character(body)


def read_code(text: str) -> str | None:
    """The code that a remark of a bank line holds, or None.

    Full-width characters become half-width, small letters capitals, blanks and hyphens vanish.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    joined = re.sub(r"[\s\-·.]", "", plain)
    for candidate in re.findall(f"(?=([{ALPHABET}]{{{CODE_LENGTH}}}))", joined):
        if check_character(candidate[:-1]) == candidate[-1]:
            return str(candidate)
    return None


def format_code(code: str) -> str:
    """As it is printed: groups of three."""
    return " ".join(code[i : i + 3] for i in range(0, len(code), 3))


@dataclass(frozen=True, slots=True)
class Receipt:
    """One bank receipt."""

    amount: Decimal
    payer: str
    paid_at: datetime


def flags(amount: Decimal, due_at: datetime | None, owner: str, receipts: Sequence[Receipt]) -> list[Flag]:
    """Why these receipts may not simply be confirmed; none: they are what was asked for."""
    total = sum((one.amount for one in receipts), ZERO)
    found = {
        Flag.PARTIAL: total < amount,
        Flag.OVER: total > amount,
        # The bank's time of arrival counts, not the time at which it was recorded here.
        Flag.LATE: due_at is not None and any(one.paid_at > due_at for one in receipts),
        Flag.THIRD_PARTY: any(same_name(one.payer) != same_name(owner) for one in receipts),
    }
    return [flag for flag, raised in found.items() if raised]


def same_name(name: str) -> str:
    """A name as it is compared: brackets and blanks come in two widths in banks' files."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).casefold()


def to_return(state: DepositState, amount: Decimal, received: Decimal, refunded: Decimal) -> Decimal:
    """What the exchange still has to pay back: everything after a release, the surplus while it stands."""
    if state in (DepositState.DUE, DepositState.RECEIVED, DepositState.CANCELLED):
        return ZERO
    kept = ZERO if state is DepositState.RELEASED else amount
    return max(received - kept - refunded, ZERO)


def fold(kinds: Iterable[MovementKind]) -> DepositState | None:
    """The state to which movements lead; None where they lead nowhere, as after an illegal step."""
    state: DepositState | None = None
    for kind in kinds:
        if kind is MovementKind.REQUIRE:
            state = DEPOSIT.start if state is None else None
        elif state is None:
            return None
        elif kind is not MovementKind.REFUND:
            action = DepositAction(kind.value)
            if not DEPOSIT.allows(state, action):
                return None
            state = DEPOSIT.next_state(state, action)
    return state
