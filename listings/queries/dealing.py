"""Reads of talk about a result and of its sale: questions, access, named buyers, publicity, objections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Organisation
from marketplace.db import db
from marketplace.permissions import Actor

from ..deal_states import AccessState, PublicityState, SaleState
from ..models import Access, Listing, Objection, Publicity, Question, Sale
from ..services.common import current_sale


def accesses(listing: Listing) -> list[Access]:
    """Who asked for the attachments shown in confidence, the open requests first."""
    query = select(Access).where(Access.listing_id == listing.id).options(joinedload(Access.organisation))
    return sorted(db.session.scalars(query), key=lambda one: (one.state is not AccessState.ASKED, -one.id))


def public_questions(listing: Listing) -> list[Question]:
    """Questions answered for all, the newest first."""
    query = select(Question).where(Question.listing_id == listing.id, Question.public)
    return list(db.session.scalars(query.order_by(Question.id.desc())))


def own_questions(listing: Listing, actor: Actor) -> list[Question]:
    """The actor's own questions that are not public."""
    if actor.user_id is None:
        return []
    query = select(Question).where(
        Question.listing_id == listing.id, Question.user_id == actor.user_id, Question.public.is_(False)
    )
    return list(db.session.scalars(query.order_by(Question.id.desc())))


def questions(listing: Listing) -> list[Question]:
    """All questions for the owner, the open ones first."""
    query = select(Question).where(Question.listing_id == listing.id).order_by(Question.id.desc())
    return sorted(db.session.scalars(query), key=lambda one: one.answered_at is not None)


def get_question(question_id: int) -> Question | None:
    """A question with its result."""
    return db.session.get(Question, question_id, options=[joinedload(Question.listing)])


def get_access(access_id: int) -> Access | None:
    """A request for access with its result."""
    return db.session.get(Access, access_id, options=[joinedload(Access.listing)])


def get_sale(sale_id: int) -> Sale | None:
    """A sale by agreement with its result and buyer."""
    return db.session.get(Sale, sale_id, options=[joinedload(Sale.listing), joinedload(Sale.buyer)])


def sale_of(listing: Listing) -> Sale | None:
    """The sale by agreement that stands."""
    return current_sale(listing)


def sales_waiting(actor: Actor) -> list[Sale]:
    """Sales in which the organisation acted for is named as buyer and has not answered."""
    query = (
        select(Sale)
        .where(Sale.buyer_organisation_id == actor.organisation_id, Sale.state == SaleState.PROPOSED)
        .options(joinedload(Sale.listing).joinedload(Listing.organisation))
    )
    return list(db.session.scalars(query.order_by(Sale.id)))


def publicities_query(state: PublicityState | None = PublicityState.RUNNING) -> Select[Any]:
    """Runs for the board of publicity, the next to end first and then those that stand still."""
    query = select(Publicity).options(
        joinedload(Publicity.listing).joinedload(Listing.organisation), selectinload(Publicity.objections)
    )
    return query if state is None else query.where(Publicity.state == state)


def publicity_board(ended: bool) -> Select[Any]:
    """The board: the next to end first and then those that stand still; or what has ended, the latest first."""
    if ended:
        query = publicities_query(None).where(Publicity.state != PublicityState.RUNNING)
        return query.order_by(Publicity.ended_at.desc(), Publicity.id.desc())
    return publicities_query().order_by(Publicity.last_day.asc().nulls_last(), Publicity.id)


def publicities(listing: Listing) -> list[Publicity]:
    """All runs of a result with their objections, the newest first."""
    query = publicities_query(None).where(Publicity.listing_id == listing.id)
    return list(db.session.scalars(query.order_by(Publicity.id.desc())))


def get_objection(objection_id: int) -> Objection | None:
    """An objection with its run and result."""
    options = joinedload(Objection.publicity).joinedload(Publicity.listing).joinedload(Listing.organisation)
    return db.session.get(Objection, objection_id, options=[options])


def open_objections() -> list[Objection]:
    """Objections to decide, the oldest first."""
    query = (
        select(Objection)
        .where(Objection.state == "open")
        .options(joinedload(Objection.publicity).joinedload(Publicity.listing).joinedload(Listing.organisation))
    )
    return list(db.session.scalars(query.order_by(Objection.id)))


def find_buyers(q: str, limit: int = 10) -> Sequence[Organisation]:
    """Verified organisations by a part of their name or by USCC, for naming a buyer."""
    text = q.strip()
    if not text:
        return []
    named = Organisation.name.icontains(text, autoescape=True) | (Organisation.uscc == text.upper())
    query = select(Organisation).where(Organisation.state == "verified", named)
    return list(db.session.scalars(query.order_by(Organisation.name).limit(limit)))
