"""Remittance codes, flags and where movements lead: no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from marketplace.errors import IllegalTransition
from payments.rules import ALPHABET, Receipt, check_character, flags, fold, new_code, read_code, to_return
from payments.states import DEPOSIT, DepositAction, DepositState, Flag
from payments.states import MovementKind as Kind

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
ASKED = Decimal("100.00")


def receipt(amount="100.00", payer="松江精工（集团）", minutes=-5) -> Receipt:
    return Receipt(Decimal(amount), payer, NOON + timedelta(minutes=minutes))


def test_a_code_has_no_characters_that_look_alike():
    code = new_code()

    assert len(code) == 9
    assert not set(code) & set("OI01")


def test_every_single_wrong_character_is_noticed():
    code = new_code()
    wrong = [code[:i] + other + code[i + 1 :] for i in range(9) for other in ALPHABET if other != code[i]]

    assert [one for one in wrong if check_character(one[:-1]) == one[-1]] == []


@pytest.mark.parametrize(
    "typed",
    ["{0}", "竞价保证金 {0}", "{1}", "{2}", " {0} ", "{3}"],
    ids=["plain", "in a sentence", "small letters", "full width", "blanks around", "in groups"],
)
def test_a_code_is_read_as_people_type_it(typed):
    code = new_code()
    full = "".join(chr(ord(c) + 0xFEE0) for c in code)

    assert read_code(typed.format(code, code.lower(), full, f"{code[:3]} {code[3:6]}-{code[6:]}")) == code


def test_a_mistyped_code_is_no_code():
    code = new_code()
    other = ALPHABET[(ALPHABET.index(code[0]) + 1) % 32]

    assert read_code(other + code[1:]) is None


@pytest.mark.parametrize(
    ("receipts", "expected"),
    [
        ([receipt()], []),
        ([receipt(payer="松江精工(集团)")], []),
        ([receipt("60.00"), receipt("40.00")], []),
        ([receipt("99.99")], [Flag.PARTIAL]),
        ([receipt("100.01")], [Flag.OVER]),
        ([receipt(minutes=1)], [Flag.LATE]),
        ([receipt(minutes=0)], []),
        ([receipt(payer="别人")], [Flag.THIRD_PARTY]),
        ([receipt("1.00", "别人", 1)], [Flag.PARTIAL, Flag.LATE, Flag.THIRD_PARTY]),
    ],
)
def test_receipts_are_flagged_for_what_is_odd_about_them(receipts, expected):
    assert flags(ASKED, NOON, "松江精工（集团）", receipts) == expected


@pytest.mark.parametrize(
    ("state", "received", "refunded", "owed"),
    [
        (DepositState.DUE, "0", "0", "0"),
        (DepositState.RECEIVED, "100", "0", "0"),
        (DepositState.LOCKED, "100", "0", "0"),
        (DepositState.LOCKED, "130", "0", "30"),
        (DepositState.RELEASED, "100", "0", "100"),
        (DepositState.RELEASED, "100", "100", "0"),
        (DepositState.FORFEITED, "130", "10", "20"),
    ],
)
def test_what_has_to_go_back(state, received, refunded, owed):
    assert to_return(state, ASKED, Decimal(received), Decimal(refunded)) == Decimal(owed)


def test_movements_add_up_to_a_state():
    assert fold([Kind.REQUIRE, Kind.RECEIVE, Kind.LOCK, Kind.RELEASE, Kind.REFUND]) is DepositState.RELEASED


@pytest.mark.parametrize(
    "kinds",
    [[Kind.RECEIVE], [Kind.REQUIRE, Kind.LOCK], [Kind.REQUIRE, Kind.REQUIRE], []],
    ids=["no beginning", "locked unpaid", "asked for twice", "nothing"],
)
def test_movements_that_cannot_have_happened_lead_nowhere(kinds):
    assert fold(kinds) is None


@pytest.mark.parametrize("state", DepositState)
@pytest.mark.parametrize("action", DepositAction)
def test_every_step_is_legal_or_refused(state, action):
    if (state, action) in DEPOSIT.table:
        assert DEPOSIT.next_state(state, action) is DEPOSIT.table[state, action]
    else:
        with pytest.raises(IllegalTransition):
            DEPOSIT.next_state(state, action)


@pytest.mark.parametrize(
    "state", [DepositState.APPLIED, DepositState.FORFEITED, DepositState.RELEASED, DepositState.CANCELLED]
)
def test_an_end_is_an_end(state):
    assert [action for action in DepositAction if DEPOSIT.allows(state, action)] == []
