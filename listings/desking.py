"""What this package puts on desks and on the front page."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts import handover
from accounts import queries as accounts
from accounts.handover import Leaving, OpenWork
from marketplace import desk, links, slots
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission

from . import queries
from .models import Listing
from .states import SHOWN, ListingState

_WORK = (ListingState.CORRECTION, ListingState.DRAFT)
_TILES = (ListingState.DRAFT, ListingState.EXCHANGE_REVIEW, ListingState.LISTED, ListingState.DEAL_PENDING)


def register() -> None:
    """Contribute sections, side navigation and the front page's parts."""
    desk.register_section("listings.mine", _l("Our results"), Permission.LISTING_EDIT, mine, order=20)
    desk.register_section("listings.approve", _l("Results to approve"), Permission.LISTING_APPROVE, approvals, order=21)
    desk.register_section("listings.sales", _l("You are named as buyer"), Permission.ORG_READ, sales, order=22)
    desk.register_section("listings.review", _l("Results to review"), Permission.LISTING_REVIEW, reviews, order=23)
    own = [
        SideItem(_l("Our results"), "listings.mine", Permission.ORG_READ, icon="flask-conical"),
        SideItem(_l("To approve"), "listings.approvals", Permission.LISTING_APPROVE, _to_approve, "clipboard-check"),
        SideItem(_l("Import"), "listings.imports", Permission.LISTING_EDIT, icon="file-up"),
    ]
    staff = [
        SideItem(_l("Results to review"), "listings.reviews", Permission.LISTING_REVIEW, _to_review, "clipboard-list")
    ]
    desk.register_side("listings", _l("Results"), own, order=20)
    desk.register_side("reviews", _l("Review"), staff, order=80)
    handover.register("listings", open_work)
    slots.fill("home.main", "listings.newest", newest, order=50)
    slots.fill("home.fields", "listings.fields", fields)


def _to_approve(actor: Actor) -> int:
    return len(queries.waiting_for_approval(actor))


def _to_review(_actor: Actor) -> int:
    return queries.count_in(ListingState.EXCHANGE_REVIEW) + len(queries.open_objections())


def mine(actor: Actor) -> DeskSection | None:
    """How the organisation's results stand, and those that its editors must work on."""
    if actor.organisation_id is None:
        return None
    counts = queries.counts(actor)
    tiles = [
        {"label": SHOWN[state].label, "value": counts.get(state, 0), "url": url_for("listings.mine", state=state.value)}
        for state in _TILES
    ]
    items = [
        Item(one.title or _("Untitled"), url_for("listings.manage", number=one.number), str(SHOWN[one.state].label))
        for one in queries.to_work_on(actor, _WORK)
    ]
    links = [(_("Import a file"), url_for("listings.imports")), (_("All our results"), url_for("listings.mine"))]
    return DeskSection(
        tiles, items, links, _("Nothing waits for you here."), begin=[(_("New result"), url_for("listings.create"))]
    )


def approvals(actor: Actor) -> DeskSection:
    """What the organisation's approver decides."""
    items = [
        Item(one.title, url_for("listings.manage", number=one.number), one.number)
        for one in queries.waiting_for_approval(actor)[:10]
    ]
    return DeskSection(items=items, empty=_("No result waits for your approval."))


def sales(actor: Actor) -> DeskSection | None:
    """Agreed sales in which the organisation is named and has not answered."""
    items = [
        Item(one.listing.title, url_for("listings.sale", sale_id=one.id), one.listing.organisation.name)
        for one in queries.sales_waiting(actor)
    ]
    return DeskSection(items=items) if items else None


def reviews(_actor: Actor) -> DeskSection:
    """What the exchange's reviewers decide: results, then objections."""
    waiting = queries.read(queries.waiting_query(ListingState.EXCHANGE_REVIEW).limit(10))
    items = [Item(one.title, url_for("listings.review", number=one.number), one.organisation.name) for one in waiting]
    items += [
        Item(
            _("Objection: %(title)s", title=one.publicity.title),
            url_for("listings.publicity_detail", number=one.publicity.listing.number),
        )
        for one in queries.open_objections()[:10]
    ]
    return DeskSection(items=items, empty=_("No result waits for review."))


def open_work(leaving: Leaving) -> list[OpenWork]:
    """What somebody who leaves keeps or is the contact of, and what only they could approve."""
    leaver = accounts.get_user(leaving.user_id)
    kept = queries.looked_after(leaving.organisation_id, leaver) if leaver else []
    waiting = Permission.LISTING_APPROVE in leaving.only_theirs
    stuck = queries.in_org_review(leaving.organisation_id) if waiting else []
    return [_open(one) for one in kept] + [_open(one, Permission.LISTING_APPROVE) for one in stuck]


def _open(listing: Listing, needs: Permission | None = None) -> OpenWork:
    url = links.path("listings.manage", number=listing.number)
    return OpenWork(f"{listing.number} {listing.title}", url, SHOWN[listing.state].label, needs)


def newest(**_context: Any) -> str | None:
    """The newest results, for the front page."""
    shown = queries.newest()
    return render_template("listings/_newest.html", listings=shown) if shown else None


def fields(**_context: Any) -> str | None:
    """The industry fields with how many results each has, as chips below the search."""
    counted = queries.field_counts()
    return render_template("listings/_fields.html", counts=counted) if counted else None
