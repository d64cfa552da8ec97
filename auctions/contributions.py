"""What this package puts on other packages' pages: the desk, a result's page, the front page, the navigation."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts import handover
from accounts.handover import Leaving, OpenWork
from listings.models import Listing
from marketplace import desk, links, slots, ui
from marketplace.clock import db_now
from marketplace.desk import DeskSection, Item, SideItem
from marketplace.permissions import Actor, Permission
from payments import queries as deposits
from payments import references
from payments.references import Subject
from payments.states import DepositState

from . import approvals, policies, queries
from .models import Auction, AuctionBidder
from .policies import OVER
from .services import handing_over
from .states import LABELS, AuctionState

#: Shown on the front page.
HOME_CARDS = 6


def register() -> None:
    """Fill the slots and contribute to desk and navigation."""
    ui.register_nav("auctions.index", _l("Auctions"), order=20)
    references.register("auction", _subject)
    slots.fill("listings.detail.side", "auctions.box", listing_box, order=10)
    slots.fill("home.main", "auctions.live", home_live, order=10)
    desk.register_section("auctions.bidding", _l("Our bids"), Permission.DEPOSIT_READ, bidder_section, order=25)
    desk.register_section("auctions.selling", _l("Our auctions"), Permission.AUCTION_REQUEST, seller_section, order=26)
    desk.register_section("auctions.run", _l("Auctions to run"), Permission.AUCTION_RUN, auctioneer_section, order=30)
    handover.register("auctions", open_work)
    slots.fill("accounts.committed", "auctions", queries.committed_by_person)
    _register_side()


def open_work(leaving: Leaving) -> list[OpenWork]:
    """Live auctions that somebody who leaves registered for or leads in, and bids that they asked for or alone approve."""
    organisation_id, user_id = leaving.organisation_id, leaving.user_id
    parts = [_open(one.auction) for one in handing_over.parts(organisation_id, user_id)]
    asked = approvals.waiting(organisation_id)
    theirs = [_open(one.auction, one.amount) for one in asked if one.requested_by_id == user_id]
    alone = Permission.BID_APPROVE in leaving.only_theirs
    stuck = [_open(one.auction, one.amount, Permission.BID_APPROVE) for one in asked] if alone else []
    return parts + theirs + stuck


def _open(auction: Auction, amount: Decimal | None = None, needs: Permission | None = None) -> OpenWork:
    if amount is None:
        return OpenWork(auction.number, links.path("auctions.show", number=auction.number), LABELS[auction.state])
    note = _("%(amount)s yuan, waits for a second person", amount=f"{amount:,}")
    return OpenWork(auction.number, links.path("auctions.bidding"), note, needs)


def _register_side() -> None:
    trade = [
        SideItem(_l("Our bids"), "auctions.bidding", Permission.DEPOSIT_READ, _approvals, "gavel"),
        SideItem(_l("Our deposits"), "payments.index", Permission.DEPOSIT_READ, icon="wallet"),
        SideItem(_l("Our auctions"), "auctions.selling", Permission.AUCTION_REQUEST, icon="megaphone"),
    ]
    run = [SideItem(_l("Auctions to run"), "auctions.desk", Permission.AUCTION_RUN, _waiting, "gavel")]
    desk.register_side("auctions", _l("Auctions"), trade, order=30)
    desk.register_side("auctioneer", _l("Auctioneer"), run, order=55)


def _subject(number: str) -> Subject:
    return Subject(_l("auction %(number)s", number=number), links.path("auctions.show", number=number))


def _approvals(actor: Actor) -> int:
    return len(approvals.waiting(actor.organisation_id)) if actor.organisation_id else 0


def _waiting(_actor: Actor) -> int:
    return len(queries.requests()) + len(queries.undecided()) + len(queries.alarms())


def listing_box(listing: Listing, actor: Actor, **_context: Any) -> str | None:
    """The auction of a result on its page; for its seller, the way to ask for one."""
    auction = queries.for_listing(listing.id)
    if auction is not None and not policies.can_view(actor, auction, queries.bidder_of(auction, actor.organisation_id)):
        auction = None
    mine = actor.acts_for(listing.organisation_id) and not actor.system
    asks = mine and bool(policies.can_request(actor)) and not queries.of_listing(listing.id)
    ready = asks and listing.state == "listed" and listing.price_mode == "auction"
    if auction is None and not ready:
        return None
    return render_template("auctions/_listing_box.html", auction=auction, listing=listing, ready=ready, now=db_now())


def home_live(**_context: Any) -> str | None:
    """What is being auctioned now and next."""
    auctions = queries.live(HOME_CARDS)
    if not auctions:
        return None
    return render_template("auctions/_home.html", auctions=auctions, listings=queries.titles(auctions), now=db_now())


def bidder_section(actor: Actor) -> DeskSection | None:
    """Where the organisation takes part, what it leads, and what waits for a second person."""
    taking = queries.taking_part(actor.organisation_id) if actor.organisation_id else []
    open_ones = [one for one in taking if one.auction.state not in OVER]
    waiting = approvals.waiting(actor.organisation_id) if actor.organisation_id else []
    if not taking:
        return DeskSection(
            links=[(_("See the auctions"), url_for("auctions.index"))], empty=_("You take part in no auction.")
        )
    leading = sum(one.auction.leader_id == one.id for one in open_ones)
    url = url_for("auctions.bidding")
    tiles = [
        {"label": _("Auctions we take part in"), "value": len(open_ones), "url": url},
        {"label": _("We lead"), "value": leading, "tone": "done" if leading else None, "url": url},
        {
            "label": _("Bids that wait for a second person"),
            "value": len(waiting),
            "tone": "waiting" if waiting else None,
            "url": url,
        },
    ]
    return DeskSection(tiles=tiles, items=_waiting_for_bidder(open_ones))


def _waiting_for_bidder(open_ones: list[AuctionBidder]) -> list[Item]:
    """Deposits to pay, and auctions that somebody else leads."""
    references = [one.auction.deposit_reference for one in open_ones]
    owed = deposits.for_references(open_ones[0].organisation_id, references) if open_ones else {}
    listings = queries.titles(one.auction for one in open_ones)
    items = []
    for one in open_ones:
        title, deposit = listings[one.auction.id].title, owed.get(one.auction.deposit_reference)
        if deposit is not None and deposit.state is DepositState.DUE:
            items.append(Item(title, url_for("payments.detail", number=deposit.number), note=_("Deposit to be paid")))
        elif one.auction.state is AuctionState.OPEN and one.auction.leader_id != one.id:
            items.append(Item(title, url_for("auctions.show", number=one.auction.number), note=_("We do not lead")))
    return items


def seller_section(actor: Actor) -> DeskSection | None:
    """The seller's auctions: returned requests first."""
    auctions = queries.selling(actor.organisation_id) if actor.organisation_id else []
    returned = [one for one in auctions if one.state is AuctionState.DRAFT and one.reason]
    items = [Item(one.number, url_for("auctions.edit", number=one.number), note=one.reason) for one in returned]
    running = sum(one.state in policies.RUNNING for one in auctions)
    url = url_for("auctions.selling")
    tiles = [
        {
            "label": _("With the auctioneer"),
            "value": sum(one.state is AuctionState.DRAFT and not one.reason for one in auctions),
            "url": url,
        },
        {
            "label": _("Announced auctions"),
            "value": sum(one.state is AuctionState.ANNOUNCED for one in auctions),
            "url": url,
        },
        {"label": _("Bidding"), "value": running, "tone": "action" if running else None, "url": url},
    ]
    return DeskSection(tiles=tiles, items=items)


def auctioneer_section(_actor: Actor) -> DeskSection:
    """What the auctioneer has to do."""
    url, now = url_for("auctions.desk"), db_now()
    running = queries.in_states(policies.RUNNING)
    soon = [one for one in running if one.ends_at - now <= timedelta(minutes=30)]
    figures = [
        (_("Requests to review"), len(queries.requests()), "waiting"),
        (_("Registrations to decide"), len(queries.undecided()), "waiting"),
        (_("Bidding now"), len(running), "action"),
        (_("Closing soon"), len(soon), "waiting"),
        (_("Alarms"), len(queries.alarms()), "refused"),
    ]
    tiles = [
        {"label": label, "value": value, "tone": tone if value else None, "url": url} for label, value, tone in figures
    ]
    return DeskSection(tiles=tiles)
