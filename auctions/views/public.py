"""What everybody may see: the calendar, its feed, and each auction's room."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from marketplace.clock import db_now
from marketplace.edge import current_actor, found
from marketplace.kernel import settings
from marketplace.permissions import public

from .. import feed, keys, policies, queries, room, shown
from ..bidding_views import new_key
from ..models import Auction
from . import blueprint


def auction_or_404(number: str) -> Auction:
    """An auction that the visitor may see."""
    return found(queries.visible(current_actor(), number))  # type: ignore[no-any-return]


@blueprint.get("/auctions", endpoint="index")
@public
def index() -> ResponseReturnValue:
    """List what is auctioned now and next; past auctions by the filter."""
    over = request.args.get("phase") == "over"
    args = request.args.to_dict()
    if over and "sort" not in args:
        args["sort"] = "-ends_at"
    page = queries.CALENDAR.page(queries.calendar(over=over), args)
    return page.exported(_with_titles) or render_template(
        "auctions/index.html", page=page, listings=queries.titles(page.rows), now=db_now()
    )


def _with_titles(rows: list[Any]) -> list[Any]:
    listings = queries.titles(rows)
    for auction in rows:
        auction.listing_title = listings[auction.id].title
    return rows


@blueprint.get("/auctions/calendar.ics", endpoint="calendar")
@public
def calendar() -> Response:
    """The public calendar for everybody's own calendar program."""
    return _ics(feed.calendar(feed.public_auctions()))


@blueprint.get("/auctions/<number>/calendar.ics", endpoint="calendar_entry")
@public
def calendar_entry(number: str) -> Response:
    """One auction for a calendar program."""
    return _ics(feed.calendar([auction_or_404(number)]))


def _ics(text: bytes) -> Response:
    return Response(text, mimetype="text/calendar", headers={"Cache-Control": "private, max-age=300"})


@blueprint.get("/auctions/<number>", endpoint="show")
@public
def show(number: str) -> ResponseReturnValue:
    """The room: before the start its terms, then the bidding, then the outcome."""
    actor, auction = current_actor(), auction_or_404(number)
    winner = queries.winner_of(auction)
    page = render_template(
        "auctions/show.html",
        room=room.enter(actor, auction),
        auction=auction,
        names=policies.can_see_names(actor, auction, winner),
        winner=winner,
        sells=policies.sells(actor, auction),
        runs=policies.runs(actor),
        new_key=new_key,
        refusals=shown.refusals(),
        stream=_stream(auction),
    )
    # The keys in its forms are good for one bid: going back in the browser must not bring old ones.
    return Response(page, headers={"Cache-Control": "private, no-store"})


def _stream(auction: Auction) -> str:
    """Where the page's script listens; the token opens a restricted room to those who were let into its page."""
    token = f"&token={keys.room_token(settings(), auction.number)}" if auction.restricted else ""
    return f"{settings().stream_url}/live/auctions/{auction.number}?since={auction.sequence}{token}"


@blueprint.get("/auctions/<number>/state.json", endpoint="state")
@public
def state(number: str) -> Response:
    """What the live stream tells, for pages whose stream is cut."""
    since = request.args.get("since", "")
    answer = jsonify(room.message(auction_or_404(number), int(since) if since.isdecimal() and len(since) < 16 else 0))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/auctions/<number>/chart", endpoint="chart")
@public
def chart(number: str) -> Response:
    """The step chart alone, for the room's script."""
    drawn = render_template("auctions/_chart.html", figure=room.chart(auction_or_404(number)))
    return Response(drawn, headers={"Cache-Control": "private, max-age=2"})
