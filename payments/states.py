"""Where a deposit is. Each deposit is in exactly one place, and its movements say how it came there."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.states import machine


class DepositState(enum.StrEnum):
    DUE = "due"
    RECEIVED = "received"
    LOCKED = "locked"
    HELD = "held"
    APPLIED = "applied"
    FORFEITED = "forfeited"
    RELEASED = "released"
    CANCELLED = "cancelled"


class DepositAction(enum.StrEnum):
    RECEIVE = "receive"
    LOCK = "lock"
    HOLD = "hold"
    APPLY = "apply"
    FORFEIT = "forfeit"
    RELEASE = "release"
    CANCEL = "cancel"


class MovementKind(enum.StrEnum):
    """What a row of the movements says; all but the first and the last are steps of the machine."""

    REQUIRE = "require"
    RECEIVE = "receive"
    LOCK = "lock"
    HOLD = "hold"
    APPLY = "apply"
    FORFEIT = "forfeit"
    RELEASE = "release"
    CANCEL = "cancel"
    REFUND = "refund"


class Flag(enum.StrEnum):
    """Why a receipt is not simply confirmed."""

    PARTIAL = "partial"
    OVER = "over"
    LATE = "late"
    THIRD_PARTY = "third_party"


_S, _A = DepositState, DepositAction

DEPOSIT = machine(
    "deposit",
    _S.DUE,
    {
        (_S.DUE, _A.RECEIVE): _S.RECEIVED,
        (_S.DUE, _A.CANCEL): _S.CANCELLED,
        (_S.RECEIVED, _A.RECEIVE): _S.RECEIVED,
        (_S.RECEIVED, _A.LOCK): _S.LOCKED,
        (_S.RECEIVED, _A.RELEASE): _S.RELEASED,
        (_S.LOCKED, _A.HOLD): _S.HELD,
        (_S.LOCKED, _A.RELEASE): _S.RELEASED,
        (_S.LOCKED, _A.FORFEIT): _S.FORFEITED,
        (_S.HELD, _A.APPLY): _S.APPLIED,
        (_S.HELD, _A.FORFEIT): _S.FORFEITED,
        (_S.HELD, _A.RELEASE): _S.RELEASED,
    },
)

#: Deposits that stand behind their bidder. The view `locked_deposits` holds exactly these.
STANDING = (_S.LOCKED, _S.HELD)

#: Its owner has something to pay or to expect still.
OPEN = (_S.DUE, _S.RECEIVED, _S.LOCKED, _S.HELD)

LABELS = {
    _S.DUE: _l("To be paid"),
    _S.RECEIVED: _l("Received, not yet confirmed"),
    _S.LOCKED: _l("Locked"),
    _S.HELD: _l("Held for the contract"),
    _S.APPLIED: _l("Set against the price"),
    _S.FORFEITED: _l("Forfeited"),
    _S.RELEASED: _l("Released"),
    _S.CANCELLED: _l("No longer needed"),
}

MOVEMENT_LABELS = {
    MovementKind.REQUIRE: _l("Deposit asked for"),
    MovementKind.RECEIVE: _l("Bank receipt recorded"),
    MovementKind.LOCK: _l("Receipt confirmed, deposit locked"),
    MovementKind.HOLD: _l("Held for the winner’s contract"),
    MovementKind.APPLY: _l("Set against the price"),
    MovementKind.FORFEIT: _l("Forfeited"),
    MovementKind.RELEASE: _l("Released to the payer"),
    MovementKind.CANCEL: _l("No longer needed"),
    MovementKind.REFUND: _l("Paid back"),
}

FLAG_LABELS = {
    Flag.PARTIAL: _l("Less than asked for"),
    Flag.OVER: _l("More than asked for"),
    Flag.LATE: _l("Arrived after the deadline"),
    Flag.THIRD_PARTY: _l("Paid by somebody else"),
}

ACTION_LABELS = {
    _A.RELEASE: _l("Release"),
    _A.FORFEIT: _l("Forfeit"),
    _A.APPLY: _l("Set against the price"),
}
