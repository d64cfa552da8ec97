"""Shape of what a supervisor types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DecimalField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Regexp

from marketplace.money import MAX_YUAN, YI, round_yuan

required = DataRequired(_l("Please fill this in."))


class WindowForm(FlaskForm):  # type: ignore[misc]
    """A period and what it is to reach."""

    key = StringField(
        _l("Key of the window"),
        [required, Length(max=30), Regexp(r"^[a-z0-9-]+$", message=_l("Small letters, digits and hyphens."))],
        description=_l("Stands in addresses and in the API, and stays as it is."),
    )
    name_zh = StringField(_l("Name in Chinese"), [required, Length(max=100)])
    name_en = StringField(_l("Name in English"), [required, Length(max=100)])
    starts_on = DateField(_l("First day"), [required])
    ends_on = DateField(_l("Day after the last"), [required], description=_l("The first day that no longer counts."))
    target_yi = DecimalField(
        _l("Target"), [InputRequired(_l("Please fill this in.")), NumberRange(min=0, max=MAX_YUAN / YI)], places=None
    )
    running = BooleanField(
        _l("The running window"), description=_l("Pages open on it; the one that was running stays to be chosen.")
    )
    sample = BooleanField(_l("A sample"), description=_l("No official plan sets it; every page says so."))

    def values(self) -> dict[str, Any]:
        """The form as the service takes it."""
        names = ("key", "name_zh", "name_en", "starts_on", "ends_on", "running", "sample")
        return {name: self[name].data for name in names} | {"target": round_yuan(Decimal(self.target_yi.data) * YI)}
