"""A limit and a reserve planted in a room, and a walk through everything that leaves the exchange to look for them."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import text
from werkzeug.routing import Rule

from auctions import closing, desk
from auctions.models import Auction
from marketplace import outbox
from marketplace.db import db
from tests.auctions.time_travel import shift
from tests.factories import auctions as make

#: Figures that nothing else on any page could have, and every way in which a page might spell them.
LIMIT, RESERVE = Decimal("7654321.09"), Decimal("6543210.98")
LIMIT_SPELT = ("7654321", "7,654,321", "765.43", "7.654 million", "7.65 million")
RESERVE_SPELT = ("6543210", "6,543,210", "654.32", "6.543 million", "6.54 million")

#: Where the values in an address come from.
_NUMBERS = ("auctions", "listings", "contracts", "deposits")
_IDS = {
    "notice_id": "notices", "mail_id": "mails", "file_id": "files", "organisation_id": "organisations",
    "user_id": "users", "member_id": "memberships", "fact_id": "facts",
}  # fmt: skip
_WORDS = {
    "step": ["result", "people", "rights", "terms"], "part": ["applied", "registered"], "key": ["running", "plan"],
    "field": ["bio"], "token": ["unknown"], "name": ["file"], "handler": ["notices"], "sequence": [1, 2],
}  # fmt: skip
#: How an address is asked: in both languages, and as a table where it has no argument.
_ASKED = ("lang=zh_CN", "lang=en")
_TABLE = "format=csv"


def plant(reserve: Decimal | None = RESERVE) -> tuple[Auction, list[make.Party]]:
    """A room with a hidden reserve above its only bid, so that the price is not the reserve itself."""
    auction, parties = make.room(
        3, opening=Decimal("1000000.00"), increments=((Decimal(0), Decimal("10000.00")),), reserve=reserve,
        announce_reserve_status=reserve is not None, extension_s=0,
    )  # fmt: skip
    auction.announced_at = auction.starts_at
    db.session.commit()
    assert desk.place(parties[1].request(auction, "1000000")).accepted
    return auction, parties


def leave_limit(auction: Auction, party: make.Party) -> None:
    """This party leaves the planted limit, above the reserve."""
    assert desk.place(party.request(auction, LIMIT, kind="limit")).accepted


def finish(database: Any, *auctions: Auction) -> list[str | None]:
    """Let their time run out; the closer writes the outcomes, and everybody is told. Gives the outcomes."""
    for auction in auctions:
        shift(database, 7200, auction)
    closing.close_due(10)
    outbox.deliver_due()
    return [db.session.get_one(Auction, auction.id).outcome for auction in auctions]


def found(client: FlaskClient, figures: tuple[str, ...], pages: re.Pattern[str] | None = None) -> set[tuple[str, str]]:
    """Routes and the figures that their answers to this visitor hold; all routes, or those that match."""
    app = client.application
    return {
        (rule.rule, figure)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static" and (not pages or pages.search(rule.rule))
        for told in _answers(client, rule)
        for figure in figures
        if figure in told
    }


def _answers(client: FlaskClient, rule: Rule) -> Iterator[str]:
    """Everything this route says, with every value that might belong in its address."""
    adapter = client.application.url_map.bind("localhost")
    names = sorted(rule.arguments)
    for values in itertools.product(*(_values(name) for name in names)):
        address = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))
        for asked in (*_ASKED, *(() if names else (_TABLE,))):
            answer = client.get(f"{address}?{asked}")
            yield f"{answer.headers} {_unpacked(answer.data)}"
            assert answer.status_code < 500, address
            if answer.status_code in (403, 404):
                break


def _values(name: str) -> list[Any]:
    if name in _WORDS:
        return _WORDS[name]
    if name == "number":
        query = " UNION ".join(f"SELECT number FROM {table}" for table in _NUMBERS)
    elif name in _IDS:
        query = f"SELECT id FROM {_IDS[name]}"
    else:
        return list(range(1, 7))
    values = list(db.session.scalars(text(query)))
    db.session.rollback()
    return values


def _unpacked(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    return content.decode(errors="replace")
