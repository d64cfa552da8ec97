"""Results that a reviewer suspended: their owner does not put them back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a014"
down_revision = "a013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listings", sa.Column("suspended_by_exchange", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("listings", "suspended_by_exchange")
