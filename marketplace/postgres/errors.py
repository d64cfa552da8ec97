"""What can go wrong with the embedded server, each told in one sentence a person can act on."""

from __future__ import annotations


class PostgresError(Exception):
    """The embedded server cannot be had; the message says why and what to do."""
