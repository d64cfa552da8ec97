"""What a member who leaves would leave behind: each package tells what is open, this one shows it and says who takes it.

A package registers a finder in its `init_app` and takes the work over itself when it hears `MembershipEnded`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marketplace.permissions import Permission

from .queries import members
from .roles import ORG_PERMISSIONS, OrgRole


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One open thing, the page that deals with it, and what is still to be done."""

    label: str
    url: str
    note: Any = ""
    #: Set where it is nobody's own but waits for whoever holds this permission; None: it goes to the heir.
    needs: Permission | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves which organisation, and what nobody else there may do."""

    organisation_id: int
    user_id: int
    only_theirs: frozenset[Permission]


Finder = Callable[[Leaving], list[OpenWork]]
_finders: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    """Let a package tell what somebody who leaves has open; the same name twice replaces the first."""
    _finders[name] = finder


def open_work(organisation_id: int, user_id: int) -> list[OpenWork]:
    """Everything that this member has open in the organisation, or that nobody else there may do."""
    leaving = Leaving(organisation_id, user_id, _only_theirs(organisation_id, user_id))
    return [work for name in sorted(_finders) for work in _finders[name](leaving)]


def _only_theirs(organisation_id: int, user_id: int) -> frozenset[Permission]:
    """Permissions that no other member's roles carry."""
    theirs: set[Permission] = set()
    others: set[Permission] = set()
    for one in members(organisation_id):
        granted = {each for role in one.roles for each in ORG_PERMISSIONS[OrgRole(role)]}
        if one.user_id == user_id:
            theirs = granted
        elif one.user.disabled_at is None:
            others |= granted
    return frozenset(theirs - others)
