"""The second factor: time-based codes (RFC 6238), each accepted once; recovery codes for a lost device."""

from __future__ import annotations

import secrets

import pyotp
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from marketplace import audit, limits
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import Conflict
from marketplace.permissions import Actor

from .. import notifications
from ..errors import WrongCode
from ..models import RecoveryCode, User
from ..passwords import token_hash
from .sessions import sign_out_everywhere

ISSUER = "龙江科技成果交易网"
STEP_SECONDS = 30
RECOVERY_CODES = 8


def begin_totp(user: User) -> str:
    """A secret waiting to be confirmed; returns the address that authenticator apps read.

    The same until it is confirmed, so that a page loaded twice does not spoil the code already scanned.
    """
    if user.totp_confirmed_at is not None:
        raise Conflict(_l("The second factor is on already."))
    if not user.totp_secret:
        user.totp_secret = pyotp.random_base32()
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm_totp(actor: Actor, user: User, code: str) -> list[str]:
    """Turn the second factor on with a first good code; returns recovery codes, shown once.

    Raises:
        TooMany, WrongCode: as `check_code`.
    """
    _check(user, code)
    user.totp_confirmed_at = db_now()
    audit.record(actor, "user.second_factor_on", user, label=user.email)
    notifications.second_factor_changed(user)
    return _new_codes(user)


def renew_recovery_codes(actor: Actor, user: User) -> list[str]:
    """Replace all recovery codes; returns the new ones, shown once."""
    audit.record(actor, "user.recovery_codes", user, label=user.email)
    notifications.second_factor_changed(user)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    codes = ["-".join((secrets.token_hex(3), secrets.token_hex(3))) for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=token_hash(one)) for one in codes)
    return codes


def check_code(user: User, code: str) -> None:
    """Accept a code of the app, or a recovery code.

    Raises:
        TooMany: wrong tries have locked the second factor.
        WrongCode: neither.
    """
    _check(user, code, recovery=True)


def _check(user: User, code: str, *, recovery: bool = False) -> None:
    key = f"totp:{user.id}"
    limits.check_lock(key)
    given = "".join(code.split()).lower()
    # Locked, so that of two requests with the same code one finds it used.
    db.session.flush()
    db.session.refresh(user, with_for_update=True)
    if not (_accept_app(user, given) or (recovery and _accept_recovery(user, given))):
        limits.failed(key)
        raise WrongCode
    limits.succeeded(key)


def _accept_app(user: User, given: str) -> bool:
    """True for the code of this step or a neighbour, once: a code that was seen is worthless."""
    totp = pyotp.TOTP(user.totp_secret)
    present = int(db_now().timestamp()) // STEP_SECONDS
    for step in (present, present - 1, present + 1):
        fits = secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), given.encode())
        if fits and step > user.totp_last_step:
            user.totp_last_step = step
            return True
    return False


def _accept_recovery(user: User, given: str) -> bool:
    found = db.session.get(RecoveryCode, (user.id, token_hash(given)), with_for_update=True)
    if found is None or found.used_at is not None:
        return False
    found.used_at = db_now()
    notifications.recovery_code_used(user)
    return True


def turn_off_totp(actor: Actor, user: User) -> None:
    """A person turns their own second factor off.

    Raises:
        Conflict: they are staff, who need one.
    """
    if user.staff_roles:
        raise Conflict(_l("Staff of the exchange need a second factor."))
    _forget(actor, user)


def remove_totp(actor: Actor, user: User) -> None:
    """An operator takes a lost second factor off; every session ends, and staff enrol anew before anything else."""
    _forget(actor, user)
    sign_out_everywhere(actor, user)


def _forget(actor: Actor, user: User) -> None:
    # The last step stays: a code of the old secret is worthless anyway, and time only goes forward.
    user.totp_secret, user.totp_confirmed_at = "", None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    audit.record(actor, "user.second_factor_off", user, label=user.email)
    notifications.second_factor_changed(user)
