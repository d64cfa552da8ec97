"""What people do with auctions: ask, announce, register, admit, suspend, resume, cancel.

Bids go through `desk`, the end through `closing`. Every function takes the actor and the object, locks, asks the
policies and terms, writes history, audit and facts, tells people, and never commits.
"""

from .handing_over import hand_over
from .registration import approve_bidder, deposit_locked, refuse_bidder, register_bidder
from .requests import announce, revise, schedule, send_back
from .running import cancel, resume, suspend

#: Names by which other packages know them.
qualify, refuse = approve_bidder, refuse_bidder

__all__ = [
    "announce",
    "approve_bidder",
    "cancel",
    "deposit_locked",
    "hand_over",
    "qualify",
    "refuse",
    "refuse_bidder",
    "register_bidder",
    "resume",
    "revise",
    "schedule",
    "send_back",
    "suspend",
]
