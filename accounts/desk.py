"""What this package puts on the desk: the way to a verified organisation, its members, and what waits for reviewers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from marketplace import desk
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission
from marketplace.ui import server_now
from marketplace.ui_format import relative

from . import queries, rules
from .models import Membership, Organisation
from .roles import OrgRole
from .states import OrganisationState


def register() -> None:
    """Contribute sections and side navigation."""
    desk.register_section("accounts.organisation", _l("Your organisation"), Permission.ACCOUNT_USE, own, order=10)
    desk.register_section("accounts.verify", _l("Organisations to verify"), Permission.ORG_VERIFY, waiting, order=20)
    desk.register_section("accounts.members", _l("Members"), Permission.ORG_MANAGE, members, order=80)
    own_items = [
        SideItem(_l("My desk"), "desk.index", Permission.ACCOUNT_USE, icon="layout-grid"),
        SideItem(_l("Organisation"), "accounts.organisation", Permission.ORG_READ, icon="building-2"),
        SideItem(_l("Your account"), "accounts.profile", Permission.ACCOUNT_USE, icon="user"),
        SideItem(_l("Security"), "accounts.security", Permission.ACCOUNT_USE, icon="shield-check"),
    ]
    staff_items = [
        SideItem(_l("Organisations"), "accounts.organisations", Permission.ORG_VERIFY, count_waiting, "building-2"),
        SideItem(_l("People"), "accounts.people", Permission.USERS_MANAGE, icon="users"),
    ]
    desk.register_side("own", _l("Mine"), own_items, order=10)
    desk.register_side("exchange", _l("The exchange"), staff_items, order=80)


def count_waiting(_actor: Actor) -> int:
    """How many organisations wait for a reviewer."""
    return queries.count_waiting()


def own(actor: Actor) -> DeskSection | None:
    """What to do next until the organisation may trade; nothing once it may."""
    organisation = queries.get_organisation(actor.organisation_id) if actor.organisation_id else None
    if organisation is None:
        return None if actor.staff else DeskSection(body=_first_steps())
    if organisation.state is OrganisationState.VERIFIED and not _banned(organisation):
        return None
    return DeskSection(body=_onboarding(organisation), links=[(_("Open"), url_for("accounts.organisation"))])


def _first_steps() -> Markup:
    return Markup(render_template("accounts/_first_steps.html"))  # noqa: S704 - our own template


def _onboarding(organisation: Organisation) -> Markup:
    kinds = {one.kind for one in queries.documents(organisation.id)}
    missing = rules.missing_for_verification(organisation, kinds)
    made = render_template("accounts/_onboarding.html", organisation=organisation, missing=missing)
    return Markup(made)  # noqa: S704 - our own template


def _banned(organisation: Organisation) -> bool:
    return organisation.banned_until is not None and organisation.banned_until > server_now()


def waiting(_actor: Actor) -> DeskSection:
    """Organisations that wait for a reviewer, the longest waiting first."""
    now = server_now()
    items = [
        Item(
            one.name, url_for("accounts.verification", organisation_id=one.id), note=f"{one.uscc} · {relative(at, now)}"
        )
        for one, at in queries.waiting_for_verification(limit=8)
    ]
    every = url_for("accounts.organisations", state="submitted")
    return DeskSection(items=items, empty=_("No organisation waits."), links=[(_("All that wait"), every)])


def members(actor: Actor) -> DeskSection | None:
    """How many act for the organisation, and who has not come yet."""
    organisation_id = actor.organisation_id
    if organisation_id is None:
        return None
    here, people = url_for("accounts.organisation", _anchor="members"), queries.members(organisation_id)
    tiles = [
        {"label": _("Members"), "value": len(people), "url": here},
        {"label": _("Open invitations"), "value": len(queries.open_invitations(organisation_id)), "url": here},
    ]
    links = [
        (_("Invite a member"), url_for("accounts.invite")),
        (_("Authority to bid"), url_for("accounts.bidding")),
    ]
    return DeskSection(tiles=tiles, items=_without_roles(actor, people), links=links)


def _without_roles(actor: Actor, people: Sequence[Membership]) -> list[Item]:
    """What a manager who came alone has to do first: managing alone lists nothing and bids for nothing."""
    own = next((one for one in people if one.user_id == actor.user_id), None)
    if own is None or any(role != OrgRole.MANAGER for one in people for role in one.roles):
        return []
    url = url_for("accounts.member", member_id=own.id)
    return [Item(_("Nobody may list results or bid yet"), url, _("Give yourself or a colleague the roles for it."))]
