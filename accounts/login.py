"""From the signed cookie to the actor: Flask-Login keeps who is signed in, a row says whether that still holds.

The cookie names the sign-in (`sid`), the person (`uid`), the organisation acted for (`org`) and the epoch, so
that the bidding view can hand them to the desk without reading anything; the desk checks them in its batch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_user, logout_user
from sqlalchemy import select

from marketplace import api_tokens
from marketplace.clock import db_now
from marketplace.db import db
from marketplace.edge import Exchange
from marketplace.permissions import ANONYMOUS, Actor

from .models import Membership, Organisation, User, UserSession
from .roles import OrgRole, StaffRole, permissions_of
from .states import OrganisationState

KEYS = ("sid", "uid", "org", "epoch")
#: Last-seen is written at most this often, so that reading pages does not write each time.
TOUCH = timedelta(minutes=1)
#: What staff without a second factor may still open: enrolling it, and leaving.
BEFORE_ENROLMENT = ("accounts.enrol", "accounts.enrol_confirm", "accounts.sign_out", "static")

manager = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]
    """A sign-in as Flask-Login wants it: its id is the session row's."""

    def __init__(self, row: UserSession) -> None:
        self.id = row.id
        self.row = row


def init_app(app: Flask) -> None:
    """Install the session mechanism and the loader of actors."""
    manager.init_app(app)
    manager.session_protection = None  # rows of our own are checked; an address may change on the train
    manager.user_loader(_load_row)
    cast("Exchange", app).actor_loader = load_actor
    app.before_request(require_second_factor)


def _load_row(session_id: str) -> SignedIn | None:
    """The sign-in if it still holds: not revoked, of the user's epoch, of a person who is not disabled."""
    query = select(UserSession, User).join(User, User.id == UserSession.user_id).where(UserSession.id == session_id)
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    row, user = found
    if row.revoked_at is not None or row.epoch != user.epoch or user.disabled_at is not None:
        return None
    g.user = user
    now = db_now()
    if now - row.last_seen_at > TOUCH:
        row.last_seen_at = now
    return SignedIn(row)


def sign_in(row: UserSession) -> None:
    """Put the sign-in into a fresh cookie: nothing of the visitor's session before survives but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = True
    login_user(SignedIn(row))
    remember(row)


def remember(row: UserSession) -> None:
    """What the bidding view reads without the database."""
    session["sid"], session["uid"] = row.id, row.user_id
    session["org"], session["epoch"] = row.organisation_id, row.epoch
    g.pop("actor", None)


def sign_out() -> None:
    """Forget the sign-in in this browser."""
    logout_user()
    for key in KEYS:
        session.pop(key, None)
    g.pop("actor", None)


def current_session() -> UserSession | None:
    """The row of the present sign-in."""
    signed = _load_row(session["sid"]) if session.get("sid") else None
    return signed.row if signed else None


def load_actor() -> Actor:
    """Who is calling: by bearer token, by session, or nobody."""
    token = api_tokens.token_from_request()
    if token is not None:
        user = db.session.get(User, token.user_id)
        if user is None or user.disabled_at is not None:
            return ANONYMOUS
        return api_tokens.narrow(actor_of(user, token.organisation_id), token)
    row = current_session()
    return ANONYMOUS if row is None else actor_of(g.user, row.organisation_id)


def actor_of(user: User, organisation_id: int | None) -> Actor:
    """A person acting for one of their organisations, or for themselves."""
    member, organisation = _membership(user.id, organisation_id)
    roles = frozenset(OrgRole(role) for role in member.roles) if member else frozenset[OrgRole]()
    staff = frozenset(StaffRole(role) for role in user.staff_roles)
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


def _membership(user_id: int, organisation_id: int | None) -> tuple[Membership | None, Organisation | None]:
    if organisation_id is None:
        return None, None
    query = (
        select(Membership, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Membership.user_id == user_id,
            Membership.organisation_id == organisation_id,
            Membership.ended_at.is_(None),
        )
    )
    found = db.session.execute(query).one_or_none()
    return (found[0], found[1]) if found else (None, None)


def require_second_factor() -> ResponseReturnValue | None:
    """Staff without a second factor are led to enrol it before they see anything else."""
    if "sid" not in session or request.endpoint is None or request.endpoint in BEFORE_ENROLMENT:
        return None
    if not session.get("staff_unenrolled"):
        return None
    user = db.session.get(User, session["uid"])
    if user is None or user.totp_confirmed_at is not None or not user.staff_roles:
        session.pop("staff_unenrolled", None)
        return None
    return redirect(url_for("accounts.enrol"), 303)


def client_ip() -> str:
    """The visitor's address, as far as we trust who stands in front of us."""
    return request.remote_addr or ""
