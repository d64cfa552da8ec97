"""The plain way to take bids: one transaction a request. Route, checks, engine and evidence are the product's own."""

from __future__ import annotations

import threading
from typing import cast

import psycopg

from auctions import batch
from auctions.desk import BidAnswer, BidRequest, Desk, connection_options
from auctions.eligibility import Known
from auctions.errors import NoSuchAuction
from marketplace.app import create_app
from marketplace.kernel import settings


class PlainDesk:
    """Each thread has a connection of its own and decides its one bid."""

    def __init__(self) -> None:
        self._threads = threading.local()
        self._known: dict[str, Known] = {}

    def place(self, request: BidRequest) -> BidAnswer:
        """Decide and commit this bid alone."""
        connection = self._connection()
        number = request.auction_number
        if number not in self._known:
            self._known |= batch.known(connection, [number])
        if number not in self._known:
            raise NoSuchAuction
        (answers,) = batch.run(connection, [(self._known[number], [request])])
        return cast("list[BidAnswer]", answers)[0]

    def _connection(self) -> psycopg.Connection:
        if not hasattr(self._threads, "connection"):
            current = settings()
            self._threads.connection = psycopg.connect(current.database_url, **connection_options(current))
        return cast("psycopg.Connection", self._threads.connection)


app = create_app()
app.extensions["auctions.desk"] = cast("Desk", PlainDesk())
