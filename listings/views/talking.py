"""Questions and answers, and access to what is shown in confidence."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace import limits
from marketplace.edge import current_actor, done, found
from marketplace.permissions import Permission, requires

from .. import policies, queries, services
from ..forms import AccessDecisionForm, AccessForm, AnswerForm, QuestionForm
from ..models import Access, Question
from . import blueprint

_QUESTIONS_AN_HOUR = 20


@blueprint.post("/listings/<number>/questions", endpoint="ask")
@requires(Permission.ACCOUNT_USE)
def ask(number: str) -> ResponseReturnValue:
    """Ask the owner."""
    actor, listing = current_actor(), found(queries.get_public(number))
    limits.hit(f"question:{actor.user_id}", _QUESTIONS_AN_HOUR, 3600)
    services.ask_question(actor, listing, QuestionForm().text.data or "")
    return done(_("The owner has your question; you will be told of the answer."), "listings.detail", number=number)


@blueprint.post("/desk/questions/<int:question_id>/answer", endpoint="answer")
@requires(Permission.ORG_READ)
def answer(question_id: int) -> ResponseReturnValue:
    """Answer the asker, or everybody."""
    question, form = _question(question_id), AnswerForm()
    services.answer_question(current_actor(), question, form.answer.data or "", bool(form.public.data))
    return done(_("Answered."), "listings.manage", number=question.listing.number, _anchor="questions")


def _question(question_id: int) -> Question:
    question = found(queries.get_question(question_id))
    return found(question if policies.can_answer(current_actor(), question.listing) else None)  # type: ignore[no-any-return]


@blueprint.post("/listings/<number>/access", endpoint="ask_access")
@requires(Permission.ACCOUNT_USE)
def ask_access(number: str) -> ResponseReturnValue:
    """Ask for the attachments shown in confidence."""
    listing, form = found(queries.get_public(number)), AccessForm()
    services.ask_access(current_actor(), listing, form.purpose.data or "", bool(form.promised.data))
    return done(_("The owner has your request; you will be told."), "listings.detail", number=number, _anchor="files")


@blueprint.post("/desk/accesses/<int:access_id>/<any(grant,decline):verb>", endpoint="decide_access")
@requires(Permission.ORG_READ)
def decide_access(access_id: int, verb: str) -> ResponseReturnValue:
    """Grant or decline."""
    access = _access(access_id)
    services.decide_access(current_actor(), access, verb == "grant", AccessDecisionForm().reason.data or "")
    return done(_("Decided. The asker is told."), "listings.manage", number=access.listing.number, _anchor="access")


def _access(access_id: int) -> Access:
    access = found(queries.get_access(access_id))
    return found(access if policies.can_answer(current_actor(), access.listing) else None)  # type: ignore[no-any-return]
