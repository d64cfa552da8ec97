"""What the desk's and the closer's tests share: answers, stored rows, and what must hold after anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from auctions import evidence
from auctions.models import Auction
from marketplace.db import db
from marketplace.edge import Exchange
from marketplace.kernel import settings


@pytest.fixture
def fresh(app: Exchange) -> Callable[[Auction], Auction]:
    """The auction as it is in the database now."""

    def read(auction: Auction) -> Auction:
        db.session.rollback()
        db.session.expire_all()
        return db.session.get_one(Auction, auction.id)

    return read


@pytest.fixture
def rows(app: Exchange) -> Callable[..., list[dict[str, Any]]]:
    """Rows of a query, read anew."""

    def read(query: str, **values: Any) -> list[dict[str, Any]]:
        db.session.rollback()
        found = [dict(row) for row in db.session.execute(text(query), values).mappings()]
        db.session.rollback()
        return found

    return read


@pytest.fixture
def findings(app: Exchange) -> Callable[[Auction], list[evidence.Finding]]:
    """What the verifier has to say about the stored log."""

    def read(auction: Auction) -> list[evidence.Finding]:
        db.session.rollback()
        db.session.expire_all()
        return evidence.check(settings(), db.session.get_one(Auction, auction.id))

    return read
