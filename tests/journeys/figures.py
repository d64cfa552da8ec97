"""The turnover as visitors get it: page, table, interface and report, which must all say the same."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import urllib.request
from decimal import Decimal

from pypdf import PdfReader

from targets.queries import DIMENSIONS
from tests.support.processes import Installation

#: The breakdowns by their title in the table.
BREAKDOWNS = {"Year": "year", "City of the seller": "city", "Kind of contract": "kind", "Industry field": "field",
              "How it came about": "source"}  # fmt: skip
Figures = dict[str, dict[str, Decimal]]


def _get(server: Installation, path: str) -> bytes:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=20) as answer:
        return bytes(answer.read())


def of_window(server: Installation, key: str = "") -> Decimal:
    """The whole figure of a window (the running one if none is named)."""
    return Decimal(json.loads(_get(server, f"/api/v1/turnover?window={key}"))["amount"])


def shown(server: Installation) -> Figures:
    """The running window by every breakdown, as the interface gives it; the table, the page and the report agree."""
    whole = of_window(server)
    figures: Figures = {"whole": {"": whole}}
    for name in ("year", *DIMENSIONS):
        parts = json.loads(_get(server, f"/api/v1/turnover?by={name}"))["parts"]
        figures[name] = {part["value"]: Decimal(part["amount"]) for part in parts}
    _table_agrees(server, figures)
    _page_and_report_agree(server, figures)
    return figures


def _table_agrees(server: Installation, figures: Figures) -> None:
    rows = list(csv.reader(io.StringIO(_get(server, "/turnover?format=csv&lang=en").decode("utf-8-sig"))))[1:]
    table: dict[str, list[Decimal]] = {}
    for title, _value, _contracts, amount, _technical in rows:
        table.setdefault(BREAKDOWNS.get(title, "whole"), []).append(Decimal(amount))
    assert {name: sorted(amounts) for name, amounts in table.items()} == {
        name: sorted(parts.values()) for name, parts in figures.items() if parts
    }


def _page_and_report_agree(server: Installation, figures: Figures) -> None:
    pages = PdfReader(io.BytesIO(_get(server, "/turnover/report.pdf"))).pages
    report = "\n".join(page.extract_text() for page in pages)
    for name, parts in figures.items():
        for value, amount in parts.items():
            chosen = "" if name == "whole" else f"{name}={value}"
            assert f'data-amount="{amount}"' in _get(server, f"/turnover?{chosen}").decode(), chosen
            assert f"{amount:,}" in report, chosen


def risen(server: Installation, before: Figures, seconds: float = 20) -> dict[str, dict[str, Decimal]]:
    """Wait until the figure has moved; by how much, in every breakdown, leaving out what stands still."""
    deadline = time.monotonic() + seconds
    while of_window(server) == before["whole"][""] and time.monotonic() < deadline:
        time.sleep(0.2)
    after = shown(server)
    return {
        name: {
            value: parts.get(value, Decimal(0)) - before[name].get(value, Decimal(0))
            for value in parts.keys() | before[name].keys()
            if parts.get(value) != before[name].get(value)
        }
        for name, parts in after.items()
    }


def check_page(server: Installation, number: str) -> str:
    """What the public check page says about a registration, as plain words."""
    page = _get(server, f"/contracts/check/{number}?lang=en").decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
