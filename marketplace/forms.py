"""Between WTForms and domain errors: what a service refuses stands beside the field it is about."""

from __future__ import annotations

from typing import Any

from .errors import Invalid


def attach(form: Any, error: Invalid) -> None:
    """Put the error's messages at their fields; one without a field stands on top of the form."""
    placed = False
    for name, messages in error.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, *messages]
            placed = True
    if not placed:
        form.form_errors.append(str(error))
