"""Who bids and on what: verified companies with a signed-in bidder each, auctions, admissions, deposits. Set-based."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg
from itsdangerous import URLSafeTimedSerializer

from auctions import storage
from auctions.engine import Rules
from marketplace.edge import Exchange

from .load import Client

OPENING, STEP = Decimal("1000.00"), Decimal("10.00")
_serial = itertools.count(1)


@dataclass(frozen=True)
class Seat:
    """A bidder: the organisation, and the person signed in for it."""

    org: int
    uid: int
    sid: str


@dataclass(frozen=True)
class Sale:
    """An auction."""

    id: int
    number: str

    @property
    def path(self) -> str:
        return f"/auctions/{self.number}/bid"


def rules(opens_at: datetime, seconds: float, extension_s: int = 120) -> Rules:
    """Opening 1,000 yuan, steps of 10."""
    return Rules(
        opening=OPENING, increments=((Decimal(0), STEP),), opens_at=opens_at,
        free_ends_at=opens_at + timedelta(seconds=seconds), extension_s=extension_s,
    )  # fmt: skip


def now(connection: psycopg.Connection) -> datetime:
    return storage.now(connection)


def organisations(connection: psycopg.Connection, count: int) -> list[int]:
    """Verified companies."""
    serials = [next(_serial) for _ in range(count)]
    found = connection.execute(
        "INSERT INTO organisations (name, kind, state, uscc, region)"
        " SELECT '企业' || n, 'company', 'verified', 'B' || lpad(n::text, 17, '0'), '230100'"
        " FROM unnest(%s::bigint[]) n RETURNING id",
        (serials,),
    )
    return [row[0] for row in found]


def seats(connection: psycopg.Connection, count: int) -> list[Seat]:
    """Companies with one signed-in bidder each."""
    orgs, serials = organisations(connection, count), [next(_serial) for _ in range(count)]
    found = connection.execute(
        "INSERT INTO users (email, name, epoch) SELECT 'bidder' || n || '@example.cn', '竞买人' || n, 1"
        " FROM unnest(%s::bigint[]) n RETURNING id",
        (serials,),
    )
    made = [Seat(org, row[0], secrets.token_urlsafe(24)) for org, row in zip(orgs, found, strict=True)]
    uids, sids = [seat.uid for seat in made], [seat.sid for seat in made]
    connection.execute(
        "INSERT INTO memberships (user_id, organisation_id, roles)"
        """ SELECT u, o, '["buyer_editor"]' FROM unnest(%s::bigint[], %s::bigint[]) AS g (u, o)""",
        (uids, orgs),
    )
    connection.execute(
        "INSERT INTO user_sessions (id, user_id, organisation_id, epoch, ip, user_agent)"
        " SELECT s, u, o, 1, '127.0.0.1', 'bench' FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS g (s, u, o)",
        (sids, uids, orgs),
    )
    return made


def sales(connection: psycopg.Connection, count: int, terms: Rules) -> list[Sale]:
    """Announced auctions of as many listings of one seller, as the calendar would have them."""
    (seller,) = organisations(connection, 1)
    serials = [next(_serial) for _ in range(count)]
    listings = connection.execute(
        "INSERT INTO listings (number, organisation_id, state, title)"
        " SELECT 'CG2026-' || lpad(n::text, 6, '0'), %s, 'bidding', '成果' || n FROM unnest(%s::bigint[]) n RETURNING id",
        (seller, serials),
    )
    numbers = [f"PM2026-{serial:06d}" for serial in serials]
    values = [storage.first_values(number, terms) for number in numbers]
    found = connection.execute(
        "INSERT INTO auctions (number, listing_id, organisation_id, state, deposit_amount, rules, opening_price,"
        " starts_at, free_ends_at, ends_at, due_at, announced_at, state_json, head)"
        " SELECT n, l, %s, 'announced', 100, %s::jsonb, %s, %s, %s, %s, %s, %s, %s::jsonb, h"
        " FROM unnest(%s::text[], %s::bigint[], %s::bytea[]) AS g (n, l, h) RETURNING id, number",
        (
            seller, json.dumps(values[0]["rules"]), terms.opening, terms.opens_at, terms.free_ends_at,
            terms.free_ends_at, terms.opens_at, terms.opens_at, json.dumps(values[0]["state_json"]),
            numbers, [row[0] for row in listings], [value["head"] for value in values],
        ),
    )  # fmt: skip
    return [Sale(*row) for row in found]


def admit(connection: psycopg.Connection, entries: Sequence[tuple[Sale, Seat, int]]) -> None:
    """These bidders under these numbers in these auctions, their deposits standing."""
    columns = (
        [sale.id for sale, _, _ in entries],
        [seat.org for _, seat, _ in entries],
        [number for _, _, number in entries],
        [f"auction:{sale.number}" for sale, _, _ in entries],
        [f"BZ-{next(_serial):09d}" for _ in entries],
    )
    connection.execute(
        "INSERT INTO auction_bidders (auction_id, organisation_id, number, state)"
        " SELECT a, o, n, 'qualified' FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS g (a, o, n)",
        columns[:3],
    )
    connection.execute(
        "INSERT INTO deposits (number, organisation_id, reference, remittance_code, amount, received_amount, state,"
        " locked_at) SELECT n, o, r, right(n, 9), 100, 100, 'locked', clock_timestamp()"
        " FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS g (n, o, r)",
        (columns[4], columns[1], columns[3]),
    )


def client(app: Exchange, seat: Seat, paths: list[str]) -> Client:
    """A connection of this person: the cookie that a sign-in gives, and the form's token."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    secret = secrets.token_hex(20)
    data = {"sid": seat.sid, "uid": seat.uid, "org": seat.org, "epoch": 1, "csrf_token": secret}
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(secret)
    lines = (
        "Host: localhost",
        f"Cookie: {app.config['SESSION_COOKIE_NAME']}={signer.dumps(data)}",
        f"X-CSRFToken: {token}",
        "Accept: application/json",
    )
    return Client("".join(f"{line}\r\n" for line in lines), paths)


def visitor(paths: list[str]) -> Client:
    """Somebody who is not signed in."""
    return Client("Host: localhost\r\nAccept: text/html\r\nAccept-Language: zh-CN\r\n", paths)
