"""What is written about a result, before it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .kinds import IpKind, IpStatus


@dataclass(frozen=True, slots=True)
class IpValues:
    """One IP item as it was typed or imported."""

    kind: IpKind
    number: str = ""
    title: str = ""
    holder: str = ""
    filed_on: date | None = None
    granted_on: date | None = None
    status: IpStatus = IpStatus.GRANTED
    fee_paid_to: date | None = None
    encumbrance: str = ""
    ipc: str = ""
