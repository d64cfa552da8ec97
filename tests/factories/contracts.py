"""Contracts for tests, taken through the services to the state asked for."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Organisation, User
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from contracts import services
from contracts.kinds import ContractKind
from contracts.models import Contract
from contracts.services import Application, Terms
from contracts.states import ContractState
from marketplace.db import db
from marketplace.permissions import SYSTEM, Actor

from .accounts import actor_for, make_member, make_organisation, make_staff

_numbers = itertools.count(1)


@dataclass
class Deal:
    """A contract with everybody who acts on it."""

    contract: Contract
    seller: Organisation
    buyer: Organisation
    seller_editor: User
    seller_signer: User
    buyer_editor: User
    buyer_signer: User
    registrar: User

    def actor(self, who: str) -> Actor:
        """The person of this name, acting for their side."""
        organisation = {"seller": self.seller, "buyer": self.buyer}.get(who.split("_", maxsplit=1)[0])
        return actor_for(getattr(self, who), organisation)


def make_deal(
    state: ContractState = ContractState.DRAFT,
    amount: str = "1280000.00",
    region: str = "230100",
    *,
    seller: Organisation | None = None,
    buyer: Organisation | None = None,
) -> Deal:
    """A deal whose contract is in this state, between new organisations unless given."""
    seller = seller or make_organisation(kind=OrganisationKind.UNIVERSITY, region=region)
    buyer = buyer or make_organisation(region="230600")
    terms = Terms(
        source=f"auction:PM2026-{next(_numbers):06d}", title="石墨烯导热膜制备技术转让", kind=ContractKind.TRANSFER, subtype="patent",
        seller_id=seller.id, buyer_id=buyer.id, amount=Decimal(amount), field="materials",
        ip_items=({"kind": "invention", "number": "ZL202110234567.8", "title": "一种导热膜"},),
    )  # fmt: skip
    deal = Deal(
        services.draft_contract(SYSTEM, terms), seller, buyer,
        make_member(seller, OrgRole.SELLER_EDITOR), make_member(seller, OrgRole.SELLER_SIGNER),
        make_member(buyer, OrgRole.BUYER_EDITOR), make_member(buyer, OrgRole.BUYER_SIGNER),
        make_staff(StaffRole.REGISTRAR),
    )  # fmt: skip
    for step in _STEPS[: _REACHED[state]]:
        step(deal)
    db.session.commit()
    return deal


def complete(deal: Deal) -> None:
    """The seller's editor fills in what is missing."""
    values = {
        "payment_terms": "签订后五个工作日内一次付清", "starts_on": date(2026, 12, 1), "ends_on": date(2029, 11, 30),
        "deliverables": "全部技术资料", "acceptance": "按技术指标验收", "non_technical_items": [{"label": "试验设备", "amount": "80000.00"}],
    }  # fmt: skip
    services.edit_contract(deal.actor("seller_editor"), deal.contract, deal.contract.version, values)


def confirm(deal: Deal) -> None:
    """Both sides agree to the text."""
    for who in ("seller_editor", "buyer_editor"):
        services.confirm_contract(deal.actor(who), deal.contract, deal.contract.version)


def sign(deal: Deal) -> None:
    """Both sides sign."""
    for who in ("seller_signer", "buyer_signer"):
        services.sign_contract(deal.actor(who), deal.contract, deal.contract.text_hash)


def application(contract: Contract, **values: Any) -> Application:
    """The registration form as it is filled in from the contract; `values` differ from it."""
    names = ("kind", "subtype", "field", "technical_field", "non_technical_items")
    return Application(**{name: getattr(contract, name) for name in names} | {"ip_kinds": ["invention"]} | values)


def apply(deal: Deal) -> None:
    """The seller applies."""
    services.apply_for_registration(deal.actor("seller_editor"), deal.contract, application(deal.contract))


def register(deal: Deal) -> None:
    """The registrar registers."""
    services.register_contract(deal.actor("registrar"), deal.contract)


_STEPS = (complete, confirm, sign, apply, register)
_REACHED = {
    ContractState.DRAFT: 0,
    ContractState.SIGNING: 2,
    ContractState.SIGNED: 3,
    ContractState.APPLIED: 4,
    ContractState.REGISTERED: 5,
}


def make_contract(state: ContractState = ContractState.DRAFT, **values: Any) -> Contract:
    """A contract in this state, when nobody else matters."""
    return make_deal(state, **values).contract
