"""What can go wrong, in the product's own words.

Services raise these; `marketplace.edge` alone knows which HTTP status and page each becomes.
Packages subclass the one that fits and give it a `code` that stays the same for ever: clients and
tests rely on the code, people read the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l


class DomainError(Exception):
    """A request that the rules refuse. `facts` fill the message and travel to API clients."""

    code = "refused"
    message: Any = _l("The request was refused.")

    def __init__(self, message: Any = None, **facts: object) -> None:
        self.facts = facts
        if message is not None:
            self.message = message
        super().__init__(self.code)

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.facts if self.facts and "%(" in text else text


class NotFound(DomainError):
    """No such thing, or not one this actor may know of."""

    code = "not_found"
    message = _l("There is no such page, or it is not open to you.")


class Forbidden(DomainError):
    """The actor sees the thing but may not do this to it."""

    code = "forbidden"
    message = _l("You may not do this.")


class SignInRequired(Forbidden):
    """Nobody is signed in; the edge leads pages to the sign-in form."""

    code = "sign_in_required"
    message = _l("Please sign in first.")


class Invalid(DomainError):
    """The input does not fit. `fields` maps a field's name to its messages, shown beside it."""

    code = "invalid"
    message = _l("Some entries need correcting.")

    def __init__(self, message: Any = None, fields: Mapping[str, list[Any]] | None = None, **facts: object) -> None:
        super().__init__(message, **facts)
        self.fields = dict(fields or {})


class Conflict(DomainError):
    """The thing is not in a state where this is possible, or somebody was quicker."""

    code = "conflict"
    message = _l("This is no longer possible: the record has changed.")


class IllegalTransition(Conflict):
    """The state machine has no such step from the present state."""

    code = "illegal_transition"
    message = _l("This step is not possible in the present state.")


class TooMany(DomainError):
    """A rate limit or lock-out is in force until `retry_after` seconds have passed."""

    code = "too_many"
    message = _l("Too many attempts. Please wait and try again.")

    def __init__(self, message: Any = None, retry_after: int = 60, **facts: object) -> None:
        super().__init__(message, retry_after=retry_after, **facts)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A part we depend on does not answer in time; nothing was changed."""

    code = "unavailable"
    message = _l("The service is busy. Nothing was changed; please try again.")
