"""Prices that were really paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a007"
down_revision = "a006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('observed_prices',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=True),
    sa.Column('contract_number', sa.String(length=30), server_default='', nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('transfer_mode', sa.String(length=20), server_default='', nullable=False),
    sa.Column('band', sa.String(length=10), server_default='', nullable=False),
    sa.Column('price', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('observed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('void', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('sample', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('price > 0', name=op.f('ck_observed_prices_price_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_observed_prices')),
    sa.UniqueConstraint('source', name=op.f('uq_observed_prices_source'))
    )
    op.create_index(op.f('ix_observed_prices_contract_number'), 'observed_prices', ['contract_number'], unique=False)
    op.create_index('ix_observed_prices_kind', 'observed_prices', ['field', 'transfer_mode', 'band'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_observed_prices_kind', table_name='observed_prices')
    op.drop_index(op.f('ix_observed_prices_contract_number'), table_name='observed_prices')
    op.drop_table('observed_prices')
