"""Rules, states and events as plain JSON objects: amounts as strings, times in UTC to the microsecond.

The form is exact and has one spelling only, because the evidence hashes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from . import events as _events
from .events import Event, Opened
from .rules import Rules
from .state import Outcome, OutcomeKind, Phase, State

Json = dict[str, Any]


@lru_cache(maxsize=1024)
def iso(moment: datetime) -> str:
    """Write a time in UTC, always with six places: times written alike sort as text.

    The events of one bid share their times, so what was written last is kept.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def rules_to_json(rules: Rules, *, with_reserve: bool = True) -> Json:
    """Write the rules; without the reserve they are what the announcement may show."""
    data = {field.name: _plain(getattr(rules, field.name)) for field in fields(rules)}
    data["increments"] = [[str(start), str(step)] for start, step in rules.increments]
    if not with_reserve:
        del data["reserve"]
    return data


def rules_from_json(data: Mapping[str, Any]) -> Rules:
    values = dict(data)
    values["opening"] = Decimal(values["opening"])
    values["reserve"] = _convert(Decimal, values.get("reserve"))
    values["increments"] = tuple((Decimal(start), Decimal(step)) for start, step in values["increments"])
    for name in ("opens_at", "free_ends_at"):
        values[name] = datetime.fromisoformat(values[name])
    return Rules(**values)


def state_to_json(state: State, *, with_rules: bool = True) -> Json:
    """Write the whole state, hidden amounts included: for storage, never for a page."""
    data = {name: _plain(getattr(state, name)) for name in _STATE_FIELDS}
    if with_rules:
        data["rules"] = rules_to_json(state.rules)
    else:
        del data["rules"]
    data["bidders"] = sorted(state.bidders)
    data["outcome"] = None if state.outcome is None else outcome_to_json(state.outcome)
    return data


def state_from_json(data: Mapping[str, Any], rules: Rules | None = None) -> State:
    """Read a state back; `rules` are given where they are kept apart from it."""
    values = {name: _convert(_STATE_READERS.get(name), value) for name, value in data.items()}
    if rules is not None:
        values["rules"] = rules
    return State(**values)


def outcome_to_json(outcome: Outcome) -> Json:
    return {field.name: _plain(getattr(outcome, field.name)) for field in fields(outcome)}


def outcome_from_json(data: Mapping[str, Any]) -> Outcome:
    return Outcome(
        kind=OutcomeKind(data["kind"]),
        ended_at=datetime.fromisoformat(data["ended_at"]),
        winner=data["winner"],
        price=_convert(Decimal, data["price"]),
    )


def event_to_json(event: Event) -> Json:
    """Write one event as it enters the evidence. The rules leave the reserve to its own record."""
    kind, shape = _EVENT_SHAPES[type(event)]
    data: Json = {"event": kind}
    for name, write in shape:
        data[name] = _convert(write, getattr(event, name))
    if isinstance(event, Opened):
        data["rules"] = rules_to_json(event.rules, with_reserve=False)
    return data


def event_from_json(data: Mapping[str, Any]) -> Event:
    values = {name: _convert(_EVENT_READERS.get(name), value) for name, value in data.items() if name != "event"}
    event: Event = _EVENTS[data["event"]](**values)
    return event


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is Decimal:
        return str(value)
    if kind is datetime:
        return iso(value)
    return value.value if isinstance(value, Enum) else value


def _convert(by: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if by is None or value is None else by(value)


_STATE_FIELDS = tuple(field.name for field in fields(State))
_STATE_READERS: dict[str, Callable[[Any], Any]] = {
    "rules": rules_from_json,
    "phase": Phase,
    "suspended_phase": Phase,
    "free_ends_at": datetime.fromisoformat,
    "ends_at": datetime.fromisoformat,
    "last_at": datetime.fromisoformat,
    "suspended_since": datetime.fromisoformat,
    "price": Decimal,
    "limit": Decimal,
    "second": Decimal,
    "bidders": frozenset,
    "outcome": outcome_from_json,
}

_EVENT_READERS: dict[str, Callable[[Any], Any]] = {
    "rules": rules_from_json,
    "at": datetime.fromisoformat,
    "since": datetime.fromisoformat,
    "free_ends_at": datetime.fromisoformat,
    "ends_at": datetime.fromisoformat,
    "ended_at": datetime.fromisoformat,
    "reserve": Decimal,
    "limit": Decimal,
    "amount": Decimal,
    "price": Decimal,
}

#: The names under which events are stored and exported; they outlive any renaming of a class.
_EVENTS: dict[str, type[Any]] = {
    "opened": _events.Opened,
    "reserve_sealed": _events.ReserveSealed,
    "timed_started": _events.TimedStarted,
    "limit_set": _events.LimitSet,
    "bid_placed": _events.BidPlaced,
    "suspended": _events.Suspended,
    "resumed": _events.Resumed,
    "cancelled": _events.Cancelled,
    "refused": _events.Refused,
    "closed": _events.Closed,
}
_WRITERS: dict[Any, Callable[[Any], str]] = {datetime.fromisoformat: iso, Decimal: str}
#: For each kind of event its name and, in order, its fields with what writes them.
_EVENT_SHAPES = {
    cls: (kind, tuple((field.name, _WRITERS.get(_EVENT_READERS.get(field.name))) for field in fields(cls)))
    for kind, cls in _EVENTS.items()
}
