"""Windows of the plan, counted contracts and the totals kept from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.guards import protect

revision = "a010"
down_revision = 'a009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('target_windows',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('key', sa.String(length=30), nullable=False),
    sa.Column('name_zh', sa.String(length=100), nullable=False),
    sa.Column('name_en', sa.String(length=100), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('target_amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('running', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('sample', sa.Boolean(), server_default='false', nullable=False),
    sa.CheckConstraint('starts_on < ends_on', name=op.f('ck_target_windows_ordered')),
    sa.CheckConstraint('target_amount > 0', name=op.f('ck_target_windows_target_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target_windows')),
    sa.UniqueConstraint('key', name=op.f('uq_target_windows_key'))
    )
    op.create_index('uq_target_windows_running', 'target_windows', ['running'], unique=True, postgresql_where=sa.text('running'))
    op.create_table('turnover_totals',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('city', sa.String(length=6), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('buyer_region', sa.String(length=6), nullable=False),
    sa.Column('contracts', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('technical_amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.PrimaryKeyConstraint('day', 'city', 'kind', 'field', 'source', 'buyer_region', name=op.f('pk_turnover_totals'))
    )
    op.create_table('counted_contracts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contract_id', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('sign', sa.BigInteger(), nullable=False),
    sa.Column('registration_number', sa.String(length=20), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('technical_amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('city', sa.String(length=6), nullable=False),
    sa.Column('buyer_region', sa.String(length=6), nullable=False),
    sa.Column('seller_kind', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('sign IN (-1, 1)', name=op.f('ck_counted_contracts_sign_known')),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_counted_contracts_contract_id_contracts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counted_contracts')),
    sa.UniqueConstraint('contract_id', 'revision', 'sign', name=op.f('uq_counted_contracts_contract_id_revision_sign'))
    )
    op.create_index('ix_counted_contracts_day', 'counted_contracts', ['day', 'id'], unique=False)

    protect("counted_contracts")
    # The plan's own window (Action Plan 2022-2025: 2000 亿元 over four years) and a running one marked as sample.
    op.execute("""
        INSERT INTO target_windows (key, name_zh, name_en, starts_on, ends_on, target_amount, running, sample) VALUES
        ('plan-2022', '行动计划 2022—2025', 'Action plan 2022–2025', '2022-01-01', '2026-01-01', 200000000000, false, false),
        ('sample-2026', '2026—2029（样例）', '2026–2029 (sample)', '2026-01-01', '2030-01-01', 200000000000, true, true)
    """)


def downgrade() -> None:
    op.drop_index('ix_counted_contracts_day', table_name='counted_contracts')
    op.drop_table('counted_contracts')
    op.drop_table('turnover_totals')
    op.drop_index('uq_target_windows_running', table_name='target_windows', postgresql_where=sa.text('running'))
    op.drop_table('target_windows')
