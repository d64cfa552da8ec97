"""What a deposit is for, in words: higher packages say how to read the references they made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing a deposit stands for, as pages show it."""

    label: Any
    url: str = ""


Describe = Callable[[str], Subject]
_kinds: dict[str, Describe] = {}


def register(kind: str, describe: Describe) -> None:
    """Teach this package references `kind:…`; `describe` gets what follows the colon and reads no database."""
    _kinds[kind] = describe


def subject(reference: str) -> Subject:
    """The subject of a reference; an unknown kind is shown as it is written."""
    kind, _, rest = reference.partition(":")
    return _kinds[kind](rest) if kind in _kinds else Subject(reference)
