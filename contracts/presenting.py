"""Contracts in people's words: where one stands for this person, what is missing, what differs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from listings.kinds import IP_KIND_LABELS
from marketplace.fields import field_label
from marketplace.money import WAN, format_yuan
from marketplace.permissions import Actor, Decision
from marketplace.regions import in_province, region_label
from marketplace.ui_format import yuan

from . import policies, queries
from .kinds import ALL_SUBTYPES, KIND_LABELS, PAYMENT_LABELS, TECHNICAL_FIELDS
from .models import Contract, Registration, RequestKind
from .services.signing import is_alone
from .states import ContractState

Found = tuple[Contract, Registration] | None

NAMES = {
    "title": _l("Name of the contract"),
    "kind": _l("Kind"),
    "subtype": _l("Sub-type"),
    "field": _l("Industry field"),
    "technical_field": _l("Technical field"),
    "technical_amount": _l("Technical amount"),
    "non_technical_items": _l("Of it not technology"),
    "payment_mode": _l("Payment"),
    "payment_terms": _l("Terms of payment"),
    "starts_on": _l("In force from"),
    "ends_on": _l("In force until"),
    "deliverables": _l("What is delivered"),
    "acceptance": _l("How it is accepted"),
    "clauses": _l("Clauses"),
}
_LABELS: dict[str, Any] = {
    "kind": KIND_LABELS,
    "subtype": ALL_SUBTYPES,
    "technical_field": TECHNICAL_FIELDS,
    "payment_mode": PAYMENT_LABELS,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What this person's side has done and what the person may do now."""

    side: str | None
    confirmed: bool
    signed: bool
    edit: Decision
    reopen: Decision
    sign: Decision
    apply: Decision
    terminate: Decision
    ask_end: Decision
    answer_end: Decision


def standing(actor: Actor, contract: Contract) -> Standing:
    """Where the contract stands for this person."""
    side = policies.side_of(actor, contract)
    return Standing(
        side=side,
        confirmed=bool(side and getattr(contract, f"{side}_confirmed_at")),
        signed=side in {one.side for one in queries.signatures(contract)},
        edit=policies.can_edit(actor, contract),
        reopen=policies.can_reopen(actor, contract),
        sign=policies.can_sign(actor, contract, alone=is_alone(actor)),
        apply=policies.can_apply(actor, contract),
        terminate=policies.can_terminate(actor, contract),
        ask_end=policies.can_ask_end(actor, contract),
        answer_end=policies.can_answer_end(actor, contract),
    )


def value(name: str, given: Any) -> str:
    """A value of a contract or a registration in words."""
    if given in (None, ""):
        return "—"
    if name == "non_technical_items":
        return "；".join(f"{item['label']} {money_text(item['amount'])}" for item in given) or "—"
    if name == "technical_amount":
        return format_yuan(Decimal(given))
    if name == "field":
        return str(field_label(given))
    return str(_LABELS[name].get(given, given)) if name in _LABELS else str(given)


def money_text(kept: str) -> str:
    """An amount kept as text (rows of `{label, amount}`), with thousands separators."""
    return format_yuan(Decimal(kept))


def round_amount(amount: Decimal) -> str:
    """A round amount in words, `500 万元` rather than `500.00 万元`."""
    return re.sub(r"\.0+(?= |$)", "", yuan(amount))


def short(amount: Decimal) -> str:
    """An amount for a tile: to the hundred yuan; the exact one stands in its title."""
    return yuan(amount.quantize(Decimal("1E2")).quantize(Decimal(1))) if amount >= WAN else yuan(amount)


def differences(contract: Contract, typed: dict[str, Any]) -> list[dict[str, str]]:
    """What was typed beside what the other side saved meanwhile, for the difference table."""
    return [
        {"label": str(NAMES[name]), "before": value(name, getattr(contract, name)), "after": value(name, wanted)}
        for name, wanted in typed.items()
        if getattr(contract, name) != wanted
    ]


def requested(registration: Registration) -> list[dict[str, str]]:
    """What a change would correct, for the difference table."""
    return [
        {"label": str(NAMES[name]), "before": value(name, getattr(registration, name)), "after": value(name, wanted)}
        for name, wanted in registration.request_values.items()
        if name in NAMES
    ]


#: What a second registrar is asked: the title of the notice, the button, and what agreeing does.
REQUESTS = {
    RequestKind.CHANGE: (
        _l("A change is asked for"),
        _l("Agree and change"),
        _l("The certificate is replaced and the figures follow. Agree?"),
    ),
    RequestKind.CANCEL: (
        _l("A cancellation is asked for"),
        _l("Agree and cancel"),
        _l("The number becomes void and the contract no longer counts. Agree?"),
    ),
    RequestKind.REFUSE: (
        _l("A refusal is asked for"),
        _l("Agree and refuse"),
        _l("The contract gets no number and does not count; the seller may ask for a re-check. Agree?"),
    ),
}


def ready(contract: Contract, papers: Sequence[Any]) -> list[dict[str, Any]]:
    """The checklist beside the application form."""
    outside = contract.source.startswith("outside:")
    signed = _("Signed by both sides") if not outside else _("Signed paper attached")
    return [
        {"label": signed, "done": bool(papers) if outside else contract.signed_at is not None},
        {"label": _("Term is clear"), "done": bool(contract.starts_on and contract.ends_on)},
        {
            "label": _("Parties have their code and region"),
            "done": bool(contract.seller["uscc"] and contract.buyer["uscc"]),
        },
        {"label": _("What is delivered is described"), "done": bool(contract.deliverables)},
    ]


def applied(registration: Registration) -> str:
    """What is said after an application."""
    if registration.due_on is None:
        return str(_("Applied for. The deadline is set as soon as the holidays of its year are published."))
    return str(_("Applied for. The registrar decides by %(day)s.", day=registration.due_on.isoformat()))


def term(contract: Contract) -> str:
    """From when until when it is in force, as far as that is settled."""
    if contract.starts_on is None and contract.ends_on is None:
        return "—"
    return f"{contract.starts_on or '…'} – {contract.ends_on or '…'}"


def flow(contract: Contract) -> str:
    """Where the technology goes: within the province, out of it, into it."""
    seller, buyer = in_province(contract.seller["region"]), in_province(contract.buyer["region"])
    if seller and buyer:
        same = contract.seller["region"] == contract.buyer["region"]
        return str(_("within the city") if same else _("within the province"))
    return str(_("out of the province") if seller else _("into the province"))


def place(party: dict[str, Any]) -> str:
    """A party's region in words."""
    return str(region_label(party["region"]))


def rights(kinds: Sequence[str]) -> str:
    """Kinds of rights in words."""
    return "、".join(str(IP_KIND_LABELS.get(kind, kind)) for kind in kinds) or _("none involved")  # type: ignore[call-overload]


def status(found: Found) -> str:
    """`valid`, `changed` (valid, but a later certificate replaced the first), `void`, or nothing."""
    if found is None:
        return ""
    contract, registration = found
    if contract.state is not ContractState.REGISTERED:
        return "void"
    return "changed" if registration.changed_at is not None else "valid"
