"""What this package puts on the desk: finance's waiting work."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts import handover
from accounts.handover import Leaving, OpenWork
from marketplace import desk, links
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission

from . import collecting, queries
from .models import Deposit
from .states import LABELS, OPEN, DepositState


def register() -> None:
    """Contribute finance's section and side navigation."""
    desk.register_section("payments.finance", _l("Deposits"), Permission.DEPOSIT_RECORD, finance, order=40)
    items = [
        SideItem(_l("Deposits"), "payments.register", Permission.DEPOSIT_RECORD, count_waiting, "wallet"),
        SideItem(_l("Deposit account"), "payments.account", Permission.DEPOSIT_RECORD, icon="landmark"),
    ]
    desk.register_side("finance", _l("Finance"), items, order=60)
    handover.register("payments", open_work)


def open_work(leaving: Leaving) -> list[OpenWork]:
    """Deposits to pay or to get back that nobody else in the organisation would hear of."""
    if Permission.DEPOSIT_READ not in leaving.only_theirs:
        return []
    return [
        OpenWork(
            one.number, links.path("payments.detail", number=one.number), LABELS[one.state], Permission.DEPOSIT_READ
        )
        for one in queries.own_deposits(leaving.organisation_id)
        if one.state in OPEN or one.to_return > 0
    ]


def count_waiting(_actor: Actor) -> int:
    """How many deposits need somebody in finance."""
    return queries.count(queries.WAITING)


def finance(_actor: Actor) -> DeskSection:
    """What is awaited, receipts to confirm, steps to approve, money to pay back."""
    awaited = queries.count(Deposit.state == DepositState.DUE)
    due = DepositState.DUE.value
    tiles = [{"label": _("Awaited"), "value": awaited, "url": url_for("payments.register", state=due)}]
    wanted = [
        ("to_confirm", _("To be confirmed"), queries.TO_CONFIRM, "waiting"),
        ("prepared", _("Step to approve"), queries.PREPARED, "waiting"),
        ("to_return", _("To be paid back"), queries.OWED_BACK, "waiting"),
        ("overdue", _("Overdue"), queries.OVERDUE, "refused"),
    ]
    for key, label, condition, tone in wanted:
        found = queries.count(condition)
        url = url_for("payments.register", needs=key)
        tiles.append({"label": label, "value": found, "tone": tone if found else None, "url": url})
    return DeskSection(tiles=tiles, items=_no_account())


def _no_account() -> list[Item]:
    """Before the first account is published nobody can be told where to pay."""
    if collecting.current() is not None:
        return []
    said = _("A second person publishes what the first proposes.")
    return [Item(_("No deposit account is published yet"), url_for("payments.account"), said)]
