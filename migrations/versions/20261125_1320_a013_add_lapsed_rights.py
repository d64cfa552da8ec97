"""Results that left the board because a right lapsed, so that they return when its fees are paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a013"
down_revision = "a012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listings", sa.Column("rights_lapsed", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("listings", "rights_lapsed")
