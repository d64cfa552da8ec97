"""Auctions with everything that lets somebody bid: verified companies, people, sessions, admission, deposits."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import current_app
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from accounts.models import Membership, Organisation, User, UserSession
from accounts.roles import OrganisationKind, OrgRole
from accounts.states import OrganisationState
from auctions import control
from auctions.eligibility import BidRequest
from auctions.engine import Rules
from auctions.models import Auction, AuctionBidder
from auctions.states import AuctionState, BidderState
from listings.models import Listing
from listings.states import ListingState
from marketplace.clock import db_now
from marketplace.db import db
from payments.models import Deposit
from payments.states import DepositState

#: Far above what the counters give, so that both kinds of result can stand in one test.
_serial = itertools.count(900_001)

OPENING = Decimal("1000.00")
STEP = Decimal("10.00")
DEPOSIT = Decimal("100.00")


@dataclass(frozen=True, slots=True)
class Party:
    """A company and the person who acts for it, signed in."""

    organisation: Organisation
    user: User
    sid: str

    def request(self, auction: Auction, amount: Decimal | int | str, *, key: str = "", **more: Any) -> BidRequest:
        """A bid of this party as the edge would hand it to the desk."""
        values: dict[str, Any] = {
            "auction_number": auction.number,
            "sid": self.sid,
            "uid": self.user.id,
            "org": self.organisation.id,
            "epoch": self.user.epoch,
            "key": key or secrets.token_hex(8),
            "kind": "bid",
            "amount": Decimal(amount),
        }
        return BidRequest(**(values | more))

    def headers(self) -> dict[str, str]:
        """What a browser of this party sends: its signed session cookie and the form's token."""
        signer = current_app.session_interface.get_signing_serializer(current_app)
        assert signer is not None
        secret = secrets.token_hex(20)
        data = {"sid": self.sid, "uid": self.user.id, "org": self.organisation.id, "epoch": 1, "csrf_token": secret}
        token = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(secret)
        cookie = f"{current_app.config['SESSION_COOKIE_NAME']}={signer.dumps(data)}"
        return {"Cookie": cookie, "X-CSRFToken": str(token), "Accept": "application/json"}


def company(*roles: OrgRole, **changes: Any) -> Party:
    """A verified company with one signed-in member (a bidder unless told otherwise)."""
    n = next(_serial)
    values = {
        "name": f"测试企业{n}", "kind": OrganisationKind.COMPANY, "state": OrganisationState.VERIFIED,
        "uscc": f"T{n:017d}", "region": "230100",
    }  # fmt: skip
    organisation = Organisation(**(values | changes))
    db.session.add(organisation)
    db.session.flush()
    return member(organisation, *roles)


def member(organisation: Organisation, *roles: OrgRole, bid_limit: Decimal | None = None) -> Party:
    """One more signed-in person of this organisation."""
    n = next(_serial)
    user = User(email=f"bidder{n}@example.test", name=f"竞买人{n}", epoch=1)
    db.session.add(user)
    db.session.flush()
    granted = [role.value for role in (roles or (OrgRole.BUYER_EDITOR,))]
    sid = secrets.token_urlsafe(24)
    db.session.add(Membership(user=user, organisation=organisation, roles=granted, bid_limit=bid_limit))
    db.session.add(UserSession(id=sid, user_id=user.id, epoch=1, organisation_id=organisation.id))
    db.session.flush()
    return Party(organisation, user, sid)


def listing(seller: Organisation) -> Listing:
    """A result that is being auctioned."""
    n = next(_serial)
    made = Listing(number=f"CG2026-{n:06d}", organisation_id=seller.id, state=ListingState.BIDDING, title=f"成果{n}")
    db.session.add(made)
    db.session.flush()
    return made


def auction(seller: Organisation | None = None, *, begins: float = -60, free: float = 3600, **rules: Any) -> Auction:
    """An announced auction that opened a minute ago (seconds from now); `moved_on` lets time catch up with it."""
    owner = seller or company(OrgRole.SELLER_EDITOR).organisation
    n, now = next(_serial), db_now()
    made = Auction(
        number=f"PM2026-{n:06d}", listing_id=listing(owner).id, organisation_id=owner.id, state=AuctionState.DRAFT,
        deposit_amount=DEPOSIT,
    )  # fmt: skip
    control.set_rules(made, terms(now + timedelta(seconds=begins), free, **rules))
    made.state = AuctionState.ANNOUNCED
    control.put_on_calendar(made)
    db.session.flush()
    return made


def terms(opens_at: datetime, free: float, **changes: Any) -> Rules:
    """Opening 1,000 yuan, steps of 10, an hour free, then cycles of two minutes."""
    values: dict[str, Any] = {
        "opening": OPENING,
        "increments": ((Decimal(0), STEP),),
        "opens_at": opens_at,
        "free_ends_at": opens_at + timedelta(seconds=free),
        "extension_s": 120,
    }
    return Rules(**(values | changes))


def admit(made: Auction, party: Party, *, deposit: bool = True) -> AuctionBidder:
    """The party under its number in this auction, its deposit standing."""
    number = db.session.execute(
        text("SELECT count(*) + 1 FROM auction_bidders WHERE auction_id = :id"), {"id": made.id}
    ).scalar_one()
    bidder = AuctionBidder(
        auction_id=made.id, organisation_id=party.organisation.id, number=number, state=BidderState.QUALIFIED,
        user_id=party.user.id,
    )  # fmt: skip
    db.session.add(bidder)
    if deposit:
        db.session.add(
            Deposit(
                number=f"BZ2026-{next(_serial):06d}", organisation_id=party.organisation.id,
                reference=made.deposit_reference, remittance_code=secrets.token_hex(5), amount=DEPOSIT,
                received_amount=DEPOSIT, state=DepositState.LOCKED, due_at=made.starts_at, locked_at=db_now(),
            )
        )  # fmt: skip
    db.session.flush()
    return bidder


def room(bidders: int = 2, **options: Any) -> tuple[Auction, list[Party]]:
    """An open auction with so many admitted bidders, committed."""
    made = auction(**options)
    parties = [company() for _ in range(bidders)]
    for party in parties:
        admit(made, party)
    db.session.commit()
    return made, parties
