"""Let auctions lie in the past, as if time had passed: only the owner of the database can."""

from __future__ import annotations

from datetime import timedelta

from auctions import storage
from auctions.models import Auction
from tests.support.databases import Database


def shift(database: Database, seconds: float, *auctions: Auction) -> None:
    """Let these auctions' times lie so many seconds earlier, as if that long had passed."""
    with database.connect_owner() as owner:
        for auction in auctions:
            owner.execute(
                """UPDATE auctions SET starts_at = starts_at - %(s)s, free_ends_at = free_ends_at - %(s)s,
                       ends_at = ends_at - %(s)s, due_at = due_at - %(s)s, rules_version = rules_version + 1,
                       rules = rules || jsonb_build_object(
                           'opens_at', (rules ->> 'opens_at')::timestamptz - %(s)s,
                           'free_ends_at', (rules ->> 'free_ends_at')::timestamptz - %(s)s),
                       state_json = state_json || jsonb_build_object(
                           'free_ends_at', (state_json ->> 'free_ends_at')::timestamptz - %(s)s,
                           'ends_at', (state_json ->> 'ends_at')::timestamptz - %(s)s,
                           'last_at', (state_json ->> 'last_at')::timestamptz - %(s)s)
                   WHERE id = %(id)s""",
                {"s": timedelta(seconds=seconds), "id": auction.id},
            )
    storage.forget()
