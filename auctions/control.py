"""The auctioneer's hand on a running auction: announce, suspend, resume, cancel, by the same engine as the bids.

Services call these inside the request's transaction; like every service they never commit.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import text

from marketplace.db import db
from marketplace.permissions import Actor
from marketplace.states import move

from . import settlement, storage
from .engine import Cancel, Close, Command, Resume, Rules, Suspend, advance, decide
from .errors import NotPossibleNow
from .models import Auction, AuctionSecret
from .states import AUCTION, AuctionAction, AuctionState
from .storage import Connection


def raw_connection() -> Connection:
    """The psycopg connection of the session's own transaction."""
    db.session.flush()
    return cast("Connection", db.session.connection().connection.driver_connection)


def set_rules(auction: Auction, rules: Rules) -> None:
    """Give a draft its rules; the reserve goes where no page reads it. The auction must be flushed or new.

    Raises:
        NotPossibleNow: it is announced; what bidders read is what counts.
    """
    if auction.state not in (None, AuctionState.DRAFT):
        raise NotPossibleNow
    for name, value in storage.first_values(auction.number, rules).items():
        setattr(auction, name, value)
    auction.rules_version = (auction.rules_version or 0) + 1
    db.session.add(auction)
    db.session.flush()
    secret = db.session.get(AuctionSecret, auction.id) or AuctionSecret(auction_id=auction.id)
    secret.reserve = rules.reserve
    db.session.add(secret)


def reserve_of(auction: Auction) -> Any:
    """The hidden reserve, for its seller's own form and nobody else."""
    secret = db.session.get(AuctionSecret, auction.id)
    return None if secret is None else secret.reserve


def put_on_calendar(auction: Auction) -> None:
    """Let time take over: from here on the closer opens the auction when its moment comes."""
    auction.due_at = auction.starts_at


def suspend(actor: Actor, auction: Auction, reason: str) -> None:
    """Stop taking bids (中止). Raises NotPossibleNow."""
    _command(actor, auction, [Suspend(reason)], reason)


def resume(actor: Actor, auction: Auction, reason: str) -> None:
    """Go on: the time lost is given back, and a full cycle is left to bid in. Raises NotPossibleNow."""
    _command(actor, auction, [Resume(reason)], reason)


def cancel(actor: Actor, auction: Auction, reason: str) -> None:
    """End without a sale (终结) and close the log; deposits go back. Raises NotPossibleNow.

    A draft is only put away: nothing was announced, so there is nothing to prove.
    """
    if auction.state is AuctionState.DRAFT:
        move(auction, AUCTION, AuctionAction.CANCEL, actor, reason)
        return
    _command(actor, auction, [Cancel(reason), Close()], reason)


def _command(actor: Actor, auction: Auction, commands: list[Command], reason: str) -> None:
    connection = raw_connection()
    book, now = storage.lock_one(connection, auction.id)
    due = advance(book.state, now)
    book.add(due.state, due.events)
    for command in commands:
        decision = decide(book.state, command, now)
        if decision.refusal is not None:
            raise NotPossibleNow(code=decision.refusal.code.value)
        book.add(decision.state, decision.events)
    settlement.write(connection, [book], actor=actor)
    db.session.execute(
        text("UPDATE auctions SET reason = :reason WHERE id = :id"), {"reason": reason, "id": auction.id}
    )
    db.session.refresh(auction)
