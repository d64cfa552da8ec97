"""What this package puts on the desk: the way to a verified organisation, and what waits for reviewers."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import desk
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission

from . import queries
from .states import LABELS, OrganisationState


def register() -> None:
    """Contribute sections and side navigation."""
    desk.register_section("accounts.organisation", _l("Your organisation"), Permission.ACCOUNT_USE, own, order=10)
    desk.register_section("accounts.verify", _l("Organisations to verify"), Permission.ORG_VERIFY, waiting, order=20)
    own_items = [
        SideItem(_l("My desk"), "desk.index", Permission.ACCOUNT_USE, icon="layout-grid"),
        SideItem(_l("Organisation"), "accounts.organisation", Permission.ORG_READ, icon="building-2"),
        SideItem(_l("Your account"), "accounts.profile", Permission.ACCOUNT_USE, icon="user"),
    ]
    staff_items = [
        SideItem(_l("Organisations"), "accounts.organisations", Permission.ORG_VERIFY, count_waiting, "building-2"),
        SideItem(_l("People"), "accounts.people", Permission.USERS_MANAGE, icon="users"),
        SideItem(_l("Operations"), "operations.index", Permission.SYSTEM_OPERATE, icon="settings"),
    ]
    desk.register_side("own", _l("Mine"), own_items, order=10)
    desk.register_side("exchange", _l("The exchange"), staff_items, order=90)


def count_waiting(_actor: Actor) -> int:
    """How many organisations wait for a reviewer."""
    return len(queries.waiting_for_verification())


def own(actor: Actor) -> DeskSection | None:
    """What to do next until the organisation may trade; nothing once it may."""
    organisation = queries.get_organisation(actor.organisation_id) if actor.organisation_id else None
    if organisation is None:
        if actor.staff:
            return None
        register_first = Item(_("Register your organisation"), url_for("accounts.new_organisation"))
        return DeskSection(items=[register_first])
    if organisation.state is OrganisationState.VERIFIED:
        return None
    step = Item(organisation.name, url_for("accounts.organisation"), note=str(LABELS[organisation.state]))
    return DeskSection(items=[step])


def waiting(_actor: Actor) -> DeskSection:
    """Organisations that wait for a reviewer."""
    items = [
        Item(one.name, url_for("accounts.verification", organisation_id=one.id), note=one.uscc)
        for one in queries.waiting_for_verification()[:10]
    ]
    return DeskSection(items=items, empty=_("No organisation waits."))
