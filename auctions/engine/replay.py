"""Recompute any auction, ours or another exchange's, from a line of JSON.

One auction a line goes in, one outcome a line comes out; the same `decide` and `close` as live bidding.
Times are seconds from the start. With `proxy` an amount is the bidder's limit.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from .codec import event_to_json
from .commands import Close, PlaceBid, SetLimit
from .events import Event
from .evidence import Json, canonical, chain, genesis
from .lifecycle import decide
from .rules import KNOWN_FORMATS, InvalidRules, Rules
from .state import Decision, Outcome, OutcomeKind, State, initial_state

#: Every replay starts at this moment, so that equal lines give equal heads.
START = datetime(2000, 1, 1, tzinfo=UTC)


class Malformed(ValueError):
    """The line is no auction; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def replay_lines(lines: Iterable[str]) -> Iterator[str]:
    """One JSON outcome for each line that is not blank; a malformed one gives an error with its number."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield json.dumps(_replay_line(line, number), ensure_ascii=False)


def _replay_line(line: str, number: int) -> Json:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": "not_json", "line": number}
    result = replay(data)
    return result | {"line": number} if "error" in result else result


def replay(data: Any) -> Json:
    """The outcome of one auction, or `{"error": …}` where the input is malformed."""
    try:
        seed = _seed(data)
        auction, rules, bids = _read(data)
    except Malformed as problem:
        return {"error": problem.code}
    except InvalidRules as problem:
        return {"error": f"{problem.field}:{problem.code}"}
    state, events = initial_state(rules), list[Event]()
    numbers: dict[str, int] = {}
    refused: list[Json] = []
    for position, (bidder, amount, at) in enumerate(bids, 1):
        number = numbers.setdefault(bidder, len(numbers) + 1)
        decision = _bid(state, rules, number, amount, at)
        if decision.refusal is not None:
            refused.append({"n": position, "reason": decision.refusal.code.value})
        state = decision.state
        events += decision.events
    closing = decide(state, Close(), max(state.ends_at, state.last_at or state.ends_at))
    names = {number: name for name, number in numbers.items()}
    head = _head(auction, seed, [*events, *closing.events])
    return _answer(auction, closing.state, head, names, len(bids), refused)


def _bid(state: State, rules: Rules, bidder: int, amount: Decimal, at: datetime) -> Decision:
    command = SetLimit(bidder, amount) if rules.proxy else PlaceBid(bidder, amount)
    return decide(state, command, at)


def _answer(auction: str, state: State, head: str, names: Mapping[int, str], bids: int, refused: list[Json]) -> Json:
    outcome = state.outcome or Outcome(OutcomeKind.NO_BID, state.ends_at)
    return {
        "auction": auction,
        "winner": None if outcome.winner is None else names[outcome.winner],
        "price": None if outcome.price is None else str(outcome.price),
        "sold": outcome.kind is OutcomeKind.SOLD,
        "accepted": bids - len(refused),
        "refused": refused,
        "ends_at": (state.ends_at - START).total_seconds(),
        "head": head,
    }


def _seed(data: Any) -> bytes:
    """What the salts are made of: it follows from the line, so the same line gives the same head."""
    if not isinstance(data, dict):
        raise Malformed("not_an_object")
    try:
        return hashlib.sha256(b"exchange/replay/1\x00" + canonical(data)).digest()
    except (ValueError, TypeError, RecursionError):
        raise Malformed("not_plain_json") from None


def _head(auction: str, seed: bytes, events: list[Event]) -> str:
    """The evidence's last head."""
    salted = ((event_to_json(event), hashlib.sha256(seed + event.sequence.to_bytes(8)).digest()) for event in events)
    head = genesis(auction)
    for entry in chain(auction, salted):
        head = entry.head
    return head.hex()


_Bid = tuple[str, Decimal, datetime]


def _read(data: Any) -> tuple[str, Rules, list[_Bid]]:
    auction, terms, bids = data.get("auction"), data.get("rules"), data.get("bids")
    if not isinstance(auction, str) or not auction:
        raise Malformed("auction_missing")
    if not isinstance(terms, dict):
        raise Malformed("rules_missing")
    if not isinstance(bids, list):
        raise Malformed("bids_missing")
    return auction, _rules(terms), [_read_bid(bid) for bid in bids]


def _rules(terms: Mapping[str, Any]) -> Rules:
    name = terms.get("format")
    if not isinstance(name, str) or name not in KNOWN_FORMATS:
        raise Malformed("unknown_format")
    bands = terms.get("increments")
    if not isinstance(bands, list) or not all(isinstance(band, list) and len(band) == 2 for band in bands):
        raise Malformed("increments_malformed")
    opening, reserve, minimum = _amount(terms.get("opening")), terms.get("reserve"), terms.get("min_bidders", 1)
    if not isinstance(minimum, int) or isinstance(minimum, bool):
        raise Malformed("min_bidders_malformed")
    return Rules(
        format=name,
        opening=opening,
        increments=tuple((_amount(start), _amount(step)) for start, step in bands),
        opens_at=START,
        free_ends_at=START + _seconds(terms.get("duration_s")),
        extension_s=_whole_seconds(terms.get("extension_s", 0)),
        first_cycle_s=_whole_seconds(terms.get("first_cycle_s", 0)),
        multiples_only=terms.get("multiples_only") is True,
        # A reserve below the opening price is met by any bid, there as here.
        reserve=None if reserve is None else max(_amount(reserve), opening),
        proxy=terms.get("proxy", True) is True,
        leader_may_raise=terms.get("leader_may_raise", True) is True,
        min_bidders=minimum,
    )


def _read_bid(bid: Any) -> _Bid:
    if not isinstance(bid, dict) or not isinstance(bid.get("bidder"), str):
        raise Malformed("bid_malformed")
    return bid["bidder"], _amount(bid.get("amount")), START + _seconds(bid.get("at"))


#: Plain digits only: no exponent, no spaces, no digits of other scripts, all of which Decimal would take.
_AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def _amount(value: Any) -> Decimal:
    """An amount written as text; a JSON number would already have lost its exactness."""
    if not isinstance(value, str):
        raise Malformed("amount_not_text")
    if not _AMOUNT.fullmatch(value):
        raise Malformed("amount_malformed")
    return Decimal(value)


def _seconds(value: Any) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed("time_malformed")
    try:
        span = timedelta(seconds=value)
    except (OverflowError, ValueError):
        raise Malformed("time_malformed") from None
    if span < timedelta(0) or span > timedelta(days=36500):
        raise Malformed("time_malformed")
    return span


def _whole_seconds(value: Any) -> int:
    span = _seconds(value)
    if span.microseconds:
        raise Malformed("time_malformed")
    return span // timedelta(seconds=1)
