"""Fields and limits that several forms about results share."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from marketplace.money import WAN, NotAnAmount, parse_yuan

from .. import ip_rules, rules

TEXT = Length(max=rules.MAX_TEXT, message=_l("At most %(max)d characters."))
NOTHING = ("", _l("Please choose"))
required = DataRequired(_l("Please fill this in."))


def line(limit: int) -> Length:
    """A limit with its sentence."""
    return Length(max=limit, message=_l("At most %(max)d characters."))


def choices(labels: Any, *, empty: bool = True) -> list[tuple[str, Any]]:
    """Values and words of a vocabulary for a select."""
    listed = [(str(getattr(value, "value", value)), label) for value, label in labels.items()]
    return [NOTHING, *listed] if empty else listed


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
