"""A member of the owner, or of an asker, leaves: what they looked after goes to whoever takes over, each once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from accounts.models import User
from marketplace import audit
from marketplace.db import db
from marketplace.permissions import Actor

from ..deal_states import AccessState
from ..models import Access, Listing, Question
from ..states import OVER
from .common import lock


def looked_after(organisation_id: int, leaver: User) -> ColumnElement[bool]:
    """The organisation's open results that this person keeps, or is named as the contact of."""
    named = Listing.contact_email == leaver.email, Listing.contact_name == leaver.name
    return (
        (Listing.organisation_id == organisation_id)
        & Listing.state.not_in(OVER)
        & or_(Listing.keeper_id == leaver.id, *named)
    )


def hand_over(actor: Actor, organisation_id: int, leaver: User, taker: User) -> int:
    """Give the leaver's open results, questions and requests to the taker; returns how many results moved."""
    query = select(Listing).where(looked_after(organisation_id, leaver)).order_by(Listing.id)
    found = list(db.session.scalars(query))
    for one in found:
        _hand_over(actor, lock(one), leaver, taker)
    _pass_on_talk(organisation_id, leaver.id, taker.id)
    return len(found)


def _hand_over(actor: Actor, listing: Listing, leaver: User, taker: User) -> None:
    """The contact is not part of the public text, so no new version comes of it."""
    values: dict[str, Any] = {"keeper_id": taker.id} if listing.keeper_id == leaver.id else {}
    if leaver.email == listing.contact_email or leaver.name == listing.contact_name:
        values |= {"contact_name": taker.name, "contact_phone": taker.phone, "contact_email": taker.email}
    before, after = audit.changes(listing, values)
    for name, value in after.items():
        setattr(listing, name, value)
    told = {"reason": f"{leaver.name} → {taker.name}"}
    audit.record(actor, "listing.hand_over", listing, before, after | told)


def _pass_on_talk(organisation_id: int, leaver_id: int, taker_id: int) -> None:
    """Answers go to who asked: from now on, to who takes over."""
    asked = update(Question).where(
        Question.organisation_id == organisation_id, Question.user_id == leaver_id, Question.answered_at.is_(None)
    )
    wanted = update(Access).where(
        Access.organisation_id == organisation_id, Access.user_id == leaver_id, Access.state == AccessState.ASKED
    )
    db.session.execute(asked.values(user_id=taker_id))
    db.session.execute(wanted.values(user_id=taker_id))
