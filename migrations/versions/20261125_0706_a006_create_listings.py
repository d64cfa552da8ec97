"""Results, their IP items, attachments and publicity."""

from __future__ import annotations

revision = "a006"
down_revision = "a005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
