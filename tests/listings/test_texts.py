"""Pasted text becomes plain without losing what it says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listings import texts


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  石墨烯 　膜 ", "石墨烯 膜"),
        ("Ｎａ２ＳＯ４，溶液。", "Na2SO4，溶液。"),
        ("a\x00b\u200bc\ufeffd", "abcd"),
        ("坏\ufffd字", "坏字"),
        ("一\r\n\r\n\r\n\r\n二", "一\n\n二"),
        ("“引号”、‘单引’", "“引号”、‘单引’"),
        ("", ""),
    ],
)
def test_text_is_cleaned(typed: str, cleaned: str) -> None:
    assert texts.clean_text(typed) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    once = texts.clean_text(typed)

    assert texts.clean_text(once) == once
    assert not any(unicodedata.category(ch) in ("Cs", "Cn") for ch in once)


@given(st.text())
def test_a_line_is_one_line(typed: str) -> None:
    assert "\n" not in texts.clean_line(typed)


def test_a_list_is_split_at_every_usual_sign_and_says_each_once() -> None:
    assert texts.split_list("石墨烯；导热膜, 散热、石墨烯\n电池|膜") == ["石墨烯", "导热膜", "散热", "电池", "膜"]
