"""How large a run is, and what a benchmark says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scale:
    """How much work each benchmark does; the tests of the bench use a tiny one."""

    seconds: float = 10.0
    warm: float = 2.0
    bidders: int = 128
    spread_auctions: int = 1000
    storm_auctions: int = 10_000
    #: Auctions closed one by one for the yardstick; its time is scaled by their number.
    single_auctions: int = 1000
    imported_rows: int = 200_000
    replayed_bids: int = 100_000
    cards: int = 60


TINY = Scale(0.5, 0.2, 4, 6, 12, 4, 2000, 200, 3)


@dataclass(frozen=True)
class Figure:
    """One measured figure beside its yardstick. `ratio` is at least `target` where all is well."""

    name: str
    value: float
    yardstick: float
    ratio: float
    unit: str
    target: float
    aim: float
    #: A start must take at most so many times its yardstick; everything else at least.
    at_most: bool = False
    #: What the value itself may be at most, whatever the yardstick took.
    most: float | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        if self.most is not None and self.value > self.most:
            return False
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def to_json(self) -> dict[str, Any]:
        data = {name: value for name, value in asdict(self).items() if name not in ("name", "at_most")}
        return {**data, "reached": self.reached}


class WrongCount(Exception):
    """What was claimed is not what the database holds."""


def must_equal(what: str, claimed: int, counted: int) -> None:
    """Compare a claim with the database.

    Raises:
        WrongCount: they differ.
    """
    if claimed != counted:
        raise WrongCount(f"{what}: {claimed} claimed, {counted} in the database")


def table(figures: list[Figure]) -> str:
    """The figures for people."""
    lines = [f"{'name':16}{'value':>12}{'yardstick':>12}  {'unit':14}{'ratio':>8}{'target':>9}{'aim':>8}"]
    for one in figures:
        sign = "≤" if one.at_most else "≥"
        lines.append(
            f"{one.name:16}{one.value:12.2f}{one.yardstick:12.2f}  {one.unit:14}{one.ratio:8.2f}"
            f"{sign + format(one.target, 'g'):>9}{sign + format(one.aim, 'g'):>8}"
            f"  {'' if one.reached else 'MISSED  '}{one.notes or ''}"
        )
    return "\n".join(lines)


Benchmark = Callable[..., list[Figure]]
