"""Auctions for programs: the public list, one auction with its visible bids, and bidding through the same desk."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, request
from flask_babel import gettext as _

from accounts import queries as accounts
from marketplace import api, api_tokens
from marketplace.api_paging import PageArgs, cursor_page, page_schema
from marketplace.db import db
from marketplace.edge import current_actor, found
from marketplace.errors import Forbidden
from marketplace.jsons import plain
from marketplace.money import NotAnAmount, parse_yuan
from marketplace.permissions import Permission, public, requires

from . import bidding_views, desk, queries, room
from .eligibility import BidRequest
from .errors import BadBid
from .models import Auction
from .states import AuctionState

blp = api.blueprint("auctions", "Auctions, their bids and bidding")


class AuctionSchema(ma.Schema):
    """An announced auction as everybody may see it."""

    number = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    listing = ma.fields.String(required=True, metadata={"description": "Number of the result."})
    seller = ma.fields.String(required=True)
    state = ma.fields.String(required=True)
    phase = ma.fields.String(required=True)
    opening_price = ma.fields.String(required=True)
    deposit = ma.fields.String(required=True)
    price = ma.fields.String(required=True, allow_none=True)
    bids = ma.fields.Integer(required=True)
    bidders = ma.fields.Integer(required=True)
    has_reserve = ma.fields.Boolean(required=True)
    registration_ends_at = ma.fields.String(required=True, allow_none=True)
    starts_at = ma.fields.String(required=True)
    free_ends_at = ma.fields.String(required=True)
    ends_at = ma.fields.String(required=True)
    outcome = ma.fields.String(required=True, allow_none=True)


class BidSchema(ma.Schema):
    """One visible bid."""

    sequence = ma.fields.Integer(required=True)
    bidder = ma.fields.Integer(required=True, metadata={"description": "The bidder's number in this auction."})
    amount = ma.fields.String(required=True)
    auto = ma.fields.Boolean(required=True, metadata={"description": "Placed by the exchange for a standing limit."})
    at = ma.fields.String(required=True)


class AuctionDetailSchema(AuctionSchema):
    """One auction with its rules, what may be bid next, and its newest visible bids."""

    rules = ma.fields.Dict(required=True)
    minimum = ma.fields.String(required=True)
    leader = ma.fields.Integer(required=True, allow_none=True)
    reserve_met = ma.fields.Boolean(required=True, allow_none=True)
    head = ma.fields.String(required=True, metadata={"description": "Head of the evidence so far, in hexadecimal."})
    latest = ma.fields.List(ma.fields.Nested(BidSchema), required=True)


class AuctionArgs(PageArgs):
    """What the list takes."""

    state = ma.fields.String(load_default="", validate=ma.validate.OneOf(["", *(one.value for one in AuctionState)]))


class BidArgs(ma.Schema):
    """One bid."""

    amount = ma.fields.String(required=True, validate=ma.validate.Length(max=24), metadata={"description": "Yuan."})
    kind = ma.fields.String(load_default="bid", validate=ma.validate.OneOf(["bid", "limit"]))


@blp.get("/auctions")
@blp.arguments(AuctionArgs, location="query")
@blp.response(200, page_schema(AuctionSchema))
@public
def index(args: dict[str, Any]) -> dict[str, Any]:
    """List announced auctions, the newest first."""
    query = queries.calendar(over=True)
    if args["state"]:
        query = query.where(Auction.state == args["state"])
    page = cursor_page(query, [(Auction.id, True)], args)
    listings = queries.titles(page["items"])
    return {**page, "items": [summary(one, listings[one.id]) for one in page["items"]]}


@blp.get("/auctions/<number>")
@blp.response(200, AuctionDetailSchema)
@public
def detail(number: str) -> dict[str, Any]:
    """Show one auction with its rules and newest visible bids."""
    auction = found(queries.visible(current_actor(), number))
    view = queries.view_of(auction)
    more = {
        "rules": auction.rules,
        "minimum": view.minimum,
        "leader": view.leader,
        "reserve_met": view.reserve_met,
        "head": auction.head.hex(),
        "latest": [
            {"sequence": one.sequence, "bidder": one.number, "amount": one.amount, "auto": one.auto, "at": one.at}
            for one in room.visible_bids(auction)
        ],
    }
    told: dict[str, Any] = plain({**summary(auction, queries.listing_of(auction)), **more})
    return told


def summary(auction: Auction, listing: Any) -> dict[str, Any]:
    """The public facts of an auction."""
    names = (
        "number", "state", "phase", "opening_price", "price", "has_reserve", "registration_ends_at", "starts_at",
        "free_ends_at", "ends_at", "outcome",
    )  # fmt: skip
    told: dict[str, Any] = plain({name: getattr(auction, name) for name in names})
    return {
        **told,
        "title": listing.title,
        "listing": listing.number,
        "seller": auction.organisation.name,
        "deposit": str(auction.deposit_amount),
        "bids": auction.bid_count,
        "bidders": auction.bidder_count,
    }


@blp.post("/auctions/<number>/bids")
@blp.arguments(BidArgs)
@blp.doc(
    parameters=[
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 64},
            "description": "The bid's own key: the same key sent again is the same bid.",
        }
    ],
    responses={
        "200": {"description": "Accepted", "content": {"application/json": {"schema": {"type": "object"}}}},
        "202": {
            "description": "A second person must approve",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "409": {
            "description": "Refused, with the reason",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
    },
)
@requires(Permission.BID_PLACE)
def place(args: dict[str, Any], number: str) -> Response:
    """Place one bid or limit; the answer holds its signed receipt."""
    token = api_tokens.token_from_request()
    user = None if token is None else accounts.get_user(token.user_id)
    if token is None or token.organisation_id is None or user is None:
        raise Forbidden(_("Bids through this interface need a token that acts for an organisation."))
    try:
        amount = parse_yuan(args["amount"])
    except NotAnAmount:
        raise BadBid(fields={"amount": [_("Enter an amount in yuan, with at most two decimals.")]}) from None
    key = request.headers.get("Idempotency-Key", "")
    bid = BidRequest(
        number, "", user.id, token.organisation_id, user.epoch, key, args["kind"], amount, token_id=token.id
    )
    # Everything this request wrote (the token's time of use) is kept, and no connection is held at the desk.
    db.session.commit()
    db.session.remove()
    answer = desk.place(bid)
    return bidding_views.json_answer(bid, answer)
