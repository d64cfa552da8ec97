"""Pure rules: what a complete contract has, what its text is, when a registrar must have decided."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from .kinds import ContractKind

#: Working days for a decision, and for large or disputed contracts.
#: Source: draft of 《技术合同认定登记管理办法》 art. 14 (15 and 30 working days, 500 万元); the final text decides.
DECISION_DAYS, LARGE_DECISION_DAYS = 15, 30
LARGE = Decimal(5_000_000)

#: Why a registrar returns a contract. Source: 技术合同认定规则 on refusals.
RETURN_REASONS = {
    "not_technical": _l("Not a technology contract"),
    "kind_wrong": _l("Kind does not fit the content"),
    "parties_unclear": _l("Parties, object or price are unclear"),
    "amount_unsplit": _l("Non-technical parts are not split off"),
    "proof_missing": _l("Proof or approval is missing"),
    "signature_missing": _l("Signature or seal is missing"),
    "other": _l("Other reason"),
}
#: Words that a contract of each kind is expected to contain.
KIND_WORDS = {
    ContractKind.DEVELOPMENT: ("开发", "研究", "研制"),
    ContractKind.TRANSFER: ("转让",),
    ContractKind.LICENCE: ("许可",),
    ContractKind.CONSULTING: ("咨询", "论证", "评价", "预测"),
    ContractKind.SERVICE: ("服务", "培训", "中介"),
}
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check: its name, whether it passed, and what it saw."""

    name: Any
    passed: bool
    note: Any = ""


def missing(contract: Any) -> list[str]:
    """Fields that both sides must have settled before they confirm."""
    needed = ("title", "payment_terms", "starts_on", "ends_on", "deliverables", "acceptance", "clauses")
    return [name for name in needed if not getattr(contract, name)]


def contract_text(contract: Any) -> dict[str, Any]:
    """Everything the signatures cover, in one canonical value."""
    names = (
        "number", "title", "kind", "subtype", "seller", "buyer", "amount", "non_technical_amount", "field",
        "technical_field", "ip_items", "payment_mode", "payment_terms", "starts_on", "ends_on", "deliverables",
        "acceptance", "clauses",
    )  # fmt: skip
    return {name: getattr(contract, name) for name in names}


def checks(contract: Any, *, parties_verified: bool, duplicate: str) -> list[Check]:
    """What is looked at before a person looks. `duplicate` names a contract alike, or is empty."""
    words = KIND_WORDS[contract.kind]
    body = f"{contract.title}{contract.clauses}{contract.deliverables}"
    return [
        Check(_l("Both parties are verified"), parties_verified),
        Check(
            _l("Amounts fit: technical part within the contract amount"),
            0 < contract.technical_amount <= contract.amount,
        ),
        Check(
            _l("Term is clear"),
            bool(contract.starts_on and contract.ends_on and contract.starts_on <= contract.ends_on),
        ),
        Check(_l("Kind is found in the text"), any(word in body for word in words), "、".join(words)),
        Check(_l("No contract alike is registered"), not duplicate, duplicate),
        Check(
            _l("Rights are named"),
            bool(contract.ip_items) or contract.kind not in (ContractKind.TRANSFER, ContractKind.LICENCE),
        ),
        Check(_l("Parties are different"), contract.seller_id != contract.buyer_id),
    ]


def due_on(applied_on: date, technical_amount: Decimal, add_working_days: Callable[[date, int], date]) -> date:
    """The day by which the registrar decides."""
    return add_working_days(applied_on, LARGE_DECISION_DAYS if technical_amount >= LARGE else DECISION_DAYS)


def new_check_code() -> str:
    """Eight letters and digits that cannot be mistaken for one another."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
