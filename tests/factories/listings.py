"""Results in any state, made through the services as people would make them, committed, so that requests see them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Organisation, User
from accounts.roles import OrganisationKind, OrgRole, StaffRole
from listings import services
from listings.ip_rules import check_character
from listings.kinds import IpKind, IpStatus, Phase, PriceMode, SecurityClass, TransferMode
from listings.models import Listing, Sale
from listings.services import IpValues, publicity
from listings.states import ListingState
from marketplace.db import db
from marketplace.permissions import SYSTEM, Actor
from tests.factories.accounts import actor_for, make_member, make_organisation, make_staff

S = ListingState
_serial = itertools.count(1)

#: What a complete result says; tests change the part they are about.
COMPLETE: dict[str, Any] = {
    "title": "高导热石墨烯复合膜制备技术",
    "summary": "以可控还原的氧化石墨烯为原料，经定向涂布、分段碳化和石墨化得到高导热复合膜，面内热导率稳定，卷对卷连续生产，可替代进口聚酰亚胺石墨膜。",
    "problem": "大功率器件散热膜依赖进口，价格高，供货周期长。",
    "current_solution": "聚酰亚胺薄膜高温石墨化，厚度受限，成品率低。",
    "advantages": [{"metric": "面内热导率", "ours": "1650", "conventional": "1200", "unit": "W/(m·K)"}],
    "applications": "通信基站、动力电池、显示模组散热。",
    "keywords": ["石墨烯", "导热膜"],
    "inventors": ["王立新", "赵敏"],
    "contact_name": "李老师",
    "contact_phone": "0451-86410000",
    "contact_email": "office@example.cn",
    "funding_source": "国家重点研发计划",
    "security_class": SecurityClass.PUBLIC,
    "field": "materials",
    "region": "230100",
    "trl": 6,
    "phase": Phase.PILOT,
    "transfer_modes": [TransferMode.ASSIGNMENT.value, TransferMode.EXCLUSIVE.value],
    "licence_term": "5 年",
    "territory": "中国境内",
    "price_mode": PriceMode.FIXED,
    "price": Decimal("680000.00"),
}


@dataclass(frozen=True, slots=True)
class Cast:
    """The people around a result, each with the actor of their requests."""

    organisation: Organisation
    editor: User
    approver: User
    reviewer: User

    @property
    def editing(self) -> Actor:
        return actor_for(self.editor, self.organisation)

    @property
    def approving(self) -> Actor:
        return actor_for(self.approver, self.organisation)

    @property
    def reviewing(self) -> Actor:
        return actor_for(self.reviewer)


def make_cast(organisation: Organisation | None = None, **values: Any) -> Cast:
    """A university with an editor and an approver, and a reviewer of the exchange."""
    owner = organisation or make_organisation(OrganisationKind.UNIVERSITY, **values)
    return Cast(
        organisation=owner,
        editor=make_member(owner, OrgRole.SELLER_EDITOR),
        approver=make_member(owner, OrgRole.SELLER_APPROVER),
        reviewer=make_staff(StaffRole.REVIEWER),
    )


def make_buyer(name: str = "", **values: Any) -> tuple[Organisation, User]:
    """A verified company and one of its people who bid, ask and confirm."""
    company = make_organisation(OrganisationKind.COMPANY, name=name, **values)
    return company, make_member(company, OrgRole.BUYER_EDITOR)


def patent_number(serial: int | None = None, year: int = 2020, kind: str = "1") -> str:
    """An invention's number whose check character fits."""
    twelve = f"{year}{kind}{(serial or next(_serial)):07d}"
    return f"ZL{twelve}.{check_character(twelve)}"


def make_ip(**values: Any) -> IpValues:
    """A granted invention patent."""
    facts: dict[str, Any] = {
        "kind": IpKind.INVENTION,
        "number": patent_number(),
        "title": "一种高导热石墨烯复合膜及其制备方法",
        "holder": "测试大学",
        "filed_on": date(2020, 3, 6),
        "granted_on": date(2022, 8, 9),
        "status": IpStatus.GRANTED,
        "fee_paid_to": date(2027, 3, 6),
        "ipc": "C01B 32/184",
    }
    return IpValues(**{**facts, **values})


def make_listing(
    state: ListingState | str = S.LISTED,
    *,
    organisation: Organisation | None = None,
    editor: Actor = SYSTEM,
    items: list[IpValues] | None = None,
    buyer: Organisation | None = None,
    **values: Any,
) -> Listing:
    """A complete result brought to this state by the steps that lead there; `values` are fields of the draft."""
    wanted = ListingState(state)
    owner = organisation or make_organisation(OrganisationKind.UNIVERSITY)
    listing = services.create_draft(editor, owner, {**COMPLETE, **values})
    services.set_ip_items(editor, listing, [make_ip()] if items is None else items)
    _walk(listing, wanted, buyer)
    db.session.commit()
    return listing


def _walk(listing: Listing, wanted: ListingState, buyer: Organisation | None) -> None:
    if wanted is S.PUBLICITY or (buyer is not None and wanted is not S.NEGOTIATING):
        _agree_with(listing, buyer or make_organisation())
    if wanted is S.DRAFT:
        return
    services.submit(SYSTEM, listing)
    if wanted is S.ORG_REVIEW:
        return
    services.org_approve(SYSTEM, listing)
    _review(listing, wanted)
    _sell(listing, wanted, buyer)


def _agree_with(listing: Listing, buyer: Organisation) -> Sale:
    mode = TransferMode(listing.transfer_modes[0])
    sale = services.propose_sale(SYSTEM, listing, buyer, listing.price or Decimal("4200000.00"), mode)
    services.confirm_sale(SYSTEM, sale)
    return sale


def _review(listing: Listing, wanted: ListingState) -> None:
    if wanted is S.CORRECTION:
        services.return_for_correction(SYSTEM, listing, {"summary": "请补充成熟度依据。"})
    elif wanted is S.REJECTED:
        services.reject(SYSTEM, listing, "不属于科技成果。")
    elif wanted is not S.EXCHANGE_REVIEW:
        services.approve(SYSTEM, listing)
    if wanted is S.SUSPENDED:
        services.suspend(SYSTEM, listing, "权属核实中。")
    elif wanted is S.WITHDRAWN:
        services.withdraw(SYSTEM, listing, "改为自行实施。")


def _sell(listing: Listing, wanted: ListingState, buyer: Organisation | None) -> None:
    if wanted is S.NEGOTIATING:
        mode = TransferMode(listing.transfer_modes[0])
        services.propose_sale(SYSTEM, listing, buyer or make_organisation(), Decimal("650000.00"), mode)
    if wanted in (S.BIDDING, S.DEAL_PENDING, S.CONTRACTED, S.SETTLED, S.CLOSED):
        services.start_bidding(SYSTEM, listing.id, "auction:PM2026-999999")
    if wanted in (S.DEAL_PENDING, S.CONTRACTED, S.SETTLED, S.CLOSED):
        services.end_bidding(SYSTEM, listing.id, sold=True, source="auction:PM2026-999999")
    if wanted in (S.CONTRACTED, S.SETTLED, S.CLOSED):
        services.contract_signed(SYSTEM, listing.id)
    if wanted in (S.SETTLED, S.CLOSED):
        services.contract_registered(SYSTEM, listing.id)
    if wanted is S.CLOSED:
        services.close(SYSTEM, listing)


def running_publicity(listing: Listing) -> Any:
    """The run that stands in public."""
    return publicity.running(listing)
