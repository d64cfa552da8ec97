"""Reads about contracts, scoped to who may see them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select

from accounts import queries as accounts
from accounts.states import OrganisationState
from marketplace import files
from marketplace.clock import today
from marketplace.db import db
from marketplace.permissions import Actor, Permission

from . import policies, rules
from .models import Contract, DecisionTerm, Registration, Signature
from .states import OPEN, ContractState


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
    """Contracts that the actor may see: their organisation's, what registrars decide about, or all for auditors."""
    if actor.can(Permission.AUDIT_READ):
        return select(Contract)
    own = actor.organisation_id or 0
    mine = or_(Contract.seller_id == own, Contract.buyer_id == own)
    if actor.can(Permission.CONTRACT_REGISTER):
        mine = or_(mine, Contract.state.not_in(policies.BEFORE_REGISTRAR))
    return select(Contract).where(mine)


#: Parts of the registrars' work, as their pages name them.
WORK: dict[str, ColumnElement[bool]] = {
    "waiting": Contract.state == ContractState.APPLIED,
    "returned": Contract.state == ContractState.RETURNED,
    "refused": Contract.state == ContractState.REFUSED,
    "requests": Registration.request_kind.is_not(None),
    "registered": Contract.state.in_((ContractState.REGISTERED, ContractState.CANCELLED)),
}


def work(part: str) -> Select[Contract]:
    """Contracts of one part of the registrars' work, the most pressing first."""
    return (
        select(Contract)
        .join(Registration, Registration.contract_id == Contract.id)
        .where(WORK[part])
        .order_by(Registration.due_on, Contract.id)
    )


def count_work(part: str) -> int:
    """How many contracts stand in one part of the registrars' work."""
    joined = select(func.count()).select_from(Contract).join(Registration, Registration.contract_id == Contract.id)
    return int(db.session.execute(joined.where(WORK[part])).scalar_one())


def term_on(day: date) -> DecisionTerm | None:
    """How long registrars have for what is applied for on this day."""
    query = select(DecisionTerm).where(DecisionTerm.valid_from <= day).order_by(DecisionTerm.valid_from.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def without_deadline() -> list[Registration]:
    """Applications whose deadline waits for the holidays of its year."""
    query = select(Registration).where(Registration.due_on.is_(None), Registration.registered_at.is_(None))
    return list(db.session.scalars(query.order_by(Registration.contract_id)))


def papers(contract: Contract) -> list[files.StoredFile]:
    """Scans kept with the contract."""
    return files.owned_by(contract)


def may_read_paper(actor: Actor, contract_id: int, _file: files.StoredFile) -> bool:
    """Whether the actor may download a scan: who may see its contract."""
    found = db.session.get(Contract, contract_id)
    return found is not None and bool(policies.can_view(actor, found))


def checks(contract: Contract, form: Registration) -> list[rules.Check]:
    """The automatic checks of an application as they come out now."""
    parties = accounts.organisations([contract.seller_id, contract.buyer_id])
    verified = len(parties) == 2 and all(one.state is OrganisationState.VERIFIED for one in parties.values())
    seen = rules.Seen(
        today=today(),
        parties_verified=verified,
        duplicate=alike(contract),
        present_hash=rules.text_hash(contract),
        papers=len(papers(contract)),
    )
    return rules.checks(contract, form, seen)


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
            Contract.buyer["uscc"].astext == contract.buyer["uscc"],
            Contract.title == contract.title,
            Contract.amount == contract.amount,
            Contract.state == ContractState.REGISTERED,
        )
        .limit(1)
    )
    return db.session.scalars(query).first() or ""


def waiting(actor: Actor, *states: ContractState) -> list[Contract]:
    """The organisation's contracts in these states, the latest first."""
    own = actor.organisation_id or 0
    mine = select(Contract).where(or_(Contract.seller_id == own, Contract.buyer_id == own))
    return list(db.session.scalars(mine.where(Contract.state.in_(states)).order_by(Contract.id.desc()).limit(20)))


def own(actor: Actor) -> Select[Contract]:
    """Contracts that the organisation acted for is a party of."""
    party = actor.organisation_id or 0
    return select(Contract).where(or_(Contract.seller_id == party, Contract.buyer_id == party))


def own_by_number(actor: Actor, number: str) -> Contract | None:
    """One of these."""
    return db.session.scalars(own(actor).where(Contract.number == number)).one_or_none()


def drafted_by(organisation_id: int, user_id: int) -> list[Contract]:
    """Contracts of this party that are not registered yet and that this person wrote in, the oldest first."""
    query = select(Contract).where(
        or_(Contract.seller_id == organisation_id, Contract.buyer_id == organisation_id),
        Contract.state.in_(OPEN),
        Contract.editors.contains([user_id]),
    )
    return list(db.session.scalars(query.order_by(Contract.id)))


def open_of(organisation_id: int) -> list[Contract]:
    """Contracts of this party that are not registered yet, the oldest first."""
    mine = or_(Contract.seller_id == organisation_id, Contract.buyer_id == organisation_id)
    return list(db.session.scalars(select(Contract).where(mine, Contract.state.in_(OPEN)).order_by(Contract.id)))


def unsigned(limit: int) -> list[Contract]:
    """Contracts of sales that nobody or one side has signed, the oldest first."""
    open_states = (ContractState.DRAFT, ContractState.SIGNING)
    return list(
        db.session.scalars(select(Contract).where(Contract.state.in_(open_states)).order_by(Contract.id).limit(limit))
    )
