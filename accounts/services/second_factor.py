"""The second factor: time-based codes (RFC 6238), each accepted once; recovery codes for a lost device."""

from __future__ import annotations

import secrets

import pyotp

from marketplace import audit, limits
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.permissions import Actor

from .. import notifications
from ..errors import WrongCode
from ..models import RecoveryCode, User
from ..passwords import token_hash

ISSUER = "龙江科技成果交易网"
STEP_SECONDS = 30
RECOVERY_CODES = 8


def begin_totp(user: User) -> str:
    """A new secret waiting to be confirmed; returns the address that authenticator apps read."""
    if not user.totp_secret or user.totp_confirmed_at is not None:
        user.totp_secret, user.totp_confirmed_at = pyotp.random_base32(), None
    return pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def confirm_totp(actor: Actor, user: User, code: str) -> list[str]:
    """Turn the second factor on with a first good code; returns recovery codes, shown once."""
    _accept(user, code)
    user.totp_confirmed_at = db_now()
    codes = ["-".join((secrets.token_hex(3), secrets.token_hex(3))) for _ in range(RECOVERY_CODES)]
    db.session.query(RecoveryCode).filter_by(user_id=user.id).delete()
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=token_hash(one)) for one in codes)
    audit.record(actor, "user.second_factor_on", user, label=user.email)
    notifications.second_factor_changed(user)
    return codes


def check_code(user: User, code: str) -> None:
    """Accept a code of the app, or a recovery code.

    Raises:
        TooMany: wrong tries have locked the second factor.
        WrongCode: neither.
    """
    key = f"totp:{user.id}"
    limits.check_lock(key)
    try:
        _accept(user, code) if code.strip().isdigit() else _accept_recovery(user, code)
    except WrongCode:
        limits.failed(key)
        raise
    limits.succeeded(key)


def _accept(user: User, code: str) -> None:
    """Accept the code of this step or a neighbour, once: a code that was seen is worthless."""
    totp, given = pyotp.TOTP(user.totp_secret), code.strip().replace(" ", "")
    present = int(db_now().timestamp()) // STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if step > user.totp_last_step and secrets.compare_digest(totp.at(step * STEP_SECONDS), given):
            user.totp_last_step = step
            return
    raise WrongCode


def _accept_recovery(user: User, code: str) -> None:
    found = db.session.get(RecoveryCode, (user.id, token_hash(code.strip().lower())), with_for_update=True)
    if found is None or found.used_at is not None:
        raise WrongCode
    found.used_at = db_now()
    notifications.recovery_code_used(user)


def remove_totp(actor: Actor, user: User) -> None:
    """An operator takes a lost second factor off; staff must enrol anew before anything else."""
    user.totp_secret, user.totp_confirmed_at, user.totp_last_step = "", None, 0
    audit.record(actor, "user.second_factor_off", user, label=user.email)
    notifications.second_factor_changed(user)
