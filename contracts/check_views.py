"""The public check page: a number alone says whether it holds, the certificate's code opens the details."""

from __future__ import annotations

import secrets

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace import limits
from marketplace.permissions import public

from . import presenting, queries
from .forms import CodeForm
from .views import blueprint

#: Looks at numbers and tries of codes that one address has in ten minutes.
LOOKS, TRIES, WINDOW_S = 120, 20, 600


@blueprint.get("/contracts/check", endpoint="check_form")
@public
def check_form() -> ResponseReturnValue:
    """Ask for a registration number."""
    number = request.args.get("number", "").strip()
    return check(number) if number else _page("", None, CodeForm(), details=False)


@blueprint.get("/contracts/check/<number>", endpoint="check")
@public
def check(number: str) -> ResponseReturnValue:
    """Say whether a registration holds; the code on the certificate opens the details."""
    limits.hit(f"check:{request.remote_addr}", LOOKS, WINDOW_S)
    found, form = queries.by_registration_number(number), CodeForm(request.args, meta={"csrf": False})
    given = (request.args.get("code") or "").strip().upper().replace(" ", "")
    details = bool(given and found is not None and code_fits(number, given, found[1].check_code))
    if given and not details:
        form.code.errors = [_("This code does not belong to the number.")]
    return _page(number, found, form, details=details)


def code_fits(number: str, given: str, code: str) -> bool:
    """Whether the code opens the details; tries are counted per address and per number, right ones too.

    Raises:
        TooMany: too many tries from here, or at this number.
    """
    limits.hit(f"check_code:{request.remote_addr}", TRIES, WINDOW_S)
    limits.hit(f"check_code:{number}", TRIES, WINDOW_S)
    return secrets.compare_digest(given.encode(), code.encode())


def _page(number: str, found: presenting.Found, form: CodeForm, *, details: bool) -> ResponseReturnValue:
    page = render_template(
        "contracts/check.html",
        number=number,
        found=found,
        status=presenting.status(found),
        form=form,
        details=details,
        present=presenting,
    )
    return page, 404 if number and found is None else 200
