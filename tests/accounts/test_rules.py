"""Pure rules: codes, addresses, passwords, authority to bid, devices."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.rules import BidAuthority, clean_email, clean_uscc, device, missing_for_verification, weak_password
from accounts.states import DocumentKind
from tests.factories.accounts import make_uscc


class Described:
    """An organisation as its form describes it."""

    def __init__(self, **values: str) -> None:
        filled = {"address": "x", "legal_representative": "x", "contact_name": "x", "contact_phone": "x"}
        self.__dict__.update({**filled, **values})


def test_a_code_is_kept_in_one_spelling():
    code = make_uscc(7)

    assert clean_uscc(f" {code.lower()} ") == code


@pytest.mark.parametrize(
    "code", ["", "91230100000000007", "912301000000000070", "91230I00000000007X", "统一社会信用代码"]
)
def test_a_code_whose_check_character_does_not_fit_is_none(code):
    assert clean_uscc(code) is None


def test_swapping_two_digits_breaks_the_code():
    code = make_uscc(123_456_789)
    swapped = code[:-4] + code[-3] + code[-4] + code[-2:]

    assert clean_uscc(swapped) is None


def test_addresses_are_compared_in_lower_case():
    assert clean_email("  Li.Jing@Example.CN ") == "li.jing@example.cn"


@pytest.mark.parametrize(
    "password",
    ["short", "aaaaaaaaaaaa", "ababababab", "password2026", "my12345678code", "lijing-2026x", "北境理工大学2026"],
)
def test_weak_passwords_are_refused(password):
    assert weak_password(password, "北境理工大学", "lijing")


@pytest.mark.parametrize("password", ["correct horse battery", "雪城的冬天真的很冷啊", "t7#kQ!x2mZ"])
def test_long_and_varied_passwords_are_taken(password):
    assert not weak_password(password, "李静", "lijing")


@pytest.mark.parametrize(
    ("limit", "committed", "amount", "exceeds"),
    [
        (None, "9999999", "9999999", False),
        ("1000.00", "0", "1000.00", False),
        ("1000.00", "0", "1000.01", True),
        ("1000.00", "400.00", "600.01", True),
        ("0.00", "0", "0.01", True),
    ],
)
def test_a_members_limit_counts_what_is_committed_elsewhere(limit, committed, amount, exceeds):
    authority = BidAuthority(Decimal(limit) if limit else None, None)

    assert authority.exceeds(Decimal(committed), Decimal(amount)) is exceeds


@pytest.mark.parametrize(
    ("above", "amount", "needed"),
    [(None, "9999999", False), ("500.00", "500.00", False), ("500.00", "500.01", True), ("0.00", "0.01", True)],
)
def test_a_second_person_is_needed_above_the_amount_only(above, amount, needed):
    authority = BidAuthority(None, Decimal(above) if above else None)

    assert authority.needs_second(Decimal(amount)) is needed


def test_nothing_is_missing_when_all_is_said_and_proved():
    assert missing_for_verification(Described(), {DocumentKind.CERTIFICATE}) == []


def test_empty_fields_and_the_certificate_are_named():
    missing = missing_for_verification(Described(address="", contact_phone=""), {DocumentKind.OTHER})

    assert missing == ["address", "contact_phone", "certificate"]


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari · iPhone"),
        ("curl/8.5", "curl/8.5"),
        ("", "—"),
    ],
)
def test_devices_are_called_as_people_call_them(agent, shown):
    assert device(agent) == shown
