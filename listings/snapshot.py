"""The public text of a result as plain data, and the readable difference of two of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.fields import field_label
from marketplace.jsons import plain
from marketplace.money import format_yuan
from marketplace.regions import region_label

from .kinds import IP_KIND_LABELS, IP_STATUS_LABELS, MODE_LABELS, PHASE_LABELS, PRICE_MODE_LABELS

_IP_FIELDS = (
    "kind",
    "number",
    "title",
    "holder",
    "filed_on",
    "granted_on",
    "status",
    "fee_paid_to",
    "encumbrance",
    "ipc",
)


def _lines(value: Any) -> str:
    return "\n".join(map(str, value or ()))


def _advantages(rows: Any) -> str:
    pattern = _l("%(metric)s: %(ours)s instead of %(conventional)s %(unit)s")
    return "\n".join(str(pattern) % {"unit": "", **row} for row in rows or ()).strip()


def _co_owners(rows: Any) -> str:
    return "\n".join(f"{row['name']} {row['share']}%" for row in rows or ())


def _labelled(labels: Any) -> Callable[[Any], str]:
    return lambda value: str(labels.get(value, value)) if value else ""


def _price(value: Any) -> str:
    return f"{format_yuan(Decimal(value))} 元"


def _modes(values: Any) -> str:
    return "、".join(str(MODE_LABELS.get(value, value)) for value in values or ())


def _items(rows: Any) -> str:
    lines = []
    for row in rows or ():
        words = [IP_KIND_LABELS.get(row["kind"], ""), row["number"], row["title"], row["holder"]]
        words += [IP_STATUS_LABELS.get(row["status"], ""), row["granted_on"] or row["filed_on"]]
        words += [row["encumbrance"], row["ipc"]]
        if row["fee_paid_to"]:
            words.append(_("fees paid to %(day)s", day=row["fee_paid_to"]))
        lines.append(" · ".join(str(word) for word in words if word))
    return "\n".join(lines)


#: The public fields in the order of the page, each with how its value reads.
FIELDS: tuple[tuple[str, Any, Callable[[Any], str]], ...] = (
    ("title", _l("Title"), str),
    ("summary", _l("Summary"), str),
    ("problem", _l("The problem it solves"), str),
    ("current_solution", _l("How it is solved today"), str),
    ("advantages", _l("Advantages in figures"), _advantages),
    ("applications", _l("Where it can be used"), str),
    ("keywords", _l("Keywords"), _lines),
    ("inventors", _l("Inventors"), _lines),
    ("co_owners", _l("Co-owners"), _co_owners),
    ("funding_source", _l("Funding source"), str),
    ("registration_no", _l("Registration no. of the result"), str),
    ("field", _l("Industry field"), lambda value: str(field_label(value))),
    ("region", _l("Region"), lambda value: str(region_label(value))),
    ("trl", _l("Technology readiness level"), lambda value: "" if value is None else f"TRL {value}"),
    ("phase", _l("Stage"), _labelled(PHASE_LABELS)),
    ("ip_items", _l("Rights"), _items),
    ("transfer_modes", _l("Ways of transfer"), _modes),
    ("licence_term", _l("Term of the licence"), str),
    ("territory", _l("Territory"), str),
    ("price_mode", _l("How the price is formed"), _labelled(PRICE_MODE_LABELS)),
    ("price", _l("Price"), _price),
    ("payment_terms", _l("Payment"), str),
    ("buyer_conditions", _l("Conditions for buyers"), str),
)
LABELS = {name: label for name, label, _read in FIELDS}


def snapshot(listing: Any, items: Sequence[Any]) -> dict[str, Any]:
    """Everything public that the result says now, as JSON. Contact and attachments are no part of it."""
    taken = {name: getattr(listing, name) for name, _label, _read in FIELDS if name != "ip_items"}
    taken["ip_items"] = [{name: getattr(item, name) for name in _IP_FIELDS} for item in items]
    return dict(plain(taken))


@dataclass(frozen=True, slots=True)
class Change:
    """One field that reads differently."""

    name: str
    label: Any
    before: str
    after: str


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The fields that changed, as people read them."""
    changes = []
    for name, label, read in FIELDS:
        old, new = before.get(name), after.get(name)
        if old != new:
            changes.append(Change(name, label, _readable(read, old), _readable(read, new)))
    return changes


def _readable(read: Callable[[Any], str], value: Any) -> str:
    return "" if value is None else read(value)
