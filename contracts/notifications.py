"""What the parties and the registrars are told, one function a message."""

from __future__ import annotations

from accounts import queries as accounts
from marketplace import links, notices, states
from marketplace.permissions import Permission

from .models import Contract, Registration


def drafted(contract: Contract) -> None:
    """A sale became a draft that both sides complete."""
    _parties("drafted", contract, Permission.CONTRACT_EDIT)


def to_sign(contract: Contract) -> None:
    """Both sides confirmed: signers sign."""
    _parties("to_sign", contract, Permission.CONTRACT_SIGN, key=f"{contract.number}:{contract.version}")


def signed(contract: Contract) -> None:
    """Both sides signed; the seller applies for registration next."""
    _parties("signed", contract, Permission.CONTRACT_EDIT)


def applied(contract: Contract) -> None:
    """Registrars have an application."""
    to = [user.id for user in accounts.staff_with(Permission.CONTRACT_REGISTER)]
    url = links.path("registrar.review", number=contract.number)
    notices.send("contracts.applied", to, _context(contract), url=url, key=_occasion(contract, "applied"))


def returned(contract: Contract, reason: str) -> None:
    """The application came back with reasons."""
    _parties("returned", contract, Permission.CONTRACT_EDIT, key=_occasion(contract, "returned"), reason=reason)


def refused(contract: Contract, reason: str) -> None:
    """The registration was refused; the seller may ask for a re-check."""
    _parties("refused", contract, Permission.CONTRACT_EDIT, key=_occasion(contract, "refused"), reason=reason)


def end_asked(contract: Contract) -> None:
    """One side wishes to dissolve the contract; the other answers."""
    one = contract.buyer_id if contract.end_asked_side == "seller" else contract.seller_id
    _tell("end_asked", contract, [one], Permission.CONTRACT_SIGN, key="", reason=contract.end_reason)


def dissolved(contract: Contract, reason: str) -> None:
    """Both sides let go of the contract."""
    _parties("dissolved", contract, Permission.CONTRACT_EDIT, reason=reason)


def registered(contract: Contract) -> None:
    """The contract is registered; the certificate is ready."""
    _parties("registered", contract, Permission.CONTRACT_EDIT)


def settled(contract: Contract, registration: Registration, reason: str) -> None:
    """What is registered was changed, or the registration was cancelled."""
    message = "cancelled" if registration.cancelled_at else "changed"
    key = f"{contract.number}:{registration.revision}"
    _parties(message, contract, Permission.CONTRACT_EDIT, key=key, reason=reason)


def to_confirm(contract: Contract, side: str) -> None:
    """One side confirmed the text; the other reads it next."""
    one = contract.seller_id if side == "seller" else contract.buyer_id
    _tell("to_confirm", contract, [one], Permission.CONTRACT_EDIT, key=f"{contract.number}:{contract.version}")


def reopened(contract: Contract, reason: str) -> None:
    """A settled text is a draft again."""
    key = f"{contract.number}:{contract.version}"
    _parties("reopened", contract, Permission.CONTRACT_EDIT, key=key, reason=reason)


def terminated(contract: Contract, reason: str) -> None:
    """The contract will not be signed."""
    _parties("terminated", contract, Permission.CONTRACT_EDIT, reason=reason)


def _occasion(contract: Contract, state: str) -> str:
    """A contract can be applied for and returned several times: each is told."""
    times = sum(one.to_state == state for one in states.history(contract))
    return f"{contract.number}:{times}"


def _context(contract: Contract, **more: str) -> dict[str, str]:
    return {"number": contract.number, "title": contract.title, "reason": "", **more}


def _parties(message: str, contract: Contract, permission: Permission, *, key: str = "", **more: str) -> None:
    _tell(message, contract, [contract.seller_id, contract.buyer_id], permission, key=key, **more)


def _tell(
    message: str, contract: Contract, sides: list[int | None], permission: Permission, *, key: str, **more: str
) -> None:
    """Tell those on these sides who can take the next step; a buyer without an account is told by the seller."""
    to = [user.id for side in sides if side is not None for user in accounts.members_with(side, permission)]
    url = links.path("contracts.detail", number=contract.number)
    event, context = f"contracts.{message}", _context(contract, **more)
    notices.send(event, to, context, url=url, legal=True, key=key or contract.number)
