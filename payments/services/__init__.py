"""What happens to deposits. Each step locks the row, writes one movement and one audit entry, and tells others."""

from .decisions import apply, approve, drop_prepared, forfeit, hold, prepare, propose, release, stand_down
from .receipts import confirm_receipt, record_receipt, record_refund, require

__all__ = [
    "apply",
    "approve",
    "confirm_receipt",
    "drop_prepared",
    "forfeit",
    "hold",
    "prepare",
    "propose",
    "record_receipt",
    "record_refund",
    "release",
    "require",
    "stand_down",
]
