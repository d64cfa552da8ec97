"""Who looks after a result: whoever began it, until it is handed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a011"
down_revision = "a010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listings", sa.Column("keeper_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_listings_keeper_id_users"), "listings", "users", ["keeper_id"], ["id"])
    op.create_index(op.f("ix_listings_keeper_id"), "listings", ["keeper_id"])
    op.execute("UPDATE listings SET keeper_id = created_by_id")


def downgrade() -> None:
    op.drop_index(op.f("ix_listings_keeper_id"), "listings")
    op.drop_constraint(op.f("fk_listings_keeper_id_users"), "listings", type_="foreignkey")
    op.drop_column("listings", "keeper_id")
