"""Counters, state history, audit, facts and their deliveries; the guards of append-only tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.guards import REFUSE_FUNCTION, protect
from sqlalchemy.dialects import postgresql

revision = "a002"
down_revision = 'a001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('counters',
    sa.Column('series', sa.String(length=40), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_counters'))
    )
    op.create_table('facts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('payload', postgresql.JSONB(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_facts')),
    sa.UniqueConstraint('key', 'sequence', name=op.f('uq_facts_key_sequence'))
    )
    op.create_table('audit_entries',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('object_type', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.BigInteger(), nullable=False),
    sa.Column('object_label', sa.String(length=200), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=True),
    sa.Column('before', postgresql.JSONB(), nullable=False),
    sa.Column('after', postgresql.JSONB(), nullable=False),
    sa.Column('request_id', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_audit_entries_actor_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries')),
    sa.UniqueConstraint('object_type', 'object_id', 'sequence', name=op.f('uq_audit_entries_object_type_object_id_sequence'))
    )
    op.create_index('ix_audit_entries_actor', 'audit_entries', ['actor_id', 'id'], unique=False)
    op.create_index('ix_audit_entries_at', 'audit_entries', ['at'], unique=False)
    op.create_table('fact_deliveries',
    sa.Column('fact_id', sa.BigInteger(), nullable=False),
    sa.Column('handler', sa.String(length=80), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(40), server_default='pending', nullable=False),
    sa.Column('attempts', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('last_error', sa.String(), server_default='', nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('pending', 'done', 'dismissed')", name=op.f('ck_fact_deliveries_state_known')),
    sa.ForeignKeyConstraint(['fact_id'], ['facts.id'], name=op.f('fk_fact_deliveries_fact_id_facts')),
    sa.PrimaryKeyConstraint('fact_id', 'handler', name=op.f('pk_fact_deliveries'))
    )
    op.create_index('ix_fact_deliveries_due', 'fact_deliveries', ['next_try_at'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index('ix_fact_deliveries_order', 'fact_deliveries', ['handler', 'key', 'fact_id'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_table('state_changes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('object_type', sa.String(length=40), nullable=False),
    sa.Column('object_id', sa.BigInteger(), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('from_state', sa.String(length=40), nullable=False),
    sa.Column('to_state', sa.String(length=40), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_state_changes_actor_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_state_changes'))
    )
    op.create_index('ix_state_changes_object', 'state_changes', ['object_type', 'object_id', 'id'], unique=False)

    op.execute(REFUSE_FUNCTION)
    protect("state_changes", "audit_entries", "facts")


def downgrade() -> None:
    op.drop_index('ix_state_changes_object', table_name='state_changes')
    op.drop_table('state_changes')
    op.drop_index('ix_fact_deliveries_order', table_name='fact_deliveries', postgresql_where=sa.text("state = 'pending'"))
    op.drop_index('ix_fact_deliveries_due', table_name='fact_deliveries', postgresql_where=sa.text("state = 'pending'"))
    op.drop_table('fact_deliveries')
    op.drop_index('ix_audit_entries_at', table_name='audit_entries')
    op.drop_index('ix_audit_entries_actor', table_name='audit_entries')
    op.drop_table('audit_entries')
    op.drop_table('facts')
    op.drop_table('counters')
    op.execute("DROP FUNCTION refuse_change()")
