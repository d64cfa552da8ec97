"""Who may do what: names of permissions, the actor, the route decorators, and reasons for a no.

A permission opens a route; a package's `policies.py` then decides about the single object, as a pure
function `(actor, obj) -> Allowed | Denied(reason)`. Which role carries which permission is a table in
`accounts.rules`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from .errors import Forbidden, SignInRequired

P = ParamSpec("P")
R = TypeVar("R")


class Permission(enum.StrEnum):
    """Named `scope:resource:action`; scopes are `own` (signed in), `org` (a member's role), `staff`."""

    # Anyone signed in
    ACCOUNT_USE = "own:account:use"
    # A member of an organisation, by role
    ORG_MANAGE = "org:organisation:manage"
    ORG_READ = "org:organisation:read"
    LISTING_EDIT = "org:listing:edit"
    LISTING_APPROVE = "org:listing:approve"
    AUCTION_REQUEST = "org:auction:request"
    BID_PLACE = "org:bid:place"
    BID_APPROVE = "org:bid:approve"
    DEPOSIT_READ = "org:deposit:read"
    CONTRACT_EDIT = "org:contract:edit"
    CONTRACT_SIGN = "org:contract:sign"
    # Staff of the exchange, by role
    ORG_VERIFY = "staff:organisation:verify"
    LISTING_REVIEW = "staff:listing:review"
    AUCTION_RUN = "staff:auction:run"
    DEPOSIT_RECORD = "staff:deposit:record"
    DEPOSIT_APPROVE = "staff:deposit:approve"
    CONTRACT_REGISTER = "staff:contract:register"
    TARGET_SET = "staff:target:set"
    USERS_MANAGE = "staff:users:manage"
    SYSTEM_OPERATE = "staff:system:operate"
    AUDIT_READ = "staff:audit:read"
    DESK_STAFF = "staff:desk:read"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, perhaps for an organisation, or the system itself.

    Built by `accounts` from the session or the API token; services take it as an argument and never
    look at the request themselves.
    """

    user_id: int | None
    name: str
    permissions: frozenset[Permission] = frozenset()
    #: The organisation acted for, and the actor's roles there (values of `accounts` role enums).
    organisation_id: int | None = None
    organisation_name: str = ""
    organisation_verified: bool = False
    organisation_roles: frozenset[str] = frozenset()
    staff_roles: frozenset[str] = frozenset()
    #: True for the scheduler, commands and handlers.
    system: bool = False
    locale: str = "zh_CN"
    extra: dict[str, Any] = field(default_factory=dict, compare=False)

    def can(self, permission: Permission) -> bool:
        return self.system or permission in self.permissions

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def staff(self) -> bool:
        return bool(self.staff_roles)

    def acts_for(self, organisation_id: int | None) -> bool:
        """True if this is the organisation the actor acts for."""
        return self.system or (organisation_id is not None and organisation_id == self.organisation_id)


#: The scheduler, fact handlers and commands act as this.
SYSTEM = Actor(user_id=None, name="系统", system=True)
ANONYMOUS = Actor(user_id=None, name="")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""

    def __bool__(self) -> bool:
        return True

    def check(self) -> None:
        """Do nothing: the step is allowed."""


@dataclass(frozen=True, slots=True)
class Denied:
    """No, and why; templates show the reason beside the button that is not there."""

    reason: Any
    code: str = "forbidden"

    def __bool__(self) -> bool:
        return False

    def check(self) -> None:
        """Raise the denial as an error."""
        raise Forbidden(self.reason)


Decision = Allowed | Denied
ALLOWED = Allowed()

#: What a view declares: None for everyone.
_ATTRIBUTE = "__exchange_permission__"


@dataclass(frozen=True, slots=True)
class RouteRule:
    """The permission a view function declares."""

    permission: Permission | None
    #: Names the place that checks instead of the edge (the bidding desk checks inside its batch).
    checked_by: str = ""


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that everyone may call this view."""
    setattr(view, _ATTRIBUTE, RouteRule(None))
    return view


def requires(permission: Permission, *, checked_by: str = "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the permission that opens this view; the edge checks it before the view runs."""

    def declare(view: Callable[P, R]) -> Callable[P, R]:
        setattr(view, _ATTRIBUTE, RouteRule(permission, checked_by))
        return view

    return declare


def rule_of(view: Any) -> RouteRule | None:
    """What a view declares, or None if it declares nothing (a test refuses that)."""
    found = getattr(view, _ATTRIBUTE, None)
    return found if isinstance(found, RouteRule) else None


def enforce(rule: RouteRule | None, actor: Actor) -> None:
    """Let the actor through or raise.

    Raises:
        SignInRequired: nobody is signed in and the view is not public.
        Forbidden: the view declares nothing, or the actor lacks its permission.
    """
    if rule is None:
        raise Forbidden
    if rule.permission is None or rule.checked_by:
        return
    if not actor.signed_in:
        raise SignInRequired
    if not actor.can(rule.permission):
        raise Forbidden
