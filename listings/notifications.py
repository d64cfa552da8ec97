"""Who is told what about a result: one function a message. Written in the transaction that makes it true.

Addresses are written out: a command or the worker has no request to build them from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from accounts.models import User
from accounts.queries import get_organisation, members, members_with, staff_with
from marketplace.db import db
from marketplace.notices import register_event, send
from marketplace.permissions import Permission

from .deal_states import SaleState
from .models import Access, IpItem, Listing, Objection, Publicity, Question, Sale
from .snapshot import LABELS
from .states import ListingState

EVENTS = {
    "listings.to_approve": (_l("A result waits for my approval"), False),
    "listings.to_review": (_l("A result waits for exchange review"), False),
    "listings.returned": (_l("A result of mine was returned"), False),
    "listings.rejected": (_l("A result of mine was refused"), True),
    "listings.listed": (_l("A result of mine is on the board"), False),
    "listings.suspended": (_l("A result of mine was suspended"), True),
    "listings.right_lapsed": (_l("A right lapsed while its result is being sold"), True),
    "listings.publicity": (_l("An agreed price is in publicity"), True),
    "listings.objection": (_l("An objection was lodged"), True),
    "listings.objection_decided": (_l("An objection was decided"), True),
    "listings.sale_proposed": (_l("My organisation was named as buyer"), True),
    "listings.sale_answered": (_l("A named buyer answered"), False),
    "listings.sale_agreed": (_l("A sale by agreement stands"), True),
    "listings.question": (_l("A question about my result"), False),
    "listings.answer": (_l("My question was answered"), False),
    "listings.access_asked": (_l("Somebody asks for confidential attachments"), False),
    "listings.access_decided": (_l("My request for confidential attachments was decided"), False),
}


def register() -> None:
    """Declare the events, so that people can choose how they hear of them."""
    for name, (label, legal) in EVENTS.items():
        register_event(name, label, legal)


def _send(name: str, to: Iterable[int | None], listing: Listing, url: str, key: str = "", **context: Any) -> None:
    people = {one for one in to if one is not None}
    send(f"listings.{name}", people, {"listing": listing, **context}, url=url, key=key)


def _ids(users: Iterable[User]) -> list[int]:
    return [user.id for user in users]


def _owners(listing: Listing) -> list[int]:
    """Who keeps it and who wrote in it, as far as they are still there; else the organisation's editors."""
    present = {one.user_id for one in members(listing.organisation_id) if one.user.disabled_at is None}
    theirs = [one for one in dict.fromkeys([listing.keeper_id, *listing.editors]) if one in present]
    return theirs or _ids(members_with(listing.organisation_id, Permission.LISTING_EDIT))


def _buyers(organisation_id: int) -> list[int]:
    permissions = (Permission.BID_PLACE, Permission.BID_APPROVE, Permission.CONTRACT_SIGN)
    return [one for permission in permissions for one in _ids(members_with(organisation_id, permission))]


def _desk(listing: Listing) -> str:
    return f"/desk/listings/{listing.number}"


def _page(listing: Listing) -> str:
    return f"/listings/{listing.number}"


def to_approve(listing: Listing) -> None:
    """Tell the organisation's approvers who did not write it."""
    approvers = set(_ids(members_with(listing.organisation_id, Permission.LISTING_APPROVE))) - set(listing.editors)
    _send("to_approve", approvers, listing, _desk(listing))


def to_review(listing: Listing) -> None:
    """Tell the reviewers of the exchange."""
    owner = get_organisation(listing.organisation_id)
    url = f"/desk/reviews/{listing.number}"
    _send("to_review", _ids(staff_with(Permission.LISTING_REVIEW)), listing, url, owner=owner.name if owner else "")


def returned(listing: Listing, reasons: Mapping[str, str], comment: str) -> None:
    """Tell the writers what has to be corrected."""
    named = {str(LABELS.get(name, name)): text for name, text in reasons.items()}
    _send("returned", _owners(listing), listing, _desk(listing), reasons=named, comment=comment)


def rejected(listing: Listing, reason: str) -> None:
    """Tell the writers that it was refused, and why."""
    _send("rejected", _owners(listing), listing, _desk(listing), reason=reason)


def listed(listing: Listing) -> None:
    """Tell the writers that it is on the board."""
    _send("listed", _owners(listing), listing, _page(listing))


def suspended(listing: Listing, reason: str) -> None:
    """Tell the writers that it is off sale for a while."""
    _send("suspended", _owners(listing), listing, _desk(listing), reason=reason)


def right_lapsed(listing: Listing, item: IpItem) -> None:
    """Tell the owner, and whoever can stop the auction or the publicity that runs; once per right and lapse."""
    permission = Permission.AUCTION_RUN if listing.state is ListingState.BIDDING else Permission.LISTING_REVIEW
    people = [*_owners(listing), *_ids(staff_with(permission))]
    key = f"{listing.number}:{item.number}:{item.fee_paid_to}"
    _send("right_lapsed", people, listing, _page(listing), key, item=item)


def publicity_begun(listing: Listing, run: Publicity) -> None:
    """Tell seller and buyer until when the price stands in public."""
    sale_buyer = _buyer_of(run)
    people = [*_owners(listing), *_buyers(sale_buyer)]
    _send("publicity", people, listing, _page(listing), key=f"publicity:{run.id}", run=run)


def objection_lodged(listing: Listing, objection: Objection) -> None:
    """Tell reviewers, seller and buyer that the clock stands still. Who objected only the reviewers see."""
    people = [*_ids(staff_with(Permission.LISTING_REVIEW)), *_owners(listing)]
    people += _buyers(_buyer_of(objection.publicity))
    _send("objection", people, listing, f"/publicity/{listing.number}")


def objection_decided(listing: Listing, objection: Objection) -> None:
    """Tell seller, buyer and the objector with an account."""
    run = objection.publicity
    people = [*_owners(listing), *_buyers(_buyer_of(run)), objection.user_id]
    url = f"/publicity/{listing.number}"
    _send("objection_decided", people, listing, url, objection=objection, run=run)


def sale_proposed(listing: Listing, sale: Sale) -> None:
    """Ask the named buyer's people to confirm."""
    owner = get_organisation(listing.organisation_id)
    url = f"/desk/sales/{sale.id}"
    people = _buyers(sale.buyer_organisation_id)
    _send("sale_proposed", people, listing, url, sale=sale, owner=owner.name if owner else "")


def sale_answered(listing: Listing, sale: Sale) -> None:
    """Tell the seller what the named buyer said."""
    confirmed = sale.state is not SaleState.DECLINED
    _send(
        "sale_answered",
        _owners(listing),
        listing,
        _desk(listing),
        sale=sale,
        confirmed=confirmed,
    )


def sale_agreed(listing: Listing, sale: Sale) -> None:
    """Tell both sides that the contract is next."""
    people = [*_owners(listing), *_buyers(sale.buyer_organisation_id)]
    _send("sale_agreed", people, listing, _page(listing), sale=sale)


def question_asked(listing: Listing, question: Question) -> None:
    """Tell the owner's editors."""
    _send("question", _owners(listing), listing, _desk(listing) + "#questions", question=question)


def question_answered(listing: Listing, question: Question) -> None:
    """Tell the asker."""
    _send("answer", [question.user_id], listing, _page(listing) + "#questions", question=question)


def access_asked(listing: Listing, access: Access) -> None:
    """Tell the owner's editors."""
    asker = get_organisation(access.organisation_id)
    name = asker.name if asker else ""
    _send("access_asked", _owners(listing), listing, _desk(listing) + "#access", access=access, asker=name)


def access_decided(listing: Listing, access: Access) -> None:
    """Tell the asker."""
    _send("access_decided", [access.user_id], listing, _page(listing) + "#files", access=access)


def _buyer_of(run: Publicity) -> int:
    return db.session.get_one(Sale, run.sale_id).buyer_organisation_id
