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
    REFUSED = "refused"
    REGISTERED = "registered"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    DISSOLVED = "dissolved"


class ContractAction(enum.StrEnum):
    CONFIRM = "confirm"
    REOPEN = "reopen"
    SIGN = "sign"
    APPLY = "apply"
    RETURN = "return"
    REFUSE = "refuse"
    REGISTER = "register"
    CANCEL = "cancel"
    TERMINATE = "terminate"
    DISSOLVE = "dissolve"


LABELS = {
    ContractState.DRAFT: _l("Being drafted"),
    ContractState.SIGNING: _l("To be signed"),
    ContractState.SIGNED: _l("Signed"),
    ContractState.APPLIED: _l("Registration applied for"),
    ContractState.RETURNED: _l("Returned to complete"),
    ContractState.REFUSED: _l("Registration refused"),
    ContractState.REGISTERED: _l("Registered contract"),
    ContractState.CANCELLED: _l("Registration cancelled"),
    ContractState.TERMINATED: _l("Ended before signing"),
    ContractState.DISSOLVED: _l("Dissolved by both sides"),
}
TONES = {
    ContractState.DRAFT: "neutral",
    ContractState.SIGNING: "action",
    ContractState.SIGNED: "action",
    ContractState.APPLIED: "waiting",
    ContractState.RETURNED: "waiting",
    ContractState.REFUSED: "refused",
    ContractState.REGISTERED: "done",
    ContractState.CANCELLED: "refused",
    ContractState.TERMINATED: "neutral",
    ContractState.DISSOLVED: "neutral",
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
        # 不予登记: the contract binds its sides as before, and does not count. 复核: the seller may ask once more.
        (_S.APPLIED, _A.REFUSE): _S.REFUSED,
        (_S.REFUSED, _A.APPLY): _S.APPLIED,
        # 解除: both sides let go of a signed contract; while registrars decide, nothing moves under their hands.
        (_S.SIGNED, _A.DISSOLVE): _S.DISSOLVED,
        (_S.RETURNED, _A.DISSOLVE): _S.DISSOLVED,
        (_S.REFUSED, _A.DISSOLVE): _S.DISSOLVED,
        (_S.APPLIED, _A.REGISTER): _S.REGISTERED,
        (_S.REGISTERED, _A.CANCEL): _S.CANCELLED,
    },
)

#: Somebody still has something to do before it is registered.
OPEN = (_S.DRAFT, _S.SIGNING, _S.SIGNED, _S.APPLIED, _S.RETURNED, _S.REFUSED)
#: Signed, and no registrar decides: both sides may dissolve it.
DISSOLVABLE = (_S.SIGNED, _S.RETURNED, _S.REFUSED)
