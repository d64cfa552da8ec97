"""What the parties and the registrars are told, one function a message."""

from __future__ import annotations

from accounts import queries as accounts
from marketplace import links, notices
from marketplace.permissions import Permission

from .models import Contract


def drafted(contract: Contract) -> None:
    """A sale became a draft that both sides complete."""
    _parties("drafted", contract, Permission.CONTRACT_EDIT)


def to_sign(contract: Contract) -> None:
    """Both sides confirmed: signers sign."""
    _parties("to_sign", contract, Permission.CONTRACT_SIGN)


def signed(contract: Contract) -> None:
    """Both sides signed; the seller applies for registration next."""
    _parties("signed", contract, Permission.CONTRACT_EDIT)


def applied(contract: Contract) -> None:
    """Registrars have an application."""
    to = [user.id for user in accounts.staff_with(Permission.CONTRACT_REGISTER)]
    url = links.path("registrar.review", number=contract.number)
    notices.send("contracts.applied", to, _context(contract), url=url)


def returned(contract: Contract, reason: str) -> None:
    """The application came back with reasons."""
    _parties("returned", contract, Permission.CONTRACT_EDIT, reason=reason)


def registered(contract: Contract) -> None:
    """The contract is registered; the certificate is ready."""
    _parties("registered", contract, Permission.CONTRACT_EDIT)


def cancelled(contract: Contract, reason: str) -> None:
    """The registration was cancelled."""
    _parties("cancelled", contract, Permission.CONTRACT_EDIT, reason=reason)


def _context(contract: Contract, **more: str) -> dict[str, str]:
    return {"number": contract.number, "title": contract.title, "reason": "", **more}


def _parties(message: str, contract: Contract, permission: Permission, **more: str) -> None:
    to = [
        user.id for side in (contract.seller_id, contract.buyer_id) for user in accounts.members_with(side, permission)
    ]
    url = links.path("contracts.detail", number=contract.number)
    notices.send(f"contracts.{message}", to, _context(contract, **more), url=url, legal=True)
