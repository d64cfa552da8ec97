"""Technology contracts, their signatures, registrations and the terms of decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.guards import protect

revision = "a009"
down_revision = 'a008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('registration_terms',
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('working_days', sa.BigInteger(), nullable=False),
    sa.Column('large_working_days', sa.BigInteger(), nullable=False),
    sa.Column('large_from', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('valid_from', name=op.f('pk_registration_terms'))
    )
    op.create_table('contracts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('source', sa.String(length=80), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=True),
    sa.Column('listing_number', sa.String(length=20), server_default='', nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('subtype', sa.String(length=30), nullable=False),
    sa.Column('seller_id', sa.BigInteger(), nullable=False),
    sa.Column('buyer_id', sa.BigInteger(), nullable=True),
    sa.Column('seller', postgresql.JSONB(), nullable=False),
    sa.Column('buyer', postgresql.JSONB(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('non_technical_items', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('non_technical_amount', sa.Numeric(precision=16, scale=2), server_default='0', nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('technical_field', sa.String(length=40), nullable=False),
    sa.Column('ip_items', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('payment_mode', sa.String(40), nullable=False),
    sa.Column('payment_terms', sa.String(), server_default='', nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('deliverables', sa.String(), server_default='', nullable=False),
    sa.Column('acceptance', sa.String(), server_default='', nullable=False),
    sa.Column('clauses', sa.String(), server_default='', nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('editors', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('seller_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('buyer_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('text_hash', sa.String(length=64), server_default='', nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sample', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("buyer_id IS NOT NULL OR source LIKE 'outside:%'", name=op.f('ck_contracts_buyer_known')),
    sa.CheckConstraint("kind IN ('development', 'transfer', 'licence', 'consulting', 'service')", name=op.f('ck_contracts_kind_known')),
    sa.CheckConstraint("payment_mode IN ('once', 'instalments', 'royalty', 'entry_royalty', 'other')", name=op.f('ck_contracts_payment_mode_known')),
    sa.CheckConstraint("state IN ('draft', 'signing', 'signed', 'applied', 'returned', 'registered', 'cancelled', 'terminated')", name=op.f('ck_contracts_state_known')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_contracts_amount_positive')),
    sa.CheckConstraint('non_technical_amount >= 0 AND non_technical_amount < amount', name=op.f('ck_contracts_parts_fit')),
    sa.ForeignKeyConstraint(['buyer_id'], ['organisations.id'], name=op.f('fk_contracts_buyer_id_organisations')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_contracts_listing_id_listings')),
    sa.ForeignKeyConstraint(['seller_id'], ['organisations.id'], name=op.f('fk_contracts_seller_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contracts')),
    sa.UniqueConstraint('number', name=op.f('uq_contracts_number')),
    sa.UniqueConstraint('source', name=op.f('uq_contracts_source'))
    )
    op.create_index('ix_contracts_buyer', 'contracts', ['buyer_id', 'id'], unique=False)
    op.create_index('ix_contracts_seller', 'contracts', ['seller_id', 'id'], unique=False)
    op.create_index('ix_contracts_state', 'contracts', ['state', 'id'], unique=False)
    op.create_table('contract_registrations',
    sa.Column('contract_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('subtype', sa.String(length=30), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('technical_field', sa.String(length=40), nullable=False),
    sa.Column('technical_amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('non_technical_items', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('ip_kinds', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('related_parties', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('related_note', sa.String(), server_default='', nullable=False),
    sa.Column('public_funds', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('tax_relief', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('hints', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_by_id', sa.BigInteger(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('reasons', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=True),
    sa.Column('check_code', sa.String(length=12), server_default='', nullable=False),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_by_id', sa.BigInteger(), nullable=True),
    sa.Column('revision', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('request_kind', sa.String(40), nullable=True),
    sa.Column('request_reason', sa.String(), server_default='', nullable=False),
    sa.Column('request_values', postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('requested_by_id', sa.BigInteger(), nullable=True),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('development', 'transfer', 'licence', 'consulting', 'service')", name=op.f('ck_contract_registrations_kind_known')),
    sa.CheckConstraint("request_kind IN ('change', 'cancel')", name=op.f('ck_contract_registrations_request_kind_known')),
    sa.CheckConstraint('(number IS NULL) = (registered_at IS NULL)', name=op.f('ck_contract_registrations_numbered_when_registered')),
    sa.CheckConstraint('technical_amount > 0', name=op.f('ck_contract_registrations_technical_positive')),
    sa.ForeignKeyConstraint(['applied_by_id'], ['users.id'], name=op.f('fk_contract_registrations_applied_by_id_users')),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_contract_registrations_contract_id_contracts')),
    sa.ForeignKeyConstraint(['registered_by_id'], ['users.id'], name=op.f('fk_contract_registrations_registered_by_id_users')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['users.id'], name=op.f('fk_contract_registrations_requested_by_id_users')),
    sa.PrimaryKeyConstraint('contract_id', name=op.f('pk_contract_registrations')),
    sa.UniqueConstraint('number', name=op.f('uq_contract_registrations_number'))
    )
    op.create_index('ix_contract_registrations_due', 'contract_registrations', ['due_on', 'contract_id'], unique=False)
    op.create_index('ix_contract_registrations_registered', 'contract_registrations', ['registered_at'], unique=False)
    op.create_table('contract_signatures',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('contract_id', sa.BigInteger(), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('text_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('user_name', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contracts.id'], name=op.f('fk_contract_signatures_contract_id_contracts')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_contract_signatures_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract_signatures')),
    sa.UniqueConstraint('contract_id', 'side', 'text_hash', name=op.f('uq_contract_signatures_contract_id_side_text_hash'))
    )

    protect("contract_signatures", "registration_terms")
    # 《技术合同认定登记管理办法》 as drafted, art. 14; the final text's days are set by `flask contracts set-terms`.
    op.execute("""
        INSERT INTO registration_terms (valid_from, working_days, large_working_days, large_from, source)
        VALUES ('2022-01-01', 15, 30, 5000000, '技术合同认定登记管理办法（草案）第十四条')
    """)


def downgrade() -> None:
    op.drop_table('contract_signatures')
    op.drop_index('ix_contract_registrations_registered', table_name='contract_registrations')
    op.drop_index('ix_contract_registrations_due', table_name='contract_registrations')
    op.drop_table('contract_registrations')
    op.drop_index('ix_contracts_state', table_name='contracts')
    op.drop_index('ix_contracts_seller', table_name='contracts')
    op.drop_index('ix_contracts_buyer', table_name='contracts')
    op.drop_table('contracts')
    op.drop_table('registration_terms')
