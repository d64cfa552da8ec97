"""Reads about contracts, scoped to who may see them."""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select

from marketplace.db import db
from marketplace.permissions import Actor, Permission

from . import policies
from .models import Contract, Registration, Signature
from .states import ContractState


def get_contract(number: str, actor: Actor) -> Contract | None:
    """The contract if the actor may see it, else None."""
    found = db.session.scalars(select(Contract).where(Contract.number == number)).one_or_none()
    return found if found is not None and policies.can_view(actor, found) else None


def by_source(source: str) -> Contract | None:
    """The contract drafted from this sale."""
    return db.session.scalars(select(Contract).where(Contract.source == source)).one_or_none()


def registration_of(contract: Contract) -> Registration | None:
    """Its registration, once applied for."""
    return db.session.get(Registration, contract.id)


def by_registration_number(number: str) -> tuple[Contract, Registration] | None:
    """The contract with this registration number."""
    query = (
        select(Contract, Registration)
        .join(Registration, Registration.contract_id == Contract.id)
        .where(Registration.number == number.strip().upper())
    )
    row = db.session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def signatures(contract: Contract) -> list[Signature]:
    """Signatures on the present text."""
    query = select(Signature).where(Signature.contract_id == contract.id, Signature.text_hash == contract.text_hash)
    return list(db.session.scalars(query.order_by(Signature.id)))


def visible(actor: Actor) -> Select[Contract]:
    """Contracts that the actor may see: their organisation's, or all for registrars and auditors."""
    if actor.can(Permission.CONTRACT_REGISTER) or actor.can(Permission.AUDIT_READ):
        return select(Contract)
    own = actor.organisation_id or 0
    return select(Contract).where(or_(Contract.seller_id == own, Contract.buyer_id == own))


def queue() -> Select[Contract]:
    """Applications that wait for a registrar, the most pressing first."""
    return (
        select(Contract)
        .join(Registration, Registration.contract_id == Contract.id)
        .where(Contract.state == ContractState.APPLIED)
        .order_by(Registration.due_on, Contract.id)
    )


def registrations(contracts: list[Contract]) -> dict[int, Registration]:
    """Registrations by contract, in one query."""
    ids = [one.id for one in contracts]
    return {
        one.contract_id: one
        for one in db.session.scalars(select(Registration).where(Registration.contract_id.in_(ids)))
    }


def alike(contract: Contract) -> str:
    """Number of a registered contract with the same parties, title and amount, or an empty text."""
    query = (
        select(Contract.number)
        .where(
            Contract.id != contract.id,
            Contract.seller_id == contract.seller_id,
            Contract.buyer_id == contract.buyer_id,
            Contract.title == contract.title,
            Contract.amount == contract.amount,
            Contract.state == ContractState.REGISTERED,
        )
        .limit(1)
    )
    return db.session.scalars(query).first() or ""


def waiting(actor: Actor, *states: ContractState) -> list[Contract]:
    """An organisation's contracts in these states, the latest first."""
    query = visible(actor).where(Contract.state.in_(states)).order_by(Contract.id.desc()).limit(20)
    return list(db.session.scalars(query))


def count_waiting() -> int:
    """Applications that wait for a registrar."""
    return int(
        db.session.execute(
            select(func.count()).select_from(Contract).where(Contract.state == ContractState.APPLIED)
        ).scalar_one()
    )
