"""What was announced for one auction and never changes while it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from .amounts import FEN, ZERO, in_range, to_fen

Bands = tuple[tuple[Decimal, Decimal], ...]


class InvalidRules(ValueError):
    """The announced rules cannot be run; `field` and `code` say which and why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The announced terms. Amounts are yuan, times are aware; both are normalised here."""

    #: The first valid bid (起始价).
    opening: Decimal
    #: Bands (from this price on, this step); a fixed increment (加价幅度) is one band.
    increments: Bands
    opens_at: datetime
    #: End of the free period (自由报价期).
    free_ends_at: datetime
    #: Timed cycle (限时报价周期) that every valid bid restarts; 0 means a fixed end.
    extension_s: int = 0
    #: First timed cycle where it differs from the later ones. 0 leaves no separate timed period:
    #: the end is `free_ends_at`, moved only by bids in the last `extension_s` before it.
    first_cycle_s: int | None = None
    #: A raise must be an integer multiple of the step at the current price.
    multiples_only: bool = False
    #: Hidden reserve (保留价).
    reserve: Decimal | None = None
    #: Whether the room says that the reserve has or has not been reached.
    announce_reserve_status: bool = False
    #: Whether bidders may leave a limit with the engine (代理报价).
    proxy: bool = True
    #: Whether the leader may raise his own explicit bid.
    leader_may_raise: bool = True
    #: Fewer bidders than this at the end means no sale.
    min_bidders: int = 1
    format: str = "english"

    def __post_init__(self) -> None:
        for field, value in _normalised(self):
            object.__setattr__(self, field, value)
        _check_times(self)
        if self.min_bidders < 1:
            raise InvalidRules("min_bidders", "too_low")
        if self.format not in KNOWN_FORMATS:
            raise InvalidRules("format", "unknown")

    @property
    def ends_at(self) -> datetime:
        """The end as announced, before any bid has moved it."""
        cycle = self.extension_s if self.first_cycle_s is None else self.first_cycle_s
        return self.free_ends_at + timedelta(seconds=cycle)

    @property
    def extension(self) -> timedelta:
        return timedelta(seconds=self.extension_s)

    def step_at(self, price: Decimal) -> Decimal:
        """The increment that applies from this price on."""
        step = self.increments[0][1]
        for start, band_step in self.increments:
            if start > price:
                break
            step = band_step
        return step


def _normalised(rules: Rules) -> Iterator[tuple[str, object]]:
    yield "opening", _money("opening", rules.opening, FEN)
    yield "increments", _bands(rules.increments, rules.opening)
    if rules.reserve is not None:
        yield "reserve", _money("reserve", rules.reserve, rules.opening)
    for field in ("opens_at", "free_ends_at"):
        yield field, as_utc(getattr(rules, field), field)


def as_utc(moment: datetime, field: str = "now") -> datetime:
    """Bring an aware time to UTC; a time without a zone is refused, not guessed."""
    if moment.tzinfo is None:
        raise InvalidRules(field, "no_zone")
    return moment.astimezone(UTC)


def _money(field: str, amount: Decimal, least: Decimal) -> Decimal:
    if not in_range(amount):
        raise InvalidRules(field, "out_of_range")
    exact = to_fen(amount)
    if exact is None:
        raise InvalidRules(field, "not_whole_fen")
    if exact < least:
        raise InvalidRules(field, "too_low")
    return exact


def _bands(increments: Bands, opening: Decimal) -> Bands:
    if not increments:
        raise InvalidRules("increments", "missing")
    bands = tuple((_money("increments", start, ZERO), _money("increments", step, FEN)) for start, step in increments)
    starts = [start for start, _ in bands]
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise InvalidRules("increments", "not_ascending")
    if starts[0] > opening:
        raise InvalidRules("increments", "none_at_opening")
    return bands


#: The ways to bid that the engine has a module for.
KNOWN_FORMATS = frozenset({"english"})


def _check_times(rules: Rules) -> None:
    if rules.free_ends_at < rules.opens_at:
        raise InvalidRules("free_ends_at", "before_opening")
    if rules.extension_s < 0:
        raise InvalidRules("extension_s", "negative")
    if rules.first_cycle_s is not None and rules.first_cycle_s < 0:
        raise InvalidRules("first_cycle_s", "negative")
    if rules.ends_at <= rules.opens_at:
        raise InvalidRules("free_ends_at", "no_time_to_bid")
