"""States of a technology contract, from the draft to its registration and the end of it."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.states import machine


class ContractState(enum.StrEnum):
    DRAFT = "draft"
    SIGNING = "signing"
    SIGNED = "signed"
    APPLIED = "applied"
    RETURNED = "returned"
    REGISTERED = "registered"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"


class ContractAction(enum.StrEnum):
    CONFIRM = "confirm"
    REOPEN = "reopen"
    SIGN = "sign"
    APPLY = "apply"
    RETURN = "return"
    REGISTER = "register"
    CANCEL = "cancel"
    TERMINATE = "terminate"


LABELS = {
    ContractState.DRAFT: _l("Being drafted"),
    ContractState.SIGNING: _l("To be signed"),
    ContractState.SIGNED: _l("Signed"),
    ContractState.APPLIED: _l("Registration applied for"),
    ContractState.RETURNED: _l("Returned to complete"),
    ContractState.REGISTERED: _l("Registered contract"),
    ContractState.CANCELLED: _l("Registration cancelled"),
    ContractState.TERMINATED: _l("Ended before signing"),
}
TONES = {
    ContractState.DRAFT: "neutral",
    ContractState.SIGNING: "action",
    ContractState.SIGNED: "action",
    ContractState.APPLIED: "waiting",
    ContractState.RETURNED: "waiting",
    ContractState.REGISTERED: "done",
    ContractState.CANCELLED: "refused",
    ContractState.TERMINATED: "neutral",
}

_S, _A = ContractState, ContractAction

CONTRACT = machine(
    "contract",
    _S.DRAFT,
    {
        (_S.DRAFT, _A.CONFIRM): _S.SIGNING,
        (_S.DRAFT, _A.TERMINATE): _S.TERMINATED,
        (_S.SIGNING, _A.REOPEN): _S.DRAFT,
        (_S.SIGNING, _A.TERMINATE): _S.TERMINATED,
        (_S.SIGNING, _A.SIGN): _S.SIGNED,
        (_S.SIGNED, _A.APPLY): _S.APPLIED,
        (_S.RETURNED, _A.APPLY): _S.APPLIED,
        (_S.APPLIED, _A.RETURN): _S.RETURNED,
        (_S.APPLIED, _A.REGISTER): _S.REGISTERED,
        (_S.REGISTERED, _A.CANCEL): _S.CANCELLED,
    },
)

#: Somebody still has something to do before it is registered.
OPEN = (_S.DRAFT, _S.SIGNING, _S.SIGNED, _S.APPLIED, _S.RETURNED)
