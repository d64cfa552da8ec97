"""What contracts put on the desk: to complete, to sign, to apply for; and the registrars' queue."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import desk
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission

from . import figures, queries
from .models import Contract
from .states import LABELS, ContractState

OPEN = (ContractState.DRAFT, ContractState.SIGNING, ContractState.SIGNED, ContractState.RETURNED)


def register() -> None:
    """Contribute sections and side navigation."""
    desk.register_section("contracts.own", _l("Contracts"), Permission.ORG_READ, own, order=60)
    desk.register_section(
        "contracts.queue", _l("Contracts to register"), Permission.CONTRACT_REGISTER, to_register, order=30
    )
    mine = [SideItem(_l("Contracts"), "contracts.index", Permission.ORG_READ, icon="file-text")]
    desk.register_side("contracts", _l("Contracts"), mine, order=60)
    work = [
        SideItem(
            _l("To review"), "registrar.queue", Permission.CONTRACT_REGISTER, lambda _actor: queries.count_waiting()
        ),
    ]
    desk.register_side("registrar", _l("Registration"), work, order=30)


def own(actor: Actor) -> DeskSection | None:
    """The organisation's contracts that wait for a step."""
    waiting = queries.waiting(actor, *OPEN)
    if not waiting:
        return None
    return DeskSection(
        items=[_item(one) for one in waiting[:8]], links=[(_("All contracts"), url_for("contracts.index"))]
    )


def to_register(_actor: Actor) -> DeskSection:
    """How the registrars' work stands."""
    work = figures.workload()
    tiles = [
        {"label": _("Due today"), "value": work.due_today, "tone": "refused" if work.due_today else None},
        {"label": _("Waiting"), "value": work.waiting},
        {"label": _("Done this week"), "value": work.done_this_week},
    ]
    return DeskSection(tiles=tiles, links=[(_("Open the queue"), url_for("registrar.queue"))])


def _item(contract: Contract) -> Item:
    url = url_for("contracts.detail", number=contract.number)
    return Item(f"{contract.number} {contract.title}", url, note=str(LABELS[contract.state]))
