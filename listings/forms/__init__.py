"""Shape of what people type about a result; the rules stay in the services."""

from .acts import (
    AccessDecisionForm,
    AccessForm,
    AnswerForm,
    CommentForm,
    DecisionForm,
    FileForm,
    ImportForm,
    ObjectionForm,
    QuestionForm,
    ReasonForm,
    RenewForm,
    SaleForm,
)
from .steps import AmendForm, IpForm, PeopleForm, ResultForm, RightsForm, TermsForm

__all__ = [
    "AccessDecisionForm",
    "AccessForm",
    "AmendForm",
    "AnswerForm",
    "CommentForm",
    "DecisionForm",
    "FileForm",
    "ImportForm",
    "IpForm",
    "ObjectionForm",
    "PeopleForm",
    "QuestionForm",
    "ReasonForm",
    "RenewForm",
    "ResultForm",
    "RightsForm",
    "SaleForm",
    "TermsForm",
]
