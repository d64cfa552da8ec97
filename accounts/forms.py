"""Shape of what people type; rules live in the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    EmailField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.form_fields import MomentField
from marketplace.i18n import LANGUAGES
from marketplace.money import WAN, NotAnAmount, parse_yuan
from marketplace.regions import REGIONS

from .roles import KIND_LABELS, ROLE_LABELS, OrganisationKind, OrgRole, StaffRole
from .states import DOCUMENT_LABELS

required = DataRequired(_l("Please fill this in."))
email_rules = [required, Length(max=254), Email(_l("This is not an e-mail address."))]


class Checkboxes(SelectMultipleField):  # type: ignore[misc]
    """Several choices as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WanField(StringField):  # type: ignore[misc]
    """An amount typed in 万元; `amount` is exact yuan, or None when left empty."""

    amount: Decimal | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' signature
        if not self.data or not self.data.strip():
            return
        try:
            self.amount = parse_yuan(self.data, WAN)
        except NotAnAmount:
            raise ValidationError(_l("Not an amount in 10k yuan, such as 250 or 12.5.")) from None


def in_wan(amount: Decimal | None) -> str:
    """An amount as one would type it in 万元, exact; nothing for none."""
    if amount is None:
        return ""
    return f"{(amount / WAN).normalize():f}"


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(_l("E-mail address"), email_rules)
    password = PasswordField(_l("Password"), [required])


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Code"),
        [required, Length(max=20)],
        description=_l("Six digits of your authenticator app, or a recovery code."),
    )


class SignUpForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Your name"), [required, Length(max=100)])
    email = EmailField(_l("E-mail address"), email_rules, description=_l("We send a link there to confirm it."))
    password = PasswordField(_l("Password"), [required], description=_l("At least 10 characters."))


class AcceptForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Your name"), [required, Length(max=100)])
    password = PasswordField(_l("Password"), [required], description=_l("At least 10 characters."))


class ForgotForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(_l("E-mail address"), email_rules)


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(_l("New password"), [required], description=_l("At least 10 characters."))


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]
    old = PasswordField(_l("Present password"), [required])
    password = PasswordField(_l("New password"), [required], description=_l("At least 10 characters."))


class ProfileForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Your name"), [required, Length(max=100)])
    phone = TelField(_l("Phone number"), [Length(max=30)])
    locale = SelectField(_l("Language of mails and notices"), choices=list(LANGUAGES.items()))


class OrganisationForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _l("Full name"), [required, Length(max=200)], description=_l("As on the registration certificate.")
    )
    kind = SelectField(_l("Kind of organisation"), choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])
    uscc = StringField(
        _l("Unified social credit code"),
        [required, Length(min=18, max=18, message=_l("The code has 18 characters."))],
        description=_l("18 characters; the last one is checked."),
    )
    region = SelectField(_l("Region"), choices=list(REGIONS.items()))
    address = StringField(_l("Address"), [Length(max=300)])
    legal_representative = StringField(_l("Legal representative"), [Length(max=100)])
    contact_name = StringField(_l("Contact person"), [Length(max=100)])
    contact_phone = TelField(_l("Contact phone"), [Length(max=40)])
    contact_email = EmailField(_l("Contact e-mail"), [Optional(), Email(_l("This is not an e-mail address."))])
    bank_name = StringField(_l("Bank and branch"), [Length(max=200)])
    bank_account = StringField(_l("Account number"), [Length(max=40)])
    introduction = TextAreaField(_l("Introduction"), [Length(max=2000)])

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        data = {name: field.data or "" for name, field in self._fields.items() if name != "csrf_token"}
        return {**data, "kind": OrganisationKind(data["kind"])} if "kind" in data else data


class DocumentForm(FlaskForm):  # type: ignore[misc]
    kind = SelectField(_l("What it is"), choices=[(kind.value, label) for kind, label in DOCUMENT_LABELS.items()])
    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))], description=_l("A PDF or a picture."))


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])


class RenameForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("New name"), [required, Length(max=200)])
    rename_reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])


class BanForm(FlaskForm):  # type: ignore[misc]
    until = MomentField(
        _l("Until"), [DataRequired(_l("Choose a moment in the future."))], description=_l("Beijing time.")
    )
    ban_reason = TextAreaField(_l("Reason"), [required, Length(max=1000)])


class InviteForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(_l("E-mail address"), email_rules)
    roles = Checkboxes(_l("Roles"), choices=[(role.value, ROLE_LABELS[role]) for role in OrgRole])


class MemberForm(FlaskForm):  # type: ignore[misc]
    roles = Checkboxes(_l("Roles"), choices=[(role.value, ROLE_LABELS[role]) for role in OrgRole])
    bid_limit = WanField(
        _l("May commit at most"), description=_l("Over all live auctions together. Empty: no own limit.")
    )


class ApprovalForm(FlaskForm):  # type: ignore[misc]
    above = WanField(_l("A bid above this needs a second person"), description=_l("Empty: never."))


class EndForm(FlaskForm):  # type: ignore[misc]
    heir = SelectField(_l("Open work goes to"))


class PersonForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Name of the person"), [required, Length(max=100)])
    email = EmailField(_l("E-mail address"), email_rules)
    roles = Checkboxes(_l("Roles at the exchange"), choices=[(role.value, ROLE_LABELS[role]) for role in StaffRole])


class StaffForm(FlaskForm):  # type: ignore[misc]
    roles = Checkboxes(_l("Roles at the exchange"), choices=[(role.value, ROLE_LABELS[role]) for role in StaffRole])
