"""The reference number of the request under way: on every log line, error page and audit entry."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("request_id", default="")
_WELL_FORMED = re.compile(r"[0-9A-Za-z-]{8,40}")


def begin(offered: str | None = None) -> str:
    """Take on the caller's reference if it is well formed, else a new one."""
    value = offered if offered and _WELL_FORMED.fullmatch(offered) else secrets.token_hex(8)
    _current.set(value)
    return value


def get() -> str:
    """The present reference, or an empty text outside requests."""
    return _current.get()
