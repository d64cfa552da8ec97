"""How text becomes terms: pairs of Chinese characters, words of everything else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listings import search


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("石墨烯", ["石墨", "墨烯", "烯"]),
        ("膜", ["膜"]),
        ("3D打印", ["3d", "打印", "印"]),
        ("TiO2/石墨", ["tio2", "石墨", "墨"]),
        ("ＬｉＦｅＰＯ４", ["lifepo4"]),
        ("，。 ", []),
    ],
)
def test_terms_of_a_text(text: str, kept: list[str]) -> None:
    assert search.tokens(text) == kept


@pytest.mark.parametrize(
    ("q", "query"),
    [
        ("石墨烯", "('石墨' <-> '墨烯')"),
        ("膜", "'膜':*"),
        ("Li 电池", "'li':* & ('电池')"),
        ("石墨烯，散热", "('石墨' <-> '墨烯') & ('散热')"),
        ("' | !*", ""),
        ("", ""),
    ],
)
def test_a_query_is_a_phrase_of_pairs(q: str, query: str) -> None:
    assert search.query_text(q) == query


@given(st.text(max_size=200))
def test_nothing_typed_can_leave_its_quotes(text: str) -> None:
    assert re.sub(r"'[^'\\]*'", "", search.query_text(text)).strip(" &<->():*|") == ""
    assert "\\" not in search.document([("A", text)])


def test_positions_stay_within_what_the_database_holds() -> None:
    document = search.document([("A", "石墨烯" * 20_000)])

    assert max(int(place) for place in re.findall(r"(\d+)A", document)) <= 16_383
    assert max(len(places.split(",")) for places in document.split(" ")) <= 256
