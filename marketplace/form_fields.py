"""Fields that every package's forms need: exact yuan, and moments on Beijing's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, StringField
from wtforms.validators import ValidationError

from .clock import BEIJING
from .money import NotAnAmount, parse_yuan


class YuanField(StringField):  # type: ignore[misc]
    """An amount typed in yuan, to the fen; `amount` is exact, or None when left empty."""

    amount: Decimal | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms' own signature
        if not self.data or not self.data.strip():
            return
        try:
            self.amount = parse_yuan(self.data)
        except NotAnAmount:
            raise ValidationError(_l("Not an amount in yuan, such as 400,000 or 12.50.")) from None


class MomentField(DateTimeLocalField):  # type: ignore[misc]
    """A moment typed on Beijing's clock; `moment` is aware, in UTC, or None when left empty."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **options)

    def process_data(self, value: datetime | None) -> None:
        """Show an aware moment as Beijing's clock reads it."""
        aware = value is not None and value.tzinfo is not None
        self.data = value.astimezone(BEIJING).replace(tzinfo=None) if value is not None and aware else value

    @property
    def moment(self) -> datetime | None:
        return None if self.data is None else self.data.replace(tzinfo=BEIJING).astimezone(UTC)
