"""States of what goes with a sale by agreement: the sale, its publicity, objections, access to what is confidential."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.states import machine
from marketplace.ui import State


class PublicityState(enum.StrEnum):
    RUNNING = "running"
    PASSED = "passed"
    RESTARTED = "restarted"
    STOPPED = "stopped"


class PublicityAction(enum.StrEnum):
    PASS = "pass"  # noqa: S105 - a step, no password
    RESTART = "restart"
    STOP = "stop"


class ObjectionState(enum.StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class ObjectionAction(enum.StrEnum):
    UPHOLD = "uphold"
    REJECT = "reject"


class SaleState(enum.StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    REPLACED = "replaced"
    AGREED = "agreed"
    FAILED = "failed"


class SaleAction(enum.StrEnum):
    CONFIRM = "confirm"
    DECLINE = "decline"
    REPLACE = "replace"
    AGREE = "agree"
    FAIL = "fail"


class AccessState(enum.StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"


class AccessAction(enum.StrEnum):
    GRANT = "grant"
    DECLINE = "decline"
    ASK_AGAIN = "ask_again"


PUBLICITY = machine(
    "publicity",
    PublicityState.RUNNING,
    {
        (PublicityState.RUNNING, PublicityAction.PASS): PublicityState.PASSED,
        (PublicityState.RUNNING, PublicityAction.RESTART): PublicityState.RESTARTED,
        (PublicityState.RUNNING, PublicityAction.STOP): PublicityState.STOPPED,
    },
)
OBJECTION = machine(
    "objection",
    ObjectionState.OPEN,
    {
        (ObjectionState.OPEN, ObjectionAction.UPHOLD): ObjectionState.UPHELD,
        (ObjectionState.OPEN, ObjectionAction.REJECT): ObjectionState.REJECTED,
    },
)
SALE = machine(
    "sale",
    SaleState.PROPOSED,
    {
        (SaleState.PROPOSED, SaleAction.CONFIRM): SaleState.CONFIRMED,
        (SaleState.PROPOSED, SaleAction.DECLINE): SaleState.DECLINED,
        (SaleState.PROPOSED, SaleAction.REPLACE): SaleState.REPLACED,
        (SaleState.CONFIRMED, SaleAction.REPLACE): SaleState.REPLACED,
        (SaleState.CONFIRMED, SaleAction.AGREE): SaleState.AGREED,
        # Its publicity is stopped, its result withdrawn, its contract comes to nothing.
        (SaleState.PROPOSED, SaleAction.FAIL): SaleState.FAILED,
        (SaleState.CONFIRMED, SaleAction.FAIL): SaleState.FAILED,
        (SaleState.AGREED, SaleAction.FAIL): SaleState.FAILED,
    },
)
ACCESS = machine(
    "access",
    AccessState.ASKED,
    {
        (AccessState.ASKED, AccessAction.GRANT): AccessState.GRANTED,
        (AccessState.ASKED, AccessAction.DECLINE): AccessState.DECLINED,
        # The owner may take back what was granted, and think again about what was declined.
        (AccessState.GRANTED, AccessAction.DECLINE): AccessState.DECLINED,
        (AccessState.DECLINED, AccessAction.GRANT): AccessState.GRANTED,
        (AccessState.DECLINED, AccessAction.ASK_AGAIN): AccessState.ASKED,
    },
)


PUBLICITY_SHOWN = {
    PublicityState.RUNNING: State(_l("In publicity"), "waiting"),
    PublicityState.PASSED: State(_l("Passed without objection upheld"), "done"),
    PublicityState.RESTARTED: State(_l("Begun again with changed terms"), "neutral"),
    PublicityState.STOPPED: State(_l("Ended without effect"), "refused"),
}
OBJECTION_SHOWN = {
    ObjectionState.OPEN: State(_l("Being decided"), "waiting"),
    ObjectionState.UPHELD: State(_l("Upheld"), "refused"),
    ObjectionState.REJECTED: State(_l("Rejected"), "neutral", "cross"),
}
SALE_SHOWN = {
    SaleState.PROPOSED: State(_l("Waits for the buyer"), "waiting"),
    SaleState.CONFIRMED: State(_l("Confirmed by the buyer"), "done", "check"),
    SaleState.DECLINED: State(_l("Declined by the buyer"), "refused"),
    SaleState.REPLACED: State(_l("Replaced"), "neutral"),
    SaleState.AGREED: State(_l("Agreed"), "done"),
    SaleState.FAILED: State(_l("Came to nothing"), "neutral", "cross"),
}
ACCESS_SHOWN = {
    AccessState.ASKED: State(_l("Asked"), "waiting"),
    AccessState.GRANTED: State(_l("Granted"), "done"),
    AccessState.DECLINED: State(_l("Declined"), "refused"),
}
