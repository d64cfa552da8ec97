"""The steps of a draft, and the amendment of a public text. A draft may be incomplete: only what cannot be stored is refused."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Email, Optional, ValidationError

from marketplace.fields import FIELDS
from marketplace.regions import REGIONS

from .. import ip_rules, kinds, rules
from ..texts import clean_line, clean_text, split_list
from ..values import IpValues
from .shape import NOTHING, TEXT, Checkboxes, DayField, StepForm, WanField, choices, line, required


class AdvantageForm(Form):  # type: ignore[misc]
    metric = StringField(_l("What is measured"), [line(100)])
    ours = StringField(_l("This result"), [line(60)])
    conventional = StringField(_l("Conventional"), [line(60)])
    unit = StringField(_l("Unit"), [line(30)])


class ResultForm(StepForm):
    title = StringField(_l("Title"), [line(200)], description=_l("What it is, in one line a company understands."))
    summary = TextAreaField(
        _l("Summary"), [TEXT], description=_l("At least 50 characters. Everybody reads it; keep secrets out.")
    )
    problem = TextAreaField(
        _l("The problem it solves"), [TEXT], description=_l("Whose problem is it, and what does it cost them today?")
    )
    current_solution = TextAreaField(
        _l("How it is solved today"),
        [TEXT],
        description=_l("The usual product or process that yours is compared with."),
    )
    advantages = FieldList(FormField(AdvantageForm), _l("Advantages in figures"), max_entries=rules.MAX_ROWS)
    applications = TextAreaField(_l("Where it can be used"), [TEXT])
    keywords = StringField(
        _l("Keywords"), [line(300)], description=_l("At most five, separated by semicolons or commas.")
    )
    field = SelectField(_l("Industry field"), [Optional()], choices=choices(FIELDS))
    region = SelectField(_l("Region"), [Optional()], choices=choices(REGIONS))
    trl = SelectField(
        _l("Technology readiness level"),
        [Optional()],
        choices=[NOTHING, *((str(level), _l("TRL %(level)s", level=level)) for level in range(1, 10))],
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
    name = StringField(_l("Co-owner"), [line(200)])
    share = StringField(_l("Share"), [line(10)])


class PeopleForm(StepForm):
    inventors = TextAreaField(
        _l("Inventors"), [line(2000)], description=_l("One a line, in the order of their contribution.")
    )
    co_owners = FieldList(FormField(CoOwnerForm), _l("Co-owners"), max_entries=rules.MAX_ROWS)
    contact_name = StringField(_l("Contact person"), [line(100)])
    contact_phone = TelField(_l("Contact phone"), [line(40)])
    contact_email = EmailField(
        _l("Contact e-mail"), [Optional(), line(254), Email(_l("This is not an e-mail address."))]
    )
    funding_source = StringField(
        _l("Funding source"), [line(300)], description=_l("Programme and project number, or “own funds”.")
    )
    registration_no = StringField(_l("Registration no. of the result"), [line(60)])
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
        _l("Number"), [line(60)], description=_l("For a patent with its check character: ZL202010123456.7")
    )
    title = StringField(_l("Title of the right"), [line(300)])
    holder = StringField(_l("Holder"), [line(300)])
    filed_on = DayField(_l("Filed on"))
    granted_on = DayField(_l("Granted on"))
    status = SelectField(_l("Status"), [Optional()], choices=choices(kinds.IP_STATUS_LABELS))
    fee_paid_to = DayField(_l("Annual fees paid to"))
    encumbrance = StringField(_l("Pledges and licences on it"), [line(300)])
    ipc = StringField(_l("IPC class"), [line(30)], description=_l("Such as H01L 21/02"))

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
        _l("Term of the licence"), [line(100)], description=_l("Needed for a licence, such as “5 years”.")
    )
    territory = StringField(
        _l("Territory"), [line(200)], description=_l("Where it may be used, such as “mainland China”.")
    )
    price_mode = RadioField(
        _l("How the price is formed"), choices=choices(kinds.PRICE_MODE_LABELS, empty=False), validators=[Optional()]
    )
    price = WanField(_l("Price"))
    payment_terms = TextAreaField(
        _l("Payment"), [TEXT], description=_l("At once, in instalments, or an entry fee with a share of sales.")
    )
    buyer_conditions = TextAreaField(
        _l("Conditions for buyers"),
        [TEXT],
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


class AmendForm(StepForm):
    summary = TextAreaField(_l("Summary"), [required, TEXT])
    problem = TextAreaField(_l("The problem it solves"), [required, TEXT])
    current_solution = TextAreaField(_l("How it is solved today"), [required, TEXT])
    applications = TextAreaField(_l("Where it can be used"), [TEXT])
    keywords = StringField(_l("Keywords"), [line(300)])
    payment_terms = TextAreaField(_l("Payment"), [TEXT])
    buyer_conditions = TextAreaField(_l("Conditions for buyers"), [TEXT])
    reason = StringField(_l("Why it is amended"), [required, line(300)], description=_l("Shown in the public history."))

    def collect(self) -> dict[str, Any]:
        texts = ("summary", "problem", "current_solution", "applications", "payment_terms", "buyer_conditions")
        return {
            **{name: clean_text(self[name].data or "") for name in texts},
            "keywords": split_list(self.keywords.data or "")[: rules.MAX_KEYWORDS],
        }
