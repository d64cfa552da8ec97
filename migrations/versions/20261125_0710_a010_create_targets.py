"""Windows, counted contracts and totals."""

from __future__ import annotations

revision = "a010"
down_revision = "a009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
