"""Between WTForms and domain errors: what a service refuses stands beside the field it is about."""

from __future__ import annotations

from typing import Any

from .errors import Invalid


def require_valid(form: Any) -> None:
    """Raise if what was typed does not have the form's shape, so that one handler answers both kinds of refusal."""
    if not form.validate():
        raise Invalid


def attach(form: Any, error: Invalid) -> None:
    """Put the error's messages at their fields; one without a field stands on top of the form."""
    placed = False
    for name, messages in error.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, *messages]
            placed = True
    if not placed and not form.errors:
        form.form_errors.append(str(error))
