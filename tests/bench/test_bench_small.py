"""Every benchmark at a tiny scale: it runs, it counts again what it claims, and a wrong claim is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bench.__main__ import BENCHMARKS, keep
from bench.figures import TINY, Figure, WrongCount, must_equal, table
from bench.ground import Ground, ground

#: They measure; a busy machine would make them fail for nothing.
pytestmark = [pytest.mark.process, pytest.mark.heavy]

#: `start` makes a whole installation with its sample data, which the tests of the server do already.
QUICK = [name for name in BENCHMARKS if name != "start"]


@pytest.fixture(scope="module")
def made() -> Iterator[Ground]:
    with ground() as one:
        yield one


@pytest.mark.parametrize("name", QUICK)
def test_measures_and_counts_again(made, name):
    figures = BENCHMARKS[name](made, TINY)
    assert [one.name for one in figures] == [name]
    for one in figures:
        assert one.value > 0
        assert one.yardstick > 0
        assert one.ratio > 0


def test_bids_are_all_in_the_database(made):
    (figure,) = BENCHMARKS["hot-bids"](made, TINY)
    site = made._site("bench_hot")
    with site.connect() as connection:
        counts = connection.execute(
            "SELECT count(*), count(DISTINCT (bidder_id, key)), max(amount) FILTER (WHERE accepted) FROM bids"
            " GROUP BY auction_id ORDER BY auction_id"
        ).fetchall()
        prices = [row[0] for row in connection.execute("SELECT price FROM auctions ORDER BY id")]
    assert counts[0][0] == figure.notes["decided"]
    for (rows, keys, highest), price in zip(counts, prices, strict=True):
        assert rows == keys
        assert highest == price


def test_a_wrong_claim_is_noticed():
    with pytest.raises(WrongCount):
        must_equal("bids", 3, 2)


def test_results_are_kept_beside_earlier_ones(tmp_path):
    path = tmp_path / "results.json"
    keep([Figure("replay", 10, 20, 0.5, "bids/s", 0.3, 0.6)], path)
    keep([Figure("start", 9, 1, 9, "s", 8, 4, at_most=True)], path)
    kept = json.loads(path.read_text())
    assert kept["replay"]["reached"] is True
    assert kept["start"]["reached"] is False
    assert "MISSED" in table([Figure("start", 9, 1, 9, "s", 8, 4, at_most=True)])
