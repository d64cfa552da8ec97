"""Use cases of contracts, one module each: drafting, signing, registration, what comes after, bringing in.

Every function takes the actor and the object, locks, asks the policies and rules, writes history, audit and facts,
and never commits.
"""

from .bringing_in import Outside, import_registered
from .common import party
from .drafting import Terms, confirm_contract, draft_contract, edit_contract, reopen_contract
from .ending import agree_end, ask_end, drop_end, terminate_contract
from .entering import Entry, enter_contract
from .handing_over import hand_over
from .later import ask_cancellation, ask_change, ask_refusal, decline_request, settle_request
from .registering import (
    Application,
    apply_for_registration,
    register_contract,
    return_registration,
    set_deadlines,
    set_terms,
)
from .renaming import rename_party
from .signing import sign_contract

__all__ = [
    "Application",
    "Entry",
    "Outside",
    "Terms",
    "agree_end",
    "apply_for_registration",
    "ask_cancellation",
    "ask_change",
    "ask_end",
    "ask_refusal",
    "confirm_contract",
    "decline_request",
    "draft_contract",
    "drop_end",
    "edit_contract",
    "enter_contract",
    "hand_over",
    "import_registered",
    "party",
    "register_contract",
    "rename_party",
    "reopen_contract",
    "return_registration",
    "set_deadlines",
    "set_terms",
    "settle_request",
    "sign_contract",
    "terminate_contract",
]
