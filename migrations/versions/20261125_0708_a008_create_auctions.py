"""Auctions, bidders, bids and their evidence."""

from __future__ import annotations

revision = "a008"
down_revision = "a007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
