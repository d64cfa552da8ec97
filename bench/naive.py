"""The plain way to take bids: one transaction a request. Route, checks, engine and evidence are the product's own."""

from __future__ import annotations

import threading
from typing import cast

import psycopg

from auctions import batch
from auctions.desk import BidAnswer, BidRequest, Desk
from auctions.errors import NoSuchAuction
from marketplace.app import create_app
from marketplace.db import connect_options
from marketplace.kernel import settings


class PlainDesk:
    """Each thread has a connection of its own and decides its one bid."""

    def __init__(self) -> None:
        self._threads = threading.local()
        self._known: dict[str, batch.Known] = {}

    def place(self, request: BidRequest) -> BidAnswer:
        """Decide and commit this bid alone."""
        connection = self._connection()
        number = request.auction_number
        known = self._known.get(number) or batch.known(connection, number)
        if known is None:
            raise NoSuchAuction
        self._known[number] = known
        return batch.run(connection, known, [request])[0]

    def _connection(self) -> psycopg.Connection:
        if not hasattr(self._threads, "connection"):
            current = settings()
            self._threads.connection = psycopg.connect(
                current.database_url, **connect_options(current), prepare_threshold=0
            )
        return cast("psycopg.Connection", self._threads.connection)


app = create_app()
app.extensions["auctions.desk"] = cast("Desk", PlainDesk())
