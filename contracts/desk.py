"""What contracts put on the desk: the next step of each contract for who can take it; and the registrars' work."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts import handover
from accounts.handover import Leaving, OpenWork
from marketplace import desk, links
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission
from marketplace.ui_format import day

from . import figures, policies, queries
from .models import Contract
from .states import LABELS, ContractState

#: The next step a state asks for, and which permission takes it.
STEPS = {
    ContractState.DRAFT: (_l("Complete and confirm the text"), Permission.CONTRACT_EDIT),
    ContractState.SIGNING: (_l("Sign"), Permission.CONTRACT_SIGN),
    ContractState.SIGNED: (_l("Apply for registration"), Permission.CONTRACT_EDIT),
    ContractState.RETURNED: (_l("Correct the application"), Permission.CONTRACT_EDIT),
    ContractState.REFUSED: (_l("Ask for a re-check, or leave it"), Permission.CONTRACT_EDIT),
}
#: Steps that only the seller takes.
SELLERS = (ContractState.SIGNED, ContractState.RETURNED, ContractState.REFUSED)
WORK_LABELS = {
    "waiting": _l("To review"),
    "returned": _l("Being corrected"),
    "refused": _l("Registrations refused"),
    "requests": _l("To decide as the second person"),
    "registered": _l("Registered contracts"),
}


def register() -> None:
    """Contribute sections and side navigation."""
    desk.register_section("contracts.own", _l("Contracts"), Permission.ORG_READ, own, order=60)
    desk.register_section(
        "contracts.queue", _l("Contracts to register"), Permission.CONTRACT_REGISTER, to_register, order=30
    )
    desk.register_section(
        "contracts.unsigned", _l("Contracts not signed yet"), Permission.AUCTION_RUN, unsigned, order=50
    )
    mine = [SideItem(_l("Contracts"), "contracts.index", Permission.ORG_READ, count_steps, icon="file-text")]
    desk.register_side("contracts", _l("Contracts"), mine, order=60)
    work = [
        SideItem(label, "registrar.queue", Permission.CONTRACT_REGISTER, _counting(part), values={"part": part})
        for part, label in WORK_LABELS.items()
    ]
    desk.register_side("registrar", _l("Contract registration"), work, order=30)
    handover.register("contracts", open_work)


def open_work(leaving: Leaving) -> list[OpenWork]:
    """Contracts that somebody who leaves drafted, and steps that nobody else there may take."""
    drafted = [_open(one) for one in queries.drafted_by(leaving.organisation_id, leaving.user_id)]
    waiting = [(one, STEPS[one.state][1]) for one in queries.open_of(leaving.organisation_id) if one.state in STEPS]
    theirs = [
        (one, needs) for one, needs in waiting if one.state not in SELLERS or one.seller_id == leaving.organisation_id
    ]
    return drafted + [_open(one, needs) for one, needs in theirs if needs in leaving.only_theirs]


def _open(contract: Contract, needs: Permission | None = None) -> OpenWork:
    url = links.path("contracts.detail", number=contract.number)
    return OpenWork(f"{contract.number} {contract.title}", url, LABELS[contract.state], needs)


def _counting(part: str) -> Callable[[Actor], int]:
    return lambda _actor: queries.count_work(part)


def steps(actor: Actor) -> list[Contract]:
    """The organisation's contracts whose next step this person can take."""
    waiting = queries.waiting(actor, *STEPS)
    return [one for one in waiting if actor.can(STEPS[one.state][1]) and _is_theirs(actor, one)]


def _is_theirs(actor: Actor, contract: Contract) -> bool:
    side = policies.side_of(actor, contract)
    if contract.state in SELLERS:
        return side == policies.SELLER
    if contract.state is ContractState.DRAFT:
        return getattr(contract, f"{side}_confirmed_at") is None
    return side not in {one.side for one in queries.signatures(contract)}


def count_steps(actor: Actor) -> int:
    """How many contracts wait for this person."""
    return len(steps(actor))


def own(actor: Actor) -> DeskSection | None:
    """The contracts that wait for a step of this person."""
    waiting = steps(actor)
    if not waiting:
        return None
    return DeskSection(
        items=[_item(one) for one in waiting[:8]], links=[(_("All contracts"), url_for("contracts.index"))]
    )


def _item(contract: Contract) -> Item:
    url = url_for("contracts.detail", number=contract.number)
    return Item(f"{contract.number} {contract.title}", url, note=STEPS[contract.state][0])


def unsigned(_actor: Actor) -> DeskSection | None:
    """Sales whose contract waits for the sides: an auctioneer watches them, and ends what will not be signed."""
    waiting = queries.unsigned(10)
    if not waiting:
        return None
    items = [
        Item(
            f"{one.number} {one.title}",
            url_for("contracts.detail", number=one.number),
            note=_("%(state)s since %(day)s", state=LABELS[one.state], day=day(one.created_at)),
        )
        for one in waiting
    ]
    return DeskSection(items=items)


def to_register(_actor: Actor) -> DeskSection:
    """How the registrars' work stands."""
    work = figures.workload()
    tiles = [
        {"label": _("Due today"), "value": work.due_today, "tone": "refused" if work.due_today else None},
        {"label": _("Waiting"), "value": work.waiting},
        {"label": _("To decide as the second person"), "value": queries.count_work("requests")},
        {"label": _("Done this week"), "value": work.done_this_week},
    ]
    return DeskSection(tiles=tiles, links=[(_("Open the queue"), url_for("registrar.queue"))])
