"""Windows: the periods against which the turnover is measured. Rows, never constants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from marketplace import audit
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.permissions import Actor

from .. import policies
from ..models import Window


def set_window(
    actor: Actor,
    *,
    key: str,
    name_zh: str,
    name_en: str,
    starts_on: date,
    ends_on: date,
    target: Decimal,
    running: bool,
    sample: bool,
) -> Window:
    """Set a window, new or known by its key; making one the running one ends that of another.

    Raises:
        Invalid: it ends before it begins, or its target is not positive.
    """
    policies.can_set(actor).check()
    _check(starts_on, ends_on, target)
    values = {
        "name_zh": name_zh, "name_en": name_en, "starts_on": starts_on, "ends_on": ends_on,
        "target_amount": target, "running": running, "sample": sample,
    }  # fmt: skip
    if running:
        db.session.execute(update(Window).where(Window.key != key, Window.running).values(running=False))
    window = db.session.scalars(select(Window).where(Window.key == key).with_for_update()).one_or_none()
    if window is None:
        window = Window(key=key, **values)
        db.session.add(window)
        audit.record(actor, "window.set", window, after=values, label=key)
        return window
    before, after = audit.changes(window, values)
    for name, value in after.items():
        setattr(window, name, value)
    if after:
        audit.record(actor, "window.set", window, before, after, label=key)
    return window


def _check(starts_on: date, ends_on: date, target: Decimal) -> None:
    fields: dict[str, list[Any]] = {}
    if starts_on >= ends_on:
        fields["ends_on"] = [_l("The window ends before it begins.")]
    if target <= 0:
        fields["target_yi"] = [_l("More than nothing.")]
    if fields:
        raise Invalid(fields=fields)
