"""From the signed cookie to the actor: Flask-Login keeps who is signed in, a row says whether that still holds.

The cookie names the sign-in (`sid`), the person (`uid`), the organisation acted for (`org`) and the epoch, so
that the bidding view can hand them to the desk without reading anything; the desk checks them in its batch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import Flask, g, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import and_, func, select

from marketplace import api_tokens, side
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.edge import Exchange
from marketplace.permissions import ANONYMOUS, Actor

from . import queries
from .models import Membership, Organisation, User, UserSession
from .roles import OrgRole, StaffRole, permissions_of
from .states import OrganisationState

#: Last-seen is written at most this often, so that reading pages does not write each time.
TOUCH = timedelta(minutes=1)
#: Between the password and the code a person has this long.
HALFWAY_TIME = timedelta(minutes=10)
HALFWAY = "halfway"

manager = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]
    """A sign-in as Flask-Login wants it: its id is the session row's."""

    def __init__(
        self, row: UserSession, user: User, member: Membership | None, organisation: Organisation | None
    ) -> None:
        self.id = row.id
        self.row = row
        self.user = user
        self.member = member
        self.organisation = organisation


def init_app(app: Flask) -> None:
    """Install the session mechanism and the loader of actors."""
    # Templates ask for the actor; an error page of a database that is down must not ask for anybody.
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None  # rows of our own are checked; an address may change on the train
    manager.user_loader(load)
    cast("Exchange", app).actor_loader = load_actor


_QUERY = (
    select(UserSession, User, Membership, Organisation, func.clock_timestamp())
    .join(User, User.id == UserSession.user_id)
    .outerjoin(
        Membership,
        and_(
            Membership.user_id == UserSession.user_id,
            Membership.organisation_id == UserSession.organisation_id,
            Membership.ended_at.is_(None),
        ),
    )
    .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
)


def load(session_id: str) -> SignedIn | None:
    """The sign-in if it still holds: not revoked, of the user's epoch, of a person who is not disabled."""
    found = db.session.execute(_QUERY.where(UserSession.id == session_id)).one_or_none()
    if found is None:
        return None
    row, user, member, organisation, now = found
    if row.revoked_at is not None or row.epoch != user.epoch or user.disabled_at is not None:
        return None
    if now - row.last_seen_at > TOUCH:
        # On a connection of its own: requests of one person must not wait for each other's end.
        side.run("UPDATE user_sessions SET last_seen_at = clock_timestamp() WHERE id = :id", id=row.id)
    return SignedIn(row, user, member, organisation)


def sign_in(row: UserSession) -> None:
    """Put the sign-in into a fresh cookie: nothing of the visitor's session before survives but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = True
    login_user(SignedIn(row, db.session.get_one(User, row.user_id), None, None))
    remember(row)


def remember(row: UserSession) -> None:
    """Write the cookie anew, and let the rest of this request see who acts for whom now."""
    session.update(cookie_of(row))
    g.pop("_login_user", None)
    g.pop("actor", None)


def cookie_of(row: UserSession) -> dict[str, Any]:
    """What the cookie says of a sign-in: Flask-Login's keys, and what the bidding view reads."""
    return {
        "_user_id": row.id,
        "_fresh": True,
        "sid": row.id,
        "uid": row.user_id,
        "org": row.organisation_id,
        "epoch": row.epoch,
    }


def sign_out() -> None:
    """Forget the sign-in in this browser."""
    logout_user()
    for key in ("sid", "uid", "org", "epoch"):
        session.pop(key, None)
    g.pop("actor", None)


def current_session() -> UserSession | None:
    """The row of the present sign-in."""
    return cast("UserSession", current_user.row) if current_user.is_authenticated else None


def load_actor() -> Actor:
    """Who is calling: by bearer token, by session, or nobody."""
    token = api_tokens.token_from_request()
    if token is not None:
        user = db.session.get(User, token.user_id)
        if user is None or user.disabled_at is not None:
            return ANONYMOUS
        return api_tokens.narrow(actor_of(user, token.organisation_id), token)
    if not current_user.is_authenticated:
        return ANONYMOUS
    return _actor(current_user.user, current_user.member, current_user.organisation)


def actor_of(user: User, organisation_id: int | None) -> Actor:
    """A person acting for one of their organisations, or for themselves."""
    member = queries.membership(user.id, organisation_id) if organisation_id else None
    return _actor(user, member, queries.get_organisation(member.organisation_id) if member else None)


def _actor(user: User, member: Membership | None, organisation: Organisation | None) -> Actor:
    roles = frozenset(OrgRole(role) for role in member.roles) if member else frozenset[OrgRole]()
    # Roles at the exchange sleep until the second factor is on.
    staff = frozenset(StaffRole(role) for role in user.staff_roles if user.totp_confirmed_at is not None)
    return Actor(
        user_id=user.id,
        name=user.name,
        permissions=permissions_of(roles, staff),
        organisation_id=organisation.id if organisation else None,
        organisation_name=organisation.name if organisation else "",
        organisation_verified=organisation is not None and organisation.state is OrganisationState.VERIFIED,
        organisation_roles=frozenset(role.value for role in roles),
        staff_roles=frozenset(role.value for role in staff),
        locale=user.locale,
    )


def begin_halfway(user: User) -> None:
    """Remember that the password was right; the second factor is still to come."""
    until = (db_now() + HALFWAY_TIME).timestamp()
    session[HALFWAY] = {"uid": user.id, "epoch": user.epoch, "until": until}


def halfway_user() -> User | None:
    """Who has given the right password a short while ago, and not yet the code."""
    kept = session.get(HALFWAY)
    user = db.session.get(User, kept["uid"]) if kept else None
    if kept is None or user is None or user.disabled_at is not None:
        return None
    return user if kept["epoch"] == user.epoch and db_now().timestamp() < kept["until"] else None


def client_ip() -> str:
    """The visitor's address, as far as we trust who stands in front of us."""
    return request.remote_addr or ""
