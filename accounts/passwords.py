"""Passwords by argon2id, and one-time tokens of which we keep the hash alone."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

MINIMUM_LENGTH = 10
#: A hash that no password fits: verified when the address is unknown, so that both take as long.
_NOBODY: dict[PasswordHasher, str] = {}
_STRONG = PasswordHasher()
#: Tests and the sample data sign up hundreds of people; only there is the work kept small.
_QUICK = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)


def _hasher() -> PasswordHasher:
    return _QUICK if current_app.testing else _STRONG


def hash_password(password: str, *, quick: bool = False) -> str:
    """The stored form of a password (argon2id with its own salt and cost); `quick` for sample people alone."""
    return (_QUICK if quick else _hasher()).hash(password)


def verify_password(stored: str, password: str) -> bool:
    """True if the password fits. An empty stored form fits nothing, after the same work."""
    hasher = _hasher()
    if not stored and hasher not in _NOBODY:
        _NOBODY[hasher] = hasher.hash(secrets.token_hex(16))
    try:
        return hasher.verify(stored or _NOBODY[hasher], password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """True if the cost has been raised since this hash was made."""
    return _hasher().check_needs_rehash(stored)


def new_token() -> tuple[str, str]:
    """A token for a mail, and the hash to keep."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()
