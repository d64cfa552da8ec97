"""What owners of deposits are told. One function a message; all of them are legal notices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from accounts.queries import members_with
from marketplace import links, notices
from marketplace.permissions import Permission

from .models import Deposit
from .references import subject


def register() -> None:
    """Declare the events for people's preferences."""
    notices.register_event("payments.locked", _l("A deposit of ours is locked"), legal=True)
    notices.register_event("payments.released", _l("A deposit of ours is released"), legal=True)
    notices.register_event("payments.due_soon", _l("A deposit of ours is due soon"))


def locked(deposit: Deposit) -> int:
    """The money has been confirmed and stands behind the organisation."""
    return _tell("locked", deposit)


def released(deposit: Deposit) -> int:
    """The money goes back."""
    return _tell("released", deposit)


def due_soon(deposit: Deposit) -> int:
    """Less than a day is left to pay."""
    return _tell("due_soon", deposit)


def _tell(name: str, deposit: Deposit) -> int:
    people = members_with(deposit.organisation_id, Permission.DEPOSIT_READ)
    return notices.send(
        f"payments.{name}",
        [person.id for person in people],
        {"deposit": deposit, "about": subject(deposit.reference).label},
        url=links.path("payments.detail", number=deposit.number),
        key=deposit.number,
    )
