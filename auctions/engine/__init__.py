"""The pure core of an auction: who leads, at what price, until when, and how it ends.

Live bidding, proxy bidding, closing, replay, the verifier and the tests all call `decide` and `close`
here. Nothing in this package reads a clock, a database or a request, or imports anything of ours.
Evidence and replay are modules of their own (`evidence`, `replay`).
"""

from .codec import (
    event_from_json,
    event_to_json,
    outcome_from_json,
    outcome_to_json,
    rules_from_json,
    rules_to_json,
    state_from_json,
    state_to_json,
)
from .commands import Bid, Cancel, Close, Command, Open, PlaceBid, Resume, SetLimit, Suspend
from .events import (
    BidPlaced,
    Cancelled,
    Closed,
    Event,
    LimitSet,
    Opened,
    Refused,
    ReserveSealed,
    Resumed,
    Suspended,
    TimedStarted,
)
from .formats import minimum_bid, next_amounts
from .history import HistoryDiffers, recompute, rules_of
from .lifecycle import advance, close, decide, record_refusal
from .rules import InvalidRules, Rules
from .state import Decision, Outcome, OutcomeKind, Phase, Refusal, RefusalCode, State, initial_state
from .view import PublicView, public_event, public_view, view_to_json

__all__ = [
    "Bid",
    "BidPlaced",
    "Cancel",
    "Cancelled",
    "Close",
    "Closed",
    "Command",
    "Decision",
    "Event",
    "HistoryDiffers",
    "InvalidRules",
    "LimitSet",
    "Open",
    "Opened",
    "Outcome",
    "OutcomeKind",
    "Phase",
    "PlaceBid",
    "PublicView",
    "Refusal",
    "RefusalCode",
    "Refused",
    "ReserveSealed",
    "Resume",
    "Resumed",
    "Rules",
    "SetLimit",
    "State",
    "Suspend",
    "Suspended",
    "TimedStarted",
    "advance",
    "close",
    "decide",
    "event_from_json",
    "event_to_json",
    "initial_state",
    "minimum_bid",
    "next_amounts",
    "outcome_from_json",
    "outcome_to_json",
    "public_event",
    "public_view",
    "recompute",
    "record_refusal",
    "rules_from_json",
    "rules_of",
    "rules_to_json",
    "state_from_json",
    "state_to_json",
    "view_to_json",
]
