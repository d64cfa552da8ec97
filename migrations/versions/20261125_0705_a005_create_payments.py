"""Deposits, their movements and the account they are paid to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.guards import protect

revision = "a005"
down_revision = "a004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('collecting_accounts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('bank', sa.String(length=200), nullable=False),
    sa.Column('account', sa.String(length=40), nullable=False),
    sa.Column('bank_code', sa.String(length=12), server_default='', nullable=False),
    sa.Column('proposed_by_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_by_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint('approved_by_id <> proposed_by_id', name=op.f('ck_collecting_accounts_four_eyes')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['users.id'], name=op.f('fk_collecting_accounts_approved_by_id_users')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['users.id'], name=op.f('fk_collecting_accounts_proposed_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collecting_accounts'))
    )
    op.create_table('deposits',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('remittance_code', sa.String(length=12), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('received_amount', sa.Numeric(precision=16, scale=2), server_default='0', nullable=False),
    sa.Column('refunded_amount', sa.Numeric(precision=16, scale=2), server_default='0', nullable=False),
    sa.Column('flags', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by_id', sa.BigInteger(), nullable=True),
    sa.Column('locked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('prepared', sa.String(40), nullable=True),
    sa.Column('prepared_reason', sa.String(), server_default='', nullable=False),
    sa.Column('prepared_by_id', sa.BigInteger(), nullable=True),
    sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sample', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('due', 'received', 'locked', 'held', 'applied', 'forfeited', 'released', 'cancelled')", name=op.f('ck_deposits_state_known')),
    sa.CheckConstraint("state NOT IN ('locked', 'held') OR received_amount >= amount", name=op.f('ck_deposits_locked_is_covered')),
    sa.CheckConstraint('amount > 0 AND received_amount >= 0 AND refunded_amount >= 0', name=op.f('ck_deposits_amounts')),
    sa.CheckConstraint('confirmed_by_id <> recorded_by_id', name=op.f('ck_deposits_four_eyes')),
    sa.CheckConstraint('refunded_amount <= received_amount', name=op.f('ck_deposits_refund_covered')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['users.id'], name=op.f('fk_deposits_confirmed_by_id_users')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_deposits_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['prepared_by_id'], ['users.id'], name=op.f('fk_deposits_prepared_by_id_users')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['users.id'], name=op.f('fk_deposits_recorded_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deposits')),
    sa.UniqueConstraint('number', name=op.f('uq_deposits_number')),
    sa.UniqueConstraint('organisation_id', 'reference', name=op.f('uq_deposits_organisation_id_reference')),
    sa.UniqueConstraint('remittance_code', name=op.f('uq_deposits_remittance_code'))
    )
    op.create_index('ix_deposits_reference', 'deposits', ['reference'], unique=False)
    op.create_index('ix_deposits_state', 'deposits', ['state', 'due_at'], unique=False)
    op.create_table('deposit_movements',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('deposit_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('from_state', sa.String(length=40), nullable=False),
    sa.Column('to_state', sa.String(length=40), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('bank_reference', sa.String(length=80), server_default='', nullable=False),
    sa.Column('payer', sa.String(length=200), server_default='', nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("kind IN ('require', 'receive', 'lock', 'hold', 'apply', 'forfeit', 'release', 'cancel', 'refund')", name=op.f('ck_deposit_movements_kind_known')),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_deposit_movements_actor_id_users')),
    sa.ForeignKeyConstraint(['deposit_id'], ['deposits.id'], name=op.f('fk_deposit_movements_deposit_id_deposits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deposit_movements'))
    )
    op.create_index('ix_deposit_movements_deposit', 'deposit_movements', ['deposit_id', 'id'], unique=False)
    op.create_index('uq_deposit_movements_bank', 'deposit_movements', ['kind', 'bank_reference'], unique=True, postgresql_where=sa.text("bank_reference <> ''"))
    protect("deposit_movements")
    # What counts as standing behind a bidder; the bidding desk joins it.
    op.execute(
        "CREATE VIEW locked_deposits AS SELECT organisation_id, reference FROM deposits WHERE state IN ('locked', 'held')"
    )


def downgrade() -> None:
    op.execute("DROP VIEW locked_deposits")
    op.drop_index('uq_deposit_movements_bank', table_name='deposit_movements', postgresql_where=sa.text("bank_reference <> ''"))
    op.drop_index('ix_deposit_movements_deposit', table_name='deposit_movements')
    op.drop_table('deposit_movements')
    op.drop_index('ix_deposits_state', table_name='deposits')
    op.drop_index('ix_deposits_reference', table_name='deposits')
    op.drop_table('deposits')
    op.drop_table('collecting_accounts')
