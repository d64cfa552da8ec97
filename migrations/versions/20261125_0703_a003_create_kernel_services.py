"""Files, mails, notices, limits, working days, idempotency keys."""

from __future__ import annotations

revision = "a003"
down_revision = "a002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
