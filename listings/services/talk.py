"""Questions about a result, and access to what is shown in confidence."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace import audit, clock
from marketplace.db import db
from marketplace.errors import Conflict, Invalid
from marketplace.permissions import Actor
from marketplace.states import move

from .. import notifications, policies
from ..deal_states import ACCESS, AccessAction, AccessState
from ..models import Access, Listing, Question
from .common import lock, needed

QUESTION_LIMIT = 2000


def ask_question(actor: Actor, listing: Listing, text: str) -> Question:
    """Ask the owner; the question is theirs alone until they answer it in public."""
    policies.can_ask(actor, listing).check()
    text = needed(text, "text")
    if len(text) > QUESTION_LIMIT:
        raise Invalid(fields={"text": [_l("At most %(count)s characters.", count=QUESTION_LIMIT)]})
    made = Question(listing=listing, user_id=actor.user_id, organisation_id=actor.organisation_id, text=text)
    db.session.add(made)
    db.session.flush()
    notifications.question_asked(listing, made)
    return made


def answer_question(actor: Actor, question: Question, answer: str, public: bool) -> None:
    """Answer, to the asker alone or for all to read.

    Raises:
        Conflict: it was answered in public already: what people relied on stays.
    """
    policies.can_answer(actor, question.listing).check()
    if question.public:
        raise Conflict(_l("A public answer stays as it is; answer a new question instead."))
    question.answer, question.public = needed(answer, "answer"), public
    question.answered_by_id, question.answered_at = actor.user_id, clock.db_now()
    after = {"question": question.id, "answer": question.answer, "public": public}
    audit.record(actor, "listing.answer", question.listing, after=after)
    notifications.question_answered(question.listing, question)


def ask_access(actor: Actor, listing: Listing, purpose: str, promised: bool) -> Access:
    """Ask for the attachments shown in confidence, with a promise to keep it.

    Raises:
        Invalid: without purpose or promise.
    """
    policies.can_ask_access(actor, listing).check()
    if not promised:
        raise Invalid(fields={"promised": [_l("Access is given only against a promise of confidentiality.")]})
    purpose = needed(purpose, "purpose")
    listing = lock(listing)
    made = access_of(listing.id, actor.organisation_id)
    if made is None:
        made = Access(listing=listing, organisation_id=actor.organisation_id, user_id=actor.user_id, purpose=purpose)
        made.state = ACCESS.start
        db.session.add(made)
    elif made.state is AccessState.DECLINED:
        made.purpose, made.user_id = purpose, actor.user_id or made.user_id
        move(made, ACCESS, AccessAction.ASK_AGAIN, actor, purpose)
    else:
        return made
    audit.record(actor, "listing.ask_access", listing, after={"purpose": purpose, "promised": True})
    notifications.access_asked(listing, made)
    return made


def decide_access(actor: Actor, access: Access, granted: bool, reason: str = "") -> None:
    """Grant or decline; a no has its reason."""
    policies.can_answer(actor, access.listing).check()
    access.reason = reason.strip() if granted else needed(reason)
    move(access, ACCESS, AccessAction.GRANT if granted else AccessAction.DECLINE, actor, access.reason)
    access.decided_by_id, access.decided_at = actor.user_id, clock.db_now()
    after = {"organisation": access.organisation_id, "access": access.state, "reason": access.reason}
    audit.record(actor, "listing.decide_access", access.listing, after=after)
    notifications.access_decided(access.listing, access)


def access_of(listing_id: int, organisation_id: int | None) -> Access | None:
    """What an organisation has asked for and got."""
    query = select(Access).where(Access.listing_id == listing_id, Access.organisation_id == organisation_id)
    return db.session.scalars(query).one_or_none()
