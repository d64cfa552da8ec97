"""Pure rules: what a complete contract has, what its text is, what is checked, when a registrar must have decided."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from flask_babel import lazy_gettext as _l

from marketplace.jsons import canonical

from .kinds import ContractKind

#: Why a registrar returns a contract or refuses its registration. Source: 技术合同认定规则 on refusals.
RETURN_REASONS = {
    "not_technical": _l("Not a technology contract"),
    "not_effective": _l("The contract is void or not in force"),
    "kind_wrong": _l("Kind does not fit the content"),
    "name_wrong": _l("Name does not fit the content"),
    "parties_unclear": _l("Parties, object or price are unclear"),
    "amount_unsplit": _l("Non-technical parts are not split off"),
    "proof_missing": _l("Proof or approval is missing"),
    "signature_missing": _l("Signature or seal is missing, or does not fit the party"),
    "terms_unlawful": _l("Terms monopolise technology or infringe rights"),
    "duplicate": _l("Registered already"),
    "expired": _l("No longer in force"),
    "wrong_office": _l("Another office registers it"),
    "related_unproven": _l("Related parties without proof of a market price"),
    "amount_inflated": _l("Technical amount is too high"),
    "state_secret": _l("Holds a state secret"),
    "other": _l("Other reason"),
}
#: Words that a contract of each kind is expected to contain.
KIND_WORDS = {
    ContractKind.DEVELOPMENT: ("开发", "研究", "研制"),
    ContractKind.TRANSFER: ("转让",),
    ContractKind.LICENCE: ("许可",),
    ContractKind.CONSULTING: ("咨询", "论证", "评价", "预测", "调查"),
    ContractKind.SERVICE: ("服务", "培训", "中介"),
}
#: What a check that asks for a look is called in a list.
HINT_NAMES = {
    "verified": _l("Party not verified"),
    "different": _l("Same party twice"),
    "related": _l("Relation to explain"),
    "duplicate": _l("Perhaps a duplicate"),
    "amounts": _l("Amounts do not add up"),
    "itemised": _l("Deduction without a name"),
    "split": _l("Deductions differ from the contract"),
    "term": _l("Term not clear"),
    "in_force": _l("Term is over"),
    "kind": _l("Kind not found in the text"),
    "kind_same": _l("Kind differs from the contract"),
    "rights": _l("No right named"),
    "text": _l("Signed text missing or other"),
}
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic check: its code and name, whether it passed, and what it saw."""

    code: str
    name: Any
    passed: bool
    note: Any = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the checks need to know beside the contract and its form."""

    today: date
    parties_verified: bool
    #: Number of a registered contract alike, or empty.
    duplicate: str
    #: The text's hash as it is computed now, and whether a paper of it is kept.
    present_hash: str
    papers: int


class Terms(Protocol):
    """A row of how long a registrar has."""

    working_days: int
    large_working_days: int
    large_from: Decimal


def missing(contract: Any) -> list[str]:
    """Fields that both sides must have settled before they confirm."""
    needed = ("title", "payment_terms", "starts_on", "ends_on", "deliverables", "acceptance", "clauses")
    return [name for name in needed if not getattr(contract, name)]


def contract_text(contract: Any) -> dict[str, Any]:
    """Everything the signatures cover, in one canonical value."""
    names = (
        "number", "version", "title", "kind", "subtype", "seller", "buyer", "amount", "non_technical_items", "field",
        "technical_field", "ip_items", "payment_mode", "payment_terms", "starts_on", "ends_on", "deliverables",
        "acceptance", "clauses",
    )  # fmt: skip
    return {name: getattr(contract, name) for name in names}


def text_hash(contract: Any) -> str:
    """SHA-256 of the canonical text as it is now."""
    return hashlib.sha256(canonical(contract_text(contract))).hexdigest()


def total(items: Sequence[dict[str, Any]]) -> Decimal:
    """Sum of rows of `{label, amount}`."""
    return sum((Decimal(item["amount"]) for item in items), Decimal("0.00"))


def checks(contract: Any, form: Any, seen: Seen) -> list[Check]:
    """What is looked at before a person looks."""
    return [*_party_checks(contract, form, seen), *_money_checks(contract, form), *_text_checks(contract, form, seen)]


def hints(found: Sequence[Check]) -> list[str]:
    """Codes of the checks that ask for a look."""
    return [check.code for check in found if not check.passed]


def _party_checks(contract: Any, form: Any, seen: Seen) -> list[Check]:
    return [
        Check("verified", _l("Both parties are verified"), seen.parties_verified),
        Check("different", _l("Parties are different"), contract.seller["uscc"] != contract.buyer["uscc"]),
        Check(
            "related",
            _l("Related parties are explained"),
            not form.related_parties or bool(form.related_note),
            _l("Declared as related; the proof of a market price is not described."),
        ),
        Check("duplicate", _l("No contract alike is registered"), not seen.duplicate, seen.duplicate),
    ]


def _money_checks(contract: Any, form: Any) -> list[Check]:
    split = total(form.non_technical_items)
    agreed = total(contract.non_technical_items)
    return [
        Check(
            "amounts",
            _l("Amounts add up: technical part plus items is the contract amount"),
            form.technical_amount + split == contract.amount and 0 < form.technical_amount <= contract.amount,
        ),
        Check(
            "itemised",
            _l("Every deduction is named"),
            all(item["label"] and Decimal(item["amount"]) > 0 for item in form.non_technical_items),
        ),
        Check(
            "split",
            _l("Deductions are those of the contract"),
            split == agreed,
            _l("Contract: %(agreed)s yuan, form: %(split)s yuan", agreed=f"{agreed:,}", split=f"{split:,}"),
        ),
    ]


def _text_checks(contract: Any, form: Any, seen: Seen) -> list[Check]:
    words = KIND_WORDS[form.kind]
    body = f"{contract.title}{contract.clauses}{contract.deliverables}"
    outside = contract.source.startswith("outside:")
    dated = bool(contract.starts_on and contract.ends_on and contract.starts_on <= contract.ends_on)
    return [
        Check("term", _l("Term is clear"), dated),
        Check(
            "in_force",
            _l("Contract is still in force"),
            not contract.ends_on or contract.ends_on >= seen.today,
            contract.ends_on,
        ),
        Check("kind", _l("Kind is found in the text"), any(word in body for word in words), "、".join(words)),
        Check("kind_same", _l("Kind is that of the contract"), form.kind == contract.kind),
        Check(
            "rights",
            _l("Rights are named"),
            bool(contract.ip_items or form.ip_kinds) or form.kind not in (ContractKind.TRANSFER, ContractKind.LICENCE),
        ),
        Check(
            "text",
            _l("The signed paper is attached") if outside else _l("Text is the one that was signed"),
            seen.papers > 0 if outside else seen.present_hash == contract.text_hash,
        ),
    ]


def due_on(
    applied_on: date, technical_amount: Decimal, terms: Terms, add_working_days: Callable[[date, int], date]
) -> date:
    """The day by which the registrar decides."""
    large = technical_amount >= terms.large_from
    return add_working_days(applied_on, terms.large_working_days if large else terms.working_days)


def new_check_code() -> str:
    """Eight letters and digits that cannot be mistaken for one another."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
