"""Short forms of single acts: naming a buyer, attaching, deciding, objecting, asking, answering, importing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from marketplace.files import Visibility

from .. import kinds
from ..models import Listing
from .shape import DayField, WanField, choices, line, required


class SaleForm(FlaskForm):  # type: ignore[misc]
    buyer = StringField(
        _l("Buyer"),
        [required, line(200)],
        description=_l("Full name or unified social credit code of a verified organisation."),
    )
    price = WanField(_l("Agreed price"), [required])
    mode = SelectField(_l("Way of transfer"), [required], choices=choices(kinds.MODE_LABELS, empty=False))


class FileForm(FlaskForm):  # type: ignore[misc]
    file = FileField(_l("File"), [DataRequired(_l("Choose a file first."))])
    visibility = RadioField(
        _l("Who may open it"),
        choices=[
            (Visibility.PUBLIC.value, _l("Everybody")),
            (Visibility.RESTRICTED.value, _l("After a promise of confidentiality, with my consent")),
            (Visibility.PRIVATE.value, _l("Only my organisation and the exchange")),
        ],
        default=Visibility.PRIVATE.value,
    )


class RenewForm(FlaskForm):  # type: ignore[misc]
    """Until when a right's annual fees are paid."""

    item = SelectField(_l("Right"), coerce=int, choices=[])
    paid_to = DayField(_l("Annual fees paid to"), [required])

    def offer(self, listing: Listing) -> None:
        """The patents of this result."""
        rights = [item for item in listing.ip_items if item.kind in kinds.PATENTS]
        self.item.choices = [(item.id, f"{item.number} {item.title}") for item in rights]


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [required, line(2000)], description=_l("Shown to whom it concerns."))


class CommentForm(FlaskForm):  # type: ignore[misc]
    comment = TextAreaField(_l("Comment"), [line(2000)])


class ObjectionForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Your name"), [required, line(100)])
    contact = StringField(
        _l("Telephone or e-mail"), [required, line(254)], description=_l("Only the exchange sees who objects.")
    )
    text = TextAreaField(_l("What you object to, and why"), [required, line(5000)])


class DecisionForm(FlaskForm):  # type: ignore[misc]
    upheld = RadioField(
        _l("Decision"),
        [required],
        choices=[("no", _l("Reject: the publicity goes on")), ("yes", _l("Uphold: the publicity ends"))],
    )
    decision = TextAreaField(_l("Reason"), [required, line(5000)], description=_l("Published with the decision."))


class QuestionForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(_l("Your question"), [required, line(2000)])


class AnswerForm(FlaskForm):  # type: ignore[misc]
    answer = TextAreaField(_l("Answer"), [required, line(5000)])
    public = BooleanField(_l("Show question and answer to everybody, without the asker's name"))


class AccessForm(FlaskForm):  # type: ignore[misc]
    purpose = TextAreaField(_l("What you need it for"), [required, line(2000)])
    promised = BooleanField(
        _l("My organisation keeps what it sees confidential and uses it only to decide about this purchase.")
    )


class AccessDecisionForm(FlaskForm):  # type: ignore[misc]
    reason = StringField(_l("Reason, if you decline"), [line(500)])


class ImportForm(FlaskForm):  # type: ignore[misc]
    file = FileField(_l("CSV or XLSX file"), [DataRequired(_l("Choose a file first."))])
