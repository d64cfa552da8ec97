"""Signing up, signing in, passwords, profiles, staff roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace import api_tokens, audit, limits
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import DomainError, Invalid
from marketplace.permissions import SYSTEM, Actor

from .. import notifications
from ..errors import AlreadyKnown, TokenExpired, WrongCredentials
from ..models import OneTimeToken, User
from ..passwords import hash_password, needs_rehash, new_token, token_hash, verify_password
from ..queries import user_by_email
from ..roles import StaffRole
from ..rules import clean_email, weak_password
from ..states import TokenPurpose
from .sessions import sign_out_everywhere

LIFETIME = {
    TokenPurpose.CONFIRM: timedelta(days=3),
    TokenPurpose.RESET: timedelta(hours=2),
    TokenPurpose.INVITE: timedelta(days=14),
}


def create_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str = "",
    locale: str = "zh_CN",
    confirmed: bool = False,
    staff_roles: tuple[StaffRole, ...] = (),
    sample: bool = False,
) -> User:
    """Make a person (an operator's act, the sign-up form's, or an accepted invitation's).

    Raises:
        AlreadyKnown: the address has an account.
        Invalid: the password is too weak.
    """
    known = AlreadyKnown(fields={"email": [_l("This address has an account already.")]})
    if user_by_email(email) is not None:
        raise known
    user = User(
        email=clean_email(email),
        name=name.strip(),
        locale=locale,
        password_hash=_first_hash(password, name, email, sample) if password else "",
        email_confirmed_at=db_now() if confirmed else None,
        staff_roles=[role.value for role in staff_roles],
        sample=sample,
    )
    with unless_taken(known):
        db.session.add(user)
    after = {"email": user.email, "name": user.name, "staff_roles": user.staff_roles}
    audit.record(actor, "user.created", user, after=after, label=user.email)
    return user


@contextmanager
def unless_taken(error: DomainError) -> Iterator[None]:
    """Add a row within a savepoint; if somebody was quicker with the same unique value, raise the error instead."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError:
        raise error from None


def _first_hash(password: str, name: str, email: str, sample: bool) -> str:
    # Everybody knows the password of the sample people, so its strength is no question.
    return hash_password(password, quick=True) if sample else _accepted(password, name, email)


def _accepted(password: str, name: str, email: str) -> str:
    if weak_password(password, name, email.split("@", maxsplit=1)[0]):
        raise Invalid(fields={"password": [_l("At least 10 characters, not your name, not one repeated.")]})
    return hash_password(password)


def sign_up(*, email: str, name: str, password: str, ip: str, locale: str = "zh_CN") -> None:
    """Take a person's own registration and mail the link that confirms the address.

    An address that has an account already gets a mail that says so, and the page answers the same, so
    that nobody learns who is registered.

    Raises:
        Invalid: the password is too weak.
        TooMany: too many registrations from this network, or for this address.
    """
    limits.hit(f"sign_up_from:{ip}", limit=20, window_s=3600)
    limits.hit(f"sign_up:{clean_email(email)}", limit=5, window_s=3600)
    known = user_by_email(email)
    if known is None:
        send_confirmation(create_user(SYSTEM, email=email, name=name, password=password, locale=locale))
        return
    _accepted(password, name, email)
    notifications.already_registered(known)


def send_confirmation(user: User) -> None:
    """Mail the link that confirms the address.

    Raises:
        TooMany: links were asked for too often.
    """
    limits.hit(f"confirm:{user.email}", limit=5, window_s=3600)
    notifications.confirm_email(user, issue_token(TokenPurpose.CONFIRM, user=user))


def issue_token(
    purpose: TokenPurpose, *, user: User | None = None, email: str = "", payload: dict[str, Any] | None = None
) -> str:
    """A new one-time token; only its hash is kept."""
    token, digest = new_token()
    db.session.flush()
    db.session.add(
        OneTimeToken(
            token_hash=digest,
            purpose=purpose,
            user_id=user.id if user else None,
            email=email,
            payload=payload or {},
            expires_at=db_now() + LIFETIME[purpose],
        )
    )
    return token


def look_up_token(purpose: TokenPurpose, token: str) -> OneTimeToken:
    """The unused, unexpired token, locked so that it works once.

    Raises:
        TokenExpired: there is none such.
    """
    query = select(OneTimeToken).where(OneTimeToken.token_hash == token_hash(token), OneTimeToken.purpose == purpose)
    found = db.session.scalars(query.with_for_update()).one_or_none()
    if found is None or found.used_at is not None or found.expires_at <= db_now():
        raise TokenExpired
    return found


def _owner_of(token: OneTimeToken) -> User:
    user = db.session.get(User, token.user_id) if token.user_id else None
    if user is None:
        raise TokenExpired
    return user


def confirm_email(token: str) -> User:
    """The address is real: its owner followed the link."""
    found = look_up_token(TokenPurpose.CONFIRM, token)
    user = _owner_of(found)
    now = db_now()
    found.used_at, user.email_confirmed_at = now, user.email_confirmed_at or now
    audit.record(SYSTEM, "user.email_confirmed", user, label=user.email)
    return user


def authenticate(email: str, password: str, ip: str) -> User:
    """The person these credentials belong to.

    Raises:
        TooMany: wrong tries have locked the address, or this network tries too often.
        WrongCredentials: unknown address, wrong password, or an account that is closed.
    """
    key = f"sign_in:{clean_email(email)}"
    limits.hit(f"sign_in_from:{ip}", limit=200, window_s=600)
    limits.check_lock(key)
    user = user_by_email(email)
    if not verify_password(user.password_hash if user else "", password) or user is None or user.disabled_at:
        limits.failed(key)
        raise WrongCredentials
    limits.succeeded(key)
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def request_password_reset(email: str, ip: str) -> None:
    """Mail a link that sets a new password, if the address has an account.

    For an unknown address the same work is done and taken back, so that neither the answer nor the time it takes
    tells who is registered.

    Raises:
        TooMany: too many links from this network, or for this address.
    """
    limits.hit(f"reset_from:{ip}", limit=20, window_s=3600)
    limits.hit(f"reset:{clean_email(email)}", limit=5, window_s=3600)
    user = user_by_email(email)
    if user is not None and user.disabled_at is None:
        notifications.reset_password(user, issue_token(TokenPurpose.RESET, user=user))
        return
    with db.session.begin_nested() as unsaid:
        notifications.reset_password(User(name=email, email=email, locale="zh_CN"), issue_token(TokenPurpose.RESET))
        unsaid.rollback()


def send_password_link(user: User) -> str:
    """Mail the first link to somebody whose account was made for them; returns the token."""
    token = issue_token(TokenPurpose.RESET, user=user)
    notifications.account_made(user, token)
    return token


def reset_password(token: str, password: str) -> User:
    """Set a new password from a mailed link; every session ends, the second factor stays."""
    found = look_up_token(TokenPurpose.RESET, token)
    user = _owner_of(found)
    user.password_hash = _accepted(password, user.name, user.email)
    found.used_at = db_now()
    user.email_confirmed_at = user.email_confirmed_at or found.used_at
    sign_out_everywhere(SYSTEM, user)
    api_tokens.revoke_all(user.id)
    limits.succeeded(f"sign_in:{user.email}")
    audit.record(SYSTEM, "user.password_reset", user, label=user.email)
    notifications.password_changed(user)
    return user


def change_password(actor: Actor, user: User, old: str, new: str) -> None:
    """Change one's own password; sessions elsewhere end."""
    if not verify_password(user.password_hash, old):
        raise Invalid(fields={"old": [_l("This is not your present password.")]})
    user.password_hash = _accepted(new, user.name, user.email)
    sign_out_everywhere(actor, user)
    audit.record(actor, "user.password_changed", user, label=user.email)
    notifications.password_changed(user)


def update_profile(actor: Actor, user: User, *, name: str, phone: str, locale: str) -> None:
    """Change what a person says of themselves."""
    values = {"name": name.strip(), "phone": phone.strip(), "locale": locale}
    before, after = audit.changes(user, values)
    for key, value in values.items():
        setattr(user, key, value)
    if after:
        audit.record(actor, "user.updated", user, before, after, label=user.email)


def set_staff_roles(actor: Actor, user: User, roles: list[StaffRole]) -> None:
    """Give or take roles at the exchange; nobody changes their own.

    Who becomes staff signs in anew, and enrols a second factor on the way.
    """
    if actor.user_id == user.id:
        raise Invalid(_l("Another operator must change your own roles."))
    values = {"staff_roles": sorted(role.value for role in roles)}
    before, after = audit.changes(user, values)
    user.staff_roles = values["staff_roles"]
    if set(user.staff_roles) - set(before.get("staff_roles", user.staff_roles)):
        sign_out_everywhere(actor, user)
    if after:
        audit.record(actor, "user.staff_roles", user, before, after, label=user.email)


def disable_user(actor: Actor, user: User, reason: str) -> None:
    """Close an account: no sign-in, every session ends; what the person did stays on record."""
    if actor.user_id == user.id:
        raise Invalid(_l("You cannot close your own account here."))
    user.disabled_at = db_now()
    sign_out_everywhere(actor, user)
    api_tokens.revoke_all(user.id)
    audit.record(actor, "user.disabled", user, after={"reason": reason}, label=user.email)


def enable_user(actor: Actor, user: User) -> None:
    """Open a closed account again."""
    user.disabled_at = None
    audit.record(actor, "user.enabled", user, label=user.email)
