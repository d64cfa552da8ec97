"""Shape of what finance types; the rules stay in the services."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from marketplace.form_fields import MomentField, YuanField

from .states import ACTION_LABELS, DepositAction

required = DataRequired(_l("Please fill this in."))


class ReceiptForm(FlaskForm):  # type: ignore[misc]
    amount = YuanField(_l("Amount"), [required, Length(max=24)])
    bank_reference = StringField(
        _l("Bank reference"), [required, Length(max=80)], description=_l("The serial number of the bank’s line.")
    )
    payer = StringField(
        _l("Payer"), [required, Length(max=200)], description=_l("The account holder’s name as the bank gives it.")
    )
    paid_at = MomentField(
        _l("Arrived at"), [InputRequired(_l("Please fill this in."))], description=_l("The bank’s time, Beijing time.")
    )

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        return {
            "amount": self.amount.amount,
            "bank_reference": self.bank_reference.data,
            "paid_at": self.paid_at.moment,
            "payer": self.payer.data,
        }


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Why it may stand"), [Length(max=1000)])


class PrepareForm(FlaskForm):  # type: ignore[misc]
    action = RadioField(_l("Step"), [InputRequired(_l("Choose one."))], choices=[])
    reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])

    def offer(self, actions: list[DepositAction]) -> PrepareForm:
        """Offer the steps that this deposit's state has."""
        self.action.choices = [(action.value, ACTION_LABELS[action]) for action in actions]
        return self


class RefundForm(FlaskForm):  # type: ignore[misc]
    amount = YuanField(_l("Amount"), [required, Length(max=24)])
    bank_reference = StringField(_l("Bank reference"), [required, Length(max=80)])
    paid_at = MomentField(_l("Paid at"), [InputRequired(_l("Please fill this in."))])

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        return {
            "amount": self.amount.amount,
            "bank_reference": self.bank_reference.data,
            "paid_at": self.paid_at.moment,
        }


class AccountForm(FlaskForm):  # type: ignore[misc]
    holder = StringField(_l("Account holder"), [required, Length(max=200)])
    bank = StringField(_l("Bank and branch"), [required, Length(max=200)])
    account = StringField(_l("Account number"), [required, Length(max=40)])
    bank_code = StringField(
        _l("Routing number"), [Length(max=12)], description=_l("12 digits, for transfers between banks.")
    )

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        names = ("holder", "bank", "account", "bank_code")
        return {name: (self[name].data or "").strip() for name in names}
