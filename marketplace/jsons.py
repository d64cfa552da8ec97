"""One way to write a value as JSON: Decimals as strings, moments in UTC, keys sorted."""

from __future__ import annotations

import enum
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

#: Most values, and already what JSON knows: the long way round is for the others.
_AS_IS = frozenset({str, int, bool, float})


def plain(value: Any) -> Any:
    """The value in JSON's own types, exact: money as text, moments as ISO 8601 UTC."""
    if value is None or type(value) in _AS_IS:
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def canonical(value: Any) -> bytes:
    """The one byte sequence that stands for this value; hashes are taken over it."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
