"""Sign-ins: one row each, so that they can be listed and ended."""

from __future__ import annotations

import secrets

from sqlalchemy import update

from marketplace import audit
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.errors import NotFound
from marketplace.permissions import Actor

from ..models import User, UserSession
from ..queries import last_acted_for, membership, memberships_of


def start_session(user: User, ip: str, user_agent: str) -> UserSession:
    """Begin a sign-in under a fresh random id; it acts for the organisation of the last one, else for the first."""
    present = [one.organisation_id for one in memberships_of(user.id)]
    last = last_acted_for(user.id)
    now = db_now()
    session = UserSession(
        id=secrets.token_urlsafe(32),
        user_id=user.id,
        epoch=user.epoch,
        organisation_id=last if last in present else next(iter(present), None),
        ip=ip[:45],
        user_agent=user_agent[:300],
        created_at=now,
        last_seen_at=now,
    )
    db.session.add(session)
    return session


def switch_organisation(session: UserSession, organisation_id: int | None) -> None:
    """Act for another of one's organisations, or for oneself.

    Raises:
        NotFound: not a member there.
    """
    if organisation_id is not None and membership(session.user_id, organisation_id) is None:
        raise NotFound
    session.organisation_id = organisation_id


def revoke_session(user_id: int, session_id: str) -> None:
    """End one of one's own sign-ins."""
    session = db.session.get(UserSession, session_id)
    if session is None or session.user_id != user_id:
        raise NotFound
    session.revoked_at = session.revoked_at or db_now()


def sign_out_everywhere(actor: Actor, user: User) -> None:
    """End every sign-in at once: sessions of a lower epoch are dead wherever they are checked."""
    user.epoch += 1
    db.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=db_now())
    )
    audit.record(actor, "user.signed_out_everywhere", user, label=user.email)
