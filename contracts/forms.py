"""Shape of what the sides and the registrar type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from accounts.roles import KIND_LABELS as ORGANISATION_KINDS
from listings.kinds import IP_KIND_LABELS
from marketplace.fields import FIELDS
from marketplace.form_fields import YuanField
from marketplace.money import round_yuan
from marketplace.regions import REGIONS

from .kinds import (
    ALL_SUBTYPES,
    CAUSE_LABELS,
    KIND_LABELS,
    PAYMENT_LABELS,
    SUBTYPES,
    TECHNICAL_FIELDS,
    ContractKind,
    PaymentMode,
)
from .rules import RETURN_REASONS
from .services import Application, Entry

required = DataRequired(_l("Please fill this in."))
#: Rows offered for what is not technology.
ITEM_ROWS = 4


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few choices."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ItemForm(Form):  # type: ignore[misc]
    """One part of the amount that is not technology."""

    label = StringField(_l("Name of the part"), [Length(max=100)])
    amount = YuanField(_l("Amount in yuan"))

    def validate_amount(self, field: Any) -> None:
        """Name and amount belong together."""
        if bool(field.amount) != bool((self.label.data or "").strip()):
            raise ValidationError(_l("Give both what it is and its amount."))


class _Recognised(FlaskForm):  # type: ignore[misc]
    """What a contract is recognised as: kind, sub-type, field."""

    kind = SelectField(_l("Kind"), choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])
    subtype = SelectField(_l("Sub-type"), choices=list(ALL_SUBTYPES.items()))

    def validate_subtype(self, field: Any) -> None:
        """The sub-type belongs to the kind."""
        if self.kind.data in SUBTYPES and field.data not in SUBTYPES[ContractKind(self.kind.data)]:
            raise ValidationError(_l("This sub-type does not belong to the kind."))


class _Split(_Recognised):
    """The technical field, and what is not technology in the amount."""

    technical_field = SelectField(_l("Technical field"), choices=list(TECHNICAL_FIELDS.items()))
    non_technical_items = FieldList(FormField(ItemForm, label=_l("Part")), _l("Of it not technology"), max_entries=12)

    def offer_rows(self) -> None:
        """Draw a few empty rows after the filled ones."""
        while len(self.non_technical_items) < ITEM_ROWS:
            self.non_technical_items.append_entry()

    def items(self) -> list[dict[str, str]]:
        """The rows that say something, as they are kept."""
        rows = [row.form for row in self.non_technical_items]
        return [
            {"label": row.label.data.strip(), "amount": f"{row.amount.amount:.2f}"} for row in rows if row.amount.amount
        ]


class ContractForm(_Split):
    version = HiddenField()
    title = StringField(_l("Name of the contract"), [required, Length(max=300)])
    payment_mode = SelectField(_l("Payment"), choices=[(mode.value, label) for mode, label in PAYMENT_LABELS.items()])
    payment_terms = TextAreaField(_l("Terms of payment"), [Length(max=4000)])
    starts_on = DateField(_l("In force from"), [Optional()])
    ends_on = DateField(_l("In force until"), [Optional()])
    deliverables = TextAreaField(_l("What is delivered"), [Length(max=4000)])
    acceptance = TextAreaField(_l("How it is accepted"), [Length(max=4000)])
    clauses = TextAreaField(_l("Clauses"), [Length(max=20000)])

    def validate_ends_on(self, field: Any) -> None:
        """The end does not lie before the beginning."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_l("The end lies before the beginning."))

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        words = ("title", "subtype", "technical_field", "payment_terms", "deliverables", "acceptance", "clauses")
        return {name: self[name].data or "" for name in words} | {
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "kind": ContractKind(self.kind.data),
            "payment_mode": PaymentMode(self.payment_mode.data),
            "non_technical_items": self.items(),
        }


class ApplicationForm(_Split):
    """The registration form (技术合同登记表)."""

    field = SelectField(_l("Industry field"), choices=list(FIELDS.items()))
    ip_kinds = CheckboxesField(
        _l("Rights involved"), choices=[(kind.value, label) for kind, label in IP_KIND_LABELS.items()]
    )
    related_parties = BooleanField(_l("Seller and buyer are related"))
    related_note = TextAreaField(_l("How the price was found"), [Length(max=1000)])
    public_funds = BooleanField(_l("Public funds were used"))
    tax_relief = BooleanField(_l("The certificate is meant for tax relief"))
    recheck_note = TextAreaField(_l("What you answer to the refusal"), [Length(max=2000)])
    not_secret = BooleanField(
        _l("The contract holds no state secret"),
        [InputRequired(_l("A contract with a state secret must not go online."))],
    )

    def application(self) -> Application:
        """The form as the service takes it."""
        names = ("subtype", "field", "technical_field", "ip_kinds", "related_parties", "public_funds", "tax_relief")
        return Application(
            kind=ContractKind(self.kind.data),
            related_note=(self.related_note.data or "").strip(),
            non_technical_items=self.items(),
            **{name: self[name].data for name in names},
        )


class ChangeForm(_Split):
    """What a registration is to be corrected to, and why."""

    field = SelectField(_l("Industry field"), choices=list(FIELDS.items()))
    reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])

    def application(self) -> Application:
        """The form as the service takes it."""
        names = ("subtype", "field", "technical_field")
        values = {name: self[name].data for name in names}
        return Application(kind=ContractKind(self.kind.data), non_technical_items=self.items(), **values)


class EntryForm(_Recognised):
    """A contract concluded elsewhere."""

    title = StringField(_l("Name of the contract"), [required, Length(max=300)])
    own_number = StringField(
        _l("Your number of the contract"),
        [required, Length(max=40)],
        description=_l("As on your paper. Each contract is registered once."),
    )
    field = SelectField(_l("Industry field"), choices=list(FIELDS.items()))
    amount = YuanField(_l("Contract amount"), [required])
    buyer_name = StringField(_l("Name of the buyer"), [required, Length(max=200)])
    buyer_uscc = StringField(_l("Unified social credit code of the buyer"), [required, Length(max=18)])
    buyer_kind = SelectField(
        _l("Kind of organisation"), choices=[(kind.value, label) for kind, label in ORGANISATION_KINDS.items()]
    )
    buyer_region = SelectField(_l("Region of the buyer"), choices=list(REGIONS.items()))
    signed_on = DateField(_l("Signed on"), [required])
    starts_on = DateField(_l("In force from"), [required])
    ends_on = DateField(_l("In force until"), [required])
    payment_mode = SelectField(_l("Payment"), choices=[(mode.value, label) for mode, label in PAYMENT_LABELS.items()])
    payment_terms = TextAreaField(_l("Terms of payment"), [Length(max=4000)])
    deliverables = TextAreaField(_l("What is delivered"), [required, Length(max=4000)])
    acceptance = TextAreaField(_l("How it is accepted"), [Length(max=4000)])
    paper = FileField(_l("The signed contract"), [FileRequired(_l("Attach the signed contract."))])

    def entry(self) -> Entry:
        """The form as the service takes it."""
        words = (
            "title", "own_number", "subtype", "field", "buyer_name", "buyer_uscc", "buyer_kind", "buyer_region",
            "payment_terms", "deliverables", "acceptance",
        )  # fmt: skip
        return Entry(
            kind=ContractKind(self.kind.data),
            payment_mode=PaymentMode(self.payment_mode.data),
            amount=round_yuan(self.amount.amount or Decimal(0)),
            signed_on=self.signed_on.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            **{name: self[name].data or "" for name in words},
        )


class VersionForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])


class EndForm(ReasonForm):
    """Why a contract will not be signed, and by whose doing."""

    cause = RadioField(
        _l("By whose doing"),
        [InputRequired(_l("Choose by whose doing it ends."))],
        choices=[(cause.value, label) for cause, label in CAUSE_LABELS.items()],
    )


class CancelForm(ReasonForm):
    """Why a registration is to be cancelled, and what becomes of the contract."""

    what = RadioField(
        _l("What becomes of the contract"),
        [InputRequired(_l("Choose what becomes of the contract."))],
        choices=[
            ("dissolved", _l("It is dissolved or void: the result is free to be sold again")),
            ("stands", _l("It stands; only the registration was wrong")),
        ],
    )


class ReturnForm(FlaskForm):  # type: ignore[misc]
    reasons = CheckboxesField(_l("Reasons"), choices=list(RETURN_REASONS.items()))
    note = TextAreaField(_l("What to correct"), [required, Length(max=1000)])

    def rows(self) -> list[dict[str, str]]:
        """The reasons as they are kept."""
        return [{"code": code, "note": self.note.data} for code in self.reasons.data]


class RefuseForm(ReturnForm):
    """The same reasons, where nothing can be corrected."""

    note = TextAreaField(_l("Grounds of the refusal"), [required, Length(max=1000)])


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Code on the certificate"),
        [Length(max=12)],
        description=_l("Eight letters and digits; it opens the details."),
    )
