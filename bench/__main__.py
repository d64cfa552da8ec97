"""`python -m bench [NAME …]`: run, print the table, keep `bench/results.json`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from . import bids, pages, replaying, storm
from .figures import TINY, Benchmark, Figure, Scale, table
from .ground import Ground, ground

BENCHMARKS: dict[str, Benchmark] = {
    "hot-bids": bids.hot,
    "hot-bids-naive": bids.hot_naive,
    "spread-bids": bids.spread,
    "close-storm": storm.close_storm,
    "page": pages.page,
    "replay": replaying.replay,
    "start": pages.start,
}
RESULTS = Path(__file__).parent / "results.json"


def main(arguments: list[str]) -> int:
    """0 where every figure reached its target."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--tiny", action="store_true", help="prove that it works; figures mean nothing and are not kept"
    )
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    names = given.names or list(BENCHMARKS)
    figures: list[Figure] = []
    with ground() as made:
        for name in names:
            found = _run(name, made, TINY if given.tiny else Scale())
            figures += found
            if found and not given.tiny:
                keep(found)
    print(table(figures))
    failed = len(figures) < len(names)
    return 1 if failed or not (given.tiny or all(one.reached for one in figures)) else 0


def _run(name: str, made: Ground, scale: Scale) -> list[Figure]:
    """What it measured; nothing where it failed, so that the others still run."""
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        return BENCHMARKS[name](made, scale)
    except Exception:  # noqa: BLE001 - shown, and the command ends with 1
        traceback.print_exc()
        return []


def keep(figures: list[Figure], path: Path = RESULTS) -> None:
    """Write the figures beside those of earlier runs."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    when, load = datetime.now(UTC).isoformat(timespec="seconds"), round(os.getloadavg()[2], 2)
    for one in figures:
        kept[one.name] = {**one.to_json(), "at": when, "cores": os.cpu_count(), "load_15min": load}
    path.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
