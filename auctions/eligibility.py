"""Who may bid here: read for a whole batch in one query, judged by one pure function.

The query runs after the auction is locked, so that a session ended, a role taken or a deposit released before the
lock counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.roles import OrgRole

from .errors import DeskCode
from .storage import Connection

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the signed session says is calling; the desk alone checks whether it is still true."""

    sid: str
    uid: int
    org: int
    epoch: int


@dataclass(frozen=True, slots=True)
class BidRequest:
    """A bid as it comes from the edge: whose session says so, and what it asks for."""

    auction_number: str
    #: The session's keys (`sid`, `uid`, `org`, `epoch`), or a token of the interface in place of `sid`.
    sid: str
    uid: int
    org: int
    epoch: int
    key: str
    kind: str
    amount: Decimal
    token_id: int | None = None
    #: Set where a second person places what a first one asked for.
    approval_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database says about one request, and the bid that already carries its key."""

    alive: bool
    has_role: bool
    verified: bool
    banned: bool
    seller_side: bool
    deposit: bool
    bidder_id: int | None
    number: int | None
    admitted: bool
    membership_id: int | None
    bid_limit: Decimal | None
    second_approval_above: Decimal | None
    #: Who is to answer for the bid: the person asking, or the one whose request is approved.
    user_id: int
    approvable: bool
    #: The bid that already carries this key, in the order of `evidence.Proof` from `kind` on.
    stored: tuple[Any, ...] | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> Standing:
        """Read a row of `READ`."""
        stored = None if row[14] is None else tuple(row[14:])
        return cls(*(*row[:14], stored))


# The auctions' ids and sellers are known to the process; the rest comes with the requests.
READ = f"""
    SELECT (u.epoch = r.epoch AND u.disabled_at IS NULL AND (s.id IS NOT NULL OR t.id IS NOT NULL)) IS TRUE,
        (m.roles ? CASE WHEN r.approval IS NULL THEN '{OrgRole.BUYER_EDITOR}' ELSE '{OrgRole.BUYER_APPROVER}' END)
            IS TRUE,
        (o.state = 'verified') IS TRUE, (o.banned_until > clock_timestamp()) IS TRUE,
        (r.org = r.seller OR EXISTS (SELECT FROM memberships x WHERE x.user_id = r.uid
            AND x.organisation_id = r.seller AND x.ended_at IS NULL)),
        EXISTS (SELECT FROM locked_deposits d WHERE d.organisation_id = r.org AND d.reference = r.reference),
        b.id, b.number, (b.state = 'qualified') IS TRUE,
        coalesce(q.id, m.id), CASE WHEN p.id IS NULL THEN m.bid_limit ELSE q.bid_limit END, o.second_approval_above,
        coalesce(p.requested_by_id, r.uid),
        (p.state = 'pending' AND p.requested_by_id <> r.uid AND p.kind = r.kind AND p.amount = r.amount
            AND q.roles ? '{OrgRole.BUYER_EDITOR}') IS TRUE,
        k.kind, k.amount, k.key, k.accepted, k.refusal, k.sequence, k.at, k.ends_at, k.salt, k.leaf, k.head
    FROM unnest(%(auction)b::bigint[], %(seller)b::bigint[], %(reference)b::text[],
                %(sid)b::text[], %(token)b::bigint[], %(uid)b::bigint[], %(org)b::bigint[], %(epoch)b::bigint[],
                %(key)b::text[], %(kind)b::text[], %(amount)b::numeric[], %(approval)b::bigint[])
        WITH ORDINALITY AS r (auction, seller, reference, sid, token, uid, org, epoch, key, kind, amount, approval, place)
    LEFT JOIN users u ON u.id = r.uid
    LEFT JOIN user_sessions s ON s.id = r.sid AND s.user_id = r.uid AND s.revoked_at IS NULL
    LEFT JOIN api_tokens t ON t.id = r.token AND t.user_id = r.uid AND t.organisation_id = r.org
        AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp() AND t.scopes ? 'bids'
    LEFT JOIN memberships m ON m.user_id = r.uid AND m.organisation_id = r.org AND m.ended_at IS NULL
    LEFT JOIN organisations o ON o.id = r.org
    LEFT JOIN auction_bidders b ON b.auction_id = r.auction AND b.organisation_id = r.org
    LEFT JOIN bids k ON k.auction_id = r.auction AND k.bidder_id = b.id AND k.key = r.key AND k.kind <> 'auto'
    LEFT JOIN bid_approvals p ON p.id = r.approval AND p.bidder_id = b.id AND p.key = r.key
    LEFT JOIN memberships q ON q.user_id = p.requested_by_id AND q.organisation_id = r.org AND q.ended_at IS NULL
    ORDER BY r.place"""  # noqa: S608 - role names are constants of ours

#: Two auctions may not spend the same person's limit at once; always taken in the order of their numbers.
LOCK_LIMITS = """
    SELECT pg_advisory_xact_lock(hashtextextended('bid-limit:' || id, 13))
    FROM (SELECT DISTINCT id FROM unnest(%b::bigint[]) AS id ORDER BY id) AS ordered"""
COMMITTED = """
    SELECT m.id, a.id, (a.state_json ->> 'limit')::numeric
    FROM memberships m
    JOIN auction_bidders b ON b.organisation_id = m.organisation_id
    JOIN auctions a ON a.id = b.auction_id AND a.leader_id = b.id AND a.leader_user_id = m.user_id
        AND a.state IN ('open', 'suspended')
    WHERE m.id = ANY(%s)"""


@dataclass(frozen=True, slots=True)
class Known:
    """What never changes about an auction."""

    id: int
    number: str
    seller_id: int


def parameters(requests: Sequence[tuple[Known, BidRequest]]) -> dict[str, Any]:
    """Parameters of `READ`, one array a column."""
    return {
        "auction": [auction.id for auction, _ in requests],
        "seller": [auction.seller_id for auction, _ in requests],
        "reference": [f"auction:{auction.number}" for auction, _ in requests],
        "sid": [one.sid for _, one in requests],
        "token": [one.token_id for _, one in requests],
        "uid": [one.uid for _, one in requests],
        "org": [one.org for _, one in requests],
        "epoch": [one.epoch for _, one in requests],
        "key": [one.key for _, one in requests],
        "kind": [one.kind for _, one in requests],
        "amount": [one.amount for _, one in requests],
        "approval": [one.approval_id for _, one in requests],
    }


class Commitments:
    """What people with a limit of their own would have to pay where they lead, auction by auction."""

    def __init__(self, connection: Connection, standings: Iterable[Standing]) -> None:
        limited = [one.membership_id for one in standings if one.bid_limit is not None]
        self._led: dict[int | None, dict[int, Decimal]] = {membership: {} for membership in limited}
        if limited:
            connection.execute(LOCK_LIMITS, (limited,))
            for membership, auction_id, limit in connection.execute(COMMITTED, (limited,)):
                self._led[membership][auction_id] = limit

    def elsewhere(self, standing: Standing, auction_id: int) -> Decimal:
        """The sum over all auctions but this one."""
        led = self._led.get(standing.membership_id, {})
        return sum((limit for where, limit in led.items() if where != auction_id), ZERO)

    def leads(self, standing: Standing, auction_id: int, limit: Decimal) -> None:
        """This person leads here now, up to this limit, and nobody else does."""
        for led in self._led.values():
            led.pop(auction_id, None)
        if standing.membership_id in self._led:
            self._led[standing.membership_id][auction_id] = limit


def judge(request: BidRequest, standing: Standing, committed_elsewhere: Decimal) -> DeskCode | None:
    """The first reason why this request may not bid, or None."""
    if not standing.alive:
        return DeskCode.SIGNED_OUT
    if standing.seller_side:
        return DeskCode.SELLER_SIDE
    if not standing.has_role:
        return DeskCode.NO_ROLE
    if not standing.verified:
        return DeskCode.NOT_VERIFIED
    if standing.banned:
        return DeskCode.BANNED
    if not standing.admitted or standing.bidder_id is None:
        return DeskCode.NOT_ADMITTED
    if not standing.deposit:
        return DeskCode.DEPOSIT_MISSING
    if standing.bid_limit is not None and committed_elsewhere + request.amount > standing.bid_limit:
        return DeskCode.OVER_AUTHORITY
    if request.approval_id is not None:
        return None if standing.approvable else DeskCode.NOT_APPROVABLE
    above = standing.second_approval_above
    return DeskCode.NEEDS_SECOND_APPROVAL if above is not None and request.amount > above else None
