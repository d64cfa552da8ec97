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


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("30 mA/cm~2时", "30 mA/cm²时"),
        ("10~(-13)m~2/s", "10⁻¹³m²/s"),
        ("Cl~-渗透", "Cl⁻渗透"),
        ("Alq_3(56 nm)", "Alq₃(56 nm)"),
        ("H_2O、Al_2O_3、BOD_5,氨氮", "H₂O、Al₂O₃、BOD₅,氨氮"),
        ("5~6叶期, 103~104 nm, 株距2 m~3 m, 50 V~100 V, 134~131 Ma", None),
        ("High_Q算法, sample_1, file_2.csv", None),
    ],
)
def test_marks_of_raised_and_lowered_figures_are_written_as_such_and_ranges_stay(typed: str, read: str | None) -> None:
    assert texts.raise_figures(typed) == (read or typed)


def test_a_character_that_was_lost_is_shown_with_its_surroundings() -> None:
    assert (
        texts.damaged("噻吩并[2,3-b][1,5]苯二氮杂\ue000FDA8\ue002,最后与哌嗪缩合")
        == "-b][1,5]苯二氮杂□FDA8□,最后与哌嗪"
    )
    assert texts.damaged("完好的\u3000\u200b文字□") == ""
