"""Shape of what people type about a result. A draft may be incomplete: here only what cannot be stored is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from marketplace.fields import FIELDS
from marketplace.files import Visibility
from marketplace.money import WAN, NotAnAmount, parse_yuan
from marketplace.regions import REGIONS

from . import ip_rules, kinds, rules
from .services import IpValues
from .texts import clean_line, clean_text, split_list

_TEXT = Length(max=rules.MAX_TEXT, message=_l("At most %(max)d characters."))
_NOTHING = ("", _l("Please choose"))
required = DataRequired(_l("Please fill this in."))


def _line(limit: int) -> Length:
    return Length(max=limit, message=_l("At most %(max)d characters."))


def choices(labels: Any, *, empty: bool = True) -> list[tuple[str, Any]]:
    """Values and words of a vocabulary for a select."""
    listed = [(str(getattr(value, "value", value)), label) for value, label in labels.items()]
    return [_NOTHING, *listed] if empty else listed


class Checkboxes(SelectMultipleField):  # type: ignore[misc]
    """Several choices as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WanField(StringField):  # type: ignore[misc]
    """An amount typed in 万元; `amount` is exact yuan, or None when left empty."""

    amount: Any = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' signature
        if not self.data or not self.data.strip():
            return
        try:
            self.amount = parse_yuan(self.data, WAN) or None
        except NotAnAmount:
            raise ValidationError(_l("Not an amount in 10k yuan, such as 250 or 12.5.")) from None


class DayField(StringField):  # type: ignore[misc]
    """A date, typed `2020-03-06`, `2020/3/6`, `2020.3.6` or `2020年3月6日`; `day` is the date, or None when empty."""

    widget = DateInput()
    day: date | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' signature
        text = (self.data or "").strip()
        if not text:
            return
        try:
            self.day = ip_rules.parse_day(text)
        except ValueError:
            raise ValidationError(_l("Not a date like 2020-03-06.")) from None


class StepForm(FlaskForm):  # type: ignore[misc]
    """One step of the draft. `values()` gives the fields of the draft that hold what was typed and fits."""

    def values(self) -> dict[str, Any]:
        """The fields to save; a field with an error is left as it was stored."""
        given = self.collect()
        return {name: value for name, value in given.items() if not (name in self and self[name].errors)}

    def collect(self) -> dict[str, Any]:
        """Everything typed, cleaned."""
        raise NotImplementedError


class AdvantageForm(Form):  # type: ignore[misc]
    metric = StringField(_l("What is measured"), [_line(100)])
    ours = StringField(_l("This result"), [_line(60)])
    conventional = StringField(_l("Conventional"), [_line(60)])
    unit = StringField(_l("Unit"), [_line(30)])


class ResultForm(StepForm):
    title = StringField(_l("Title"), [_line(200)], description=_l("What it is, in one line a company understands."))
    summary = TextAreaField(
        _l("Summary"), [_TEXT], description=_l("At least 50 characters. Everybody reads it; keep secrets out.")
    )
    problem = TextAreaField(
        _l("The problem it solves"), [_TEXT], description=_l("Whose problem is it, and what does it cost them today?")
    )
    current_solution = TextAreaField(
        _l("How it is solved today"),
        [_TEXT],
        description=_l("The usual product or process that yours is compared with."),
    )
    advantages = FieldList(FormField(AdvantageForm), _l("Advantages in figures"), max_entries=rules.MAX_ROWS)
    applications = TextAreaField(_l("Where it can be used"), [_TEXT])
    keywords = StringField(
        _l("Keywords"), [_line(300)], description=_l("At most five, separated by semicolons or commas.")
    )
    field = SelectField(_l("Industry field"), [Optional()], choices=choices(FIELDS))
    region = SelectField(_l("Region"), [Optional()], choices=choices(REGIONS))
    trl = SelectField(
        _l("Technology readiness level"),
        [Optional()],
        choices=[_NOTHING, *((str(level), _l("TRL %(level)s", level=level)) for level in range(1, 10))],
        description=_l("1 principle, 3 proof, 4 laboratory, 6 pilot in its environment, 9 in use."),
    )
    phase = SelectField(_l("Stage"), [Optional()], choices=choices(kinds.PHASE_LABELS))

    def validate_keywords(self, one: Any) -> None:
        """A handful says more than a list."""
        if len(split_list(one.data or "")) > rules.MAX_KEYWORDS:
            raise ValidationError(_l("At most five keywords."))

    def collect(self) -> dict[str, Any]:
        rows = [{name: clean_line(value or "") for name, value in row.items()} for row in self.advantages.data]
        return {
            "title": clean_line(self.title.data or ""),
            "summary": clean_text(self.summary.data or ""),
            "problem": clean_text(self.problem.data or ""),
            "current_solution": clean_text(self.current_solution.data or ""),
            "advantages": [row for row in rows if any(row.values())],
            "applications": clean_text(self.applications.data or ""),
            "keywords": split_list(self.keywords.data or ""),
            "field": self.field.data or "",
            "region": self.region.data or "",
            "trl": int(self.trl.data) if self.trl.data else None,
            "phase": kinds.Phase(self.phase.data) if self.phase.data else None,
        }


class CoOwnerForm(Form):  # type: ignore[misc]
    name = StringField(_l("Co-owner"), [_line(200)])
    share = StringField(_l("Share"), [_line(10)])


class PeopleForm(StepForm):
    inventors = TextAreaField(
        _l("Inventors"), [_line(2000)], description=_l("One a line, in the order of their contribution.")
    )
    co_owners = FieldList(FormField(CoOwnerForm), _l("Co-owners"), max_entries=rules.MAX_ROWS)
    contact_name = StringField(_l("Contact person"), [_line(100)])
    contact_phone = TelField(_l("Contact phone"), [_line(40)])
    contact_email = EmailField(
        _l("Contact e-mail"), [Optional(), _line(254), Email(_l("This is not an e-mail address."))]
    )
    funding_source = StringField(
        _l("Funding source"), [_line(300)], description=_l("Programme and project number, or “own funds”.")
    )
    registration_no = StringField(_l("Registration no. of the result"), [_line(60)])
    security_class = RadioField(
        _l("Security class"),
        choices=choices(kinds.SECURITY_LABELS, empty=False),
        validators=[Optional()],
        description=_l("Only what is free for publication may be listed. You declare this for your organisation."),
    )

    def collect(self) -> dict[str, Any]:
        rows = [{name: clean_line(value or "") for name, value in row.items()} for row in self.co_owners.data]
        given = self.security_class.data
        return {
            "inventors": split_list(self.inventors.data or ""),
            "co_owners": [{**row, "share": row["share"].rstrip("%％ ")} for row in rows if row["name"]],
            "contact_name": clean_line(self.contact_name.data or ""),
            "contact_phone": clean_line(self.contact_phone.data or ""),
            "contact_email": clean_line(self.contact_email.data or ""),
            "funding_source": clean_line(self.funding_source.data or ""),
            "registration_no": clean_line(self.registration_no.data or ""),
            "security_class": kinds.SecurityClass(given) if given else None,
        }


class IpForm(Form):  # type: ignore[misc]
    kind = SelectField(_l("Kind of right"), [Optional()], choices=choices(kinds.IP_KIND_LABELS))
    number = StringField(
        _l("Number"), [_line(60)], description=_l("For a patent with its check character: ZL202010123456.7")
    )
    title = StringField(_l("Title of the right"), [_line(300)])
    holder = StringField(_l("Holder"), [_line(300)])
    filed_on = DayField(_l("Filed on"))
    granted_on = DayField(_l("Granted on"))
    status = SelectField(_l("Status"), [Optional()], choices=choices(kinds.IP_STATUS_LABELS))
    fee_paid_to = DayField(_l("Annual fees paid to"))
    encumbrance = StringField(_l("Pledges and licences on it"), [_line(300)])
    ipc = StringField(_l("IPC class"), [_line(30)], description=_l("Such as H01L 21/02"))

    def value(self) -> IpValues | None:
        """The right, or None for an empty row."""
        if not any(
            (field.data or "").strip() for field in self if field.name.rsplit("-", 1)[-1] not in ("kind", "status")
        ):
            return None
        kind = kinds.IpKind(self.kind.data) if self.kind.data else kinds.IpKind.INVENTION
        status = kinds.IpStatus(self.status.data) if self.status.data else kinds.IpStatus.PENDING
        number = clean_line(self.number.data or "")
        if kind in kinds.PATENTS:
            number = ip_rules.clean_patent_number(number, status in ip_rules.GRANTED)
        return IpValues(
            kind=kind,
            number=number,
            title=clean_line(self.title.data or ""),
            holder=clean_line(self.holder.data or ""),
            filed_on=self.filed_on.day,
            granted_on=self.granted_on.day,
            status=status,
            fee_paid_to=self.fee_paid_to.day,
            encumbrance=clean_line(self.encumbrance.data or ""),
            ipc=ip_rules.clean_ipc(self.ipc.data or ""),
        )


class RightsForm(FlaskForm):  # type: ignore[misc]
    items = FieldList(FormField(IpForm), _l("Rights"), max_entries=rules.MAX_ROWS)

    def rights(self) -> list[IpValues]:
        """The rights typed, without empty rows."""
        return [value for entry in self.items if (value := entry.form.value()) is not None]


class TermsForm(StepForm):
    transfer_modes = Checkboxes(_l("Ways of transfer"), choices=choices(kinds.MODE_LABELS, empty=False))
    licence_term = StringField(
        _l("Term of the licence"), [_line(100)], description=_l("Needed for a licence, such as “5 years”.")
    )
    territory = StringField(
        _l("Territory"), [_line(200)], description=_l("Where it may be used, such as “mainland China”.")
    )
    price_mode = RadioField(
        _l("How the price is formed"), choices=choices(kinds.PRICE_MODE_LABELS, empty=False), validators=[Optional()]
    )
    price = WanField(_l("Price"))
    payment_terms = TextAreaField(
        _l("Payment"), [_TEXT], description=_l("At once, in instalments, or an entry fee with a share of sales.")
    )
    buyer_conditions = TextAreaField(
        _l("Conditions for buyers"),
        [_TEXT],
        description=_l("What a buyer must have or promise; related parties excluded or not."),
    )

    def collect(self) -> dict[str, Any]:
        mode = kinds.PriceMode(self.price_mode.data) if self.price_mode.data else None
        given = {
            "transfer_modes": list(self.transfer_modes.data or []),
            "licence_term": clean_line(self.licence_term.data or ""),
            "territory": clean_line(self.territory.data or ""),
            "price_mode": mode,
            "payment_terms": clean_text(self.payment_terms.data or ""),
            "buyer_conditions": clean_text(self.buyer_conditions.data or ""),
        }
        if mode is not kinds.PriceMode.AGREED:
            # An agreed price is set where the buyer is named.
            given["price"] = None if mode is kinds.PriceMode.NEGOTIABLE else self.price.amount
        return given


class SaleForm(FlaskForm):  # type: ignore[misc]
    buyer = StringField(
        _l("Buyer"),
        [required, _line(200)],
        description=_l("Full name or unified social credit code of a verified organisation."),
    )
    price = WanField(_l("Agreed price"), [required])
    mode = SelectField(_l("Way of transfer"), choices=choices(kinds.MODE_LABELS, empty=False))


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


class AmendForm(StepForm):
    summary = TextAreaField(_l("Summary"), [required, _TEXT])
    problem = TextAreaField(_l("The problem it solves"), [required, _TEXT])
    current_solution = TextAreaField(_l("How it is solved today"), [required, _TEXT])
    applications = TextAreaField(_l("Where it can be used"), [_TEXT])
    keywords = StringField(_l("Keywords"), [_line(300)])
    payment_terms = TextAreaField(_l("Payment"), [_TEXT])
    buyer_conditions = TextAreaField(_l("Conditions for buyers"), [_TEXT])
    reason = StringField(
        _l("Why it is amended"), [required, _line(300)], description=_l("Shown in the public history.")
    )

    def collect(self) -> dict[str, Any]:
        texts = ("summary", "problem", "current_solution", "applications", "payment_terms", "buyer_conditions")
        return {
            **{name: clean_text(self[name].data or "") for name in texts},
            "keywords": split_list(self.keywords.data or "")[: rules.MAX_KEYWORDS],
        }


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [required, _line(2000)], description=_l("Shown to whom it concerns."))


class CommentForm(FlaskForm):  # type: ignore[misc]
    comment = TextAreaField(_l("Comment"), [_line(2000)])


class ObjectionForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Your name"), [required, _line(100)])
    contact = StringField(
        _l("Telephone or e-mail"), [required, _line(254)], description=_l("Only the exchange sees who objects.")
    )
    text = TextAreaField(_l("What you object to, and why"), [required, _line(5000)])


class DecisionForm(FlaskForm):  # type: ignore[misc]
    upheld = RadioField(
        _l("Decision"),
        [required],
        choices=[("no", _l("Reject: the publicity goes on")), ("yes", _l("Uphold: the publicity ends"))],
    )
    decision = TextAreaField(_l("Reason"), [required, _line(5000)], description=_l("Published with the decision."))


class QuestionForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(_l("Your question"), [required, _line(2000)])


class AnswerForm(FlaskForm):  # type: ignore[misc]
    answer = TextAreaField(_l("Answer"), [required, _line(5000)])
    public = BooleanField(_l("Show question and answer to everybody, without the asker's name"))


class AccessForm(FlaskForm):  # type: ignore[misc]
    purpose = TextAreaField(_l("What you need it for"), [required, _line(2000)])
    promised = BooleanField(
        _l("My organisation keeps what it sees confidential and uses it only to decide about this purchase.")
    )


class AccessDecisionForm(FlaskForm):  # type: ignore[misc]
    reason = StringField(_l("Reason, if you decline"), [_line(500)])


class ImportForm(FlaskForm):  # type: ignore[misc]
    file = FileField(_l("CSV or XLSX file"), [DataRequired(_l("Choose a file first."))])
