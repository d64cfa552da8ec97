"""Shape of what the sides and the registrar type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.money import NotAnAmount, parse_yuan

from .kinds import KIND_LABELS, PAYMENT_LABELS, SUBTYPES, TECHNICAL_FIELDS, ContractKind, PaymentMode
from .rules import RETURN_REASONS

required = DataRequired(_l("Please fill this in."))


class YuanField(StringField):  # type: ignore[misc]
    """An amount typed in yuan; `amount` is exact."""

    amount = Decimal(0)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' signature
        try:
            self.amount = parse_yuan(self.data or "0")
        except NotAnAmount:
            raise ValidationError(_l("Not an amount in yuan, such as 120000 or 1,250.50.")) from None


class ContractForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    title = StringField(_l("Name of the contract"), [required, Length(max=300)])
    kind = SelectField(_l("Kind"), choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])
    subtype = SelectField(
        _l("Sub-type"), choices=[(key, label) for types in SUBTYPES.values() for key, label in types.items()]
    )
    technical_field = SelectField(_l("Technical field"), choices=list(TECHNICAL_FIELDS.items()))
    non_technical_amount = YuanField(
        _l("Of it not technology"),
        description=_l("Equipment, parts, materials: deducted to give the technical amount."),
    )
    payment_mode = SelectField(_l("Payment"), choices=[(mode.value, label) for mode, label in PAYMENT_LABELS.items()])
    payment_terms = TextAreaField(_l("Terms of payment"), [Length(max=4000)])
    starts_on = DateField(_l("In force from"), [Optional()])
    ends_on = DateField(_l("In force until"), [Optional()])
    deliverables = TextAreaField(_l("What is delivered"), [Length(max=4000)])
    acceptance = TextAreaField(_l("How it is accepted"), [Length(max=4000)])
    clauses = TextAreaField(_l("Clauses"), [Length(max=20000)])

    def validate_subtype(self, field: Any) -> None:
        """The sub-type belongs to the kind."""
        if field.data not in SUBTYPES[ContractKind(self.kind.data)]:
            raise ValidationError(_l("This sub-type does not belong to the kind."))

    def validate_ends_on(self, field: Any) -> None:
        """The end does not lie before the beginning."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_l("The end lies before the beginning."))

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        data = {name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "version")}
        return data | {
            "kind": ContractKind(self.kind.data),
            "payment_mode": PaymentMode(self.payment_mode.data),
            "non_technical_amount": self.non_technical_amount.amount,
        }


class VersionForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()


class HashForm(FlaskForm):  # type: ignore[misc]
    text_hash = HiddenField()


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])


class ReturnForm(FlaskForm):  # type: ignore[misc]
    reasons = SelectMultipleField(
        _l("Reasons"),
        choices=list(RETURN_REASONS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    note = TextAreaField(_l("What to correct"), [required, Length(max=1000)])


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Code on the certificate"),
        [Length(max=12)],
        description=_l("Eight letters and digits; it opens the details."),
    )
