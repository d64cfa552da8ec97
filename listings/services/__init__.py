"""Use cases of results, one module each: drafts, review, the board, sales by agreement, publicity, talk, imports.

Every function takes the actor and the object, locks, asks the policies and rules, writes history, audit and facts,
and never commits.
"""

from ..values import IpValues
from .board import (
    amend,
    close,
    contract_registered,
    contract_signed,
    deal_failed,
    end_bidding,
    registration_cancelled,
    relist,
    resume,
    revise,
    start_bidding,
    suspend,
    withdraw,
)
from .common import reindex_of
from .drafts import add_file, create_draft, discard, remove_file, save_draft, set_ip_items
from .handing_over import hand_over
from .imports import import_rows, plan
from .publicity import decide_objection, end_due, lodge_objection, pass_publicity
from .review import approve, org_approve, org_return, recall, reject, return_for_correction, submit
from .rights import renew_right, suspend_lapsed
from .sales import confirm_sale, decline_sale, propose_sale, withdraw_sale
from .talk import answer_question, ask_access, ask_question, decide_access

__all__ = [
    "IpValues",
    "add_file",
    "amend",
    "answer_question",
    "approve",
    "ask_access",
    "ask_question",
    "close",
    "confirm_sale",
    "contract_registered",
    "contract_signed",
    "create_draft",
    "deal_failed",
    "decide_access",
    "decide_objection",
    "decline_sale",
    "discard",
    "end_bidding",
    "end_due",
    "hand_over",
    "import_rows",
    "lodge_objection",
    "org_approve",
    "org_return",
    "pass_publicity",
    "plan",
    "propose_sale",
    "recall",
    "registration_cancelled",
    "reindex_of",
    "reject",
    "relist",
    "remove_file",
    "renew_right",
    "resume",
    "return_for_correction",
    "revise",
    "save_draft",
    "set_ip_items",
    "start_bidding",
    "submit",
    "suspend",
    "suspend_lapsed",
    "withdraw",
    "withdraw_sale",
]
