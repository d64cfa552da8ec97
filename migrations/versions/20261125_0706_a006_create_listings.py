"""Results, their IP items, versions, reviews, publicity, sales, questions and imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.guards import protect

revision = "a006"
down_revision = "a005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('listing_imports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.BigInteger(), nullable=False),
    sa.Column('created', sa.BigInteger(), nullable=False),
    sa.Column('unchanged', sa.BigInteger(), nullable=False),
    sa.Column('failed', sa.BigInteger(), nullable=False),
    sa.Column('problems', postgresql.JSONB(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_listing_imports_actor_id_users')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_listing_imports_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_imports'))
    )
    op.create_index(op.f('ix_listing_imports_organisation_id'), 'listing_imports', ['organisation_id'], unique=False)
    op.create_table('listings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('title', sa.String(length=200), server_default='', nullable=False),
    sa.Column('summary', sa.String(), server_default='', nullable=False),
    sa.Column('problem', sa.String(), server_default='', nullable=False),
    sa.Column('current_solution', sa.String(), server_default='', nullable=False),
    sa.Column('advantages', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('applications', sa.String(), server_default='', nullable=False),
    sa.Column('keywords', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('inventors', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('co_owners', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('contact_name', sa.String(length=100), server_default='', nullable=False),
    sa.Column('contact_phone', sa.String(length=40), server_default='', nullable=False),
    sa.Column('contact_email', sa.String(length=254), server_default='', nullable=False),
    sa.Column('funding_source', sa.String(length=300), server_default='', nullable=False),
    sa.Column('registration_no', sa.String(length=60), server_default='', nullable=False),
    sa.Column('security_class', sa.String(40), nullable=True),
    sa.Column('field', sa.String(length=40), server_default='', nullable=False),
    sa.Column('region', sa.String(length=6), server_default='', nullable=False),
    sa.Column('trl', sa.BigInteger(), nullable=True),
    sa.Column('phase', sa.String(40), nullable=True),
    sa.Column('transfer_modes', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('licence_term', sa.String(length=100), server_default='', nullable=False),
    sa.Column('territory', sa.String(length=200), server_default='', nullable=False),
    sa.Column('price_mode', sa.String(40), nullable=True),
    sa.Column('price', sa.Numeric(precision=16, scale=2), nullable=True),
    sa.Column('payment_terms', sa.String(), server_default='', nullable=False),
    sa.Column('buyer_conditions', sa.String(), server_default='', nullable=False),
    sa.Column('editors', postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('created_by_id', sa.BigInteger(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('listed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('deal_source', sa.String(length=60), server_default='', nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), nullable=True),
    sa.Column('import_hash', sa.String(length=64), server_default='', nullable=False),
    sa.Column('sample', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("phase IN ('research', 'lab', 'pilot', 'prototype', 'production', 'other')", name=op.f('ck_listings_phase_known')),
    sa.CheckConstraint("price_mode IN ('negotiable', 'fixed', 'agreed', 'auction')", name=op.f('ck_listings_price_mode_known')),
    sa.CheckConstraint("security_class IN ('public', 'internal', 'secret')", name=op.f('ck_listings_security_class_known')),
    sa.CheckConstraint("state IN ('draft', 'org_review', 'exchange_review', 'correction', 'publicity', 'listed', 'bidding', 'negotiating', 'deal_pending', 'contracted', 'settled', 'closed', 'suspended', 'withdrawn', 'rejected')", name=op.f('ck_listings_state_known')),
    sa.CheckConstraint('price > 0', name=op.f('ck_listings_price_positive')),
    sa.CheckConstraint('trl BETWEEN 1 AND 9', name=op.f('ck_listings_trl_range')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_listings_created_by_id_users')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_listings_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listings')),
    sa.UniqueConstraint('number', name=op.f('uq_listings_number'))
    )
    op.create_index('ix_listings_board', 'listings', [sa.literal_column('public_at DESC'), sa.literal_column('id DESC')], unique=False, postgresql_where=sa.text("state IN ('publicity', 'listed', 'bidding', 'negotiating')"))
    op.create_index('ix_listings_facets', 'listings', ['state', 'field', 'region', 'trl', 'price_mode', 'organisation_id'], unique=False, postgresql_include=['transfer_modes', 'price', 'public_at'])
    op.create_index('ix_listings_organisation', 'listings', ['organisation_id', 'state', 'id'], unique=False)
    op.create_index('ix_listings_search', 'listings', ['search'], unique=False, postgresql_using='gin')
    op.create_index('uq_listings_import', 'listings', ['organisation_id', 'import_hash'], unique=True, postgresql_where=sa.text("import_hash <> ''"))
    op.create_table('listing_accesses',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('asked', 'granted', 'declined')", name=op.f('ck_listing_accesses_state_known')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_listing_accesses_decided_by_id_users')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_accesses_listing_id_listings')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_listing_accesses_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_listing_accesses_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_accesses')),
    sa.UniqueConstraint('listing_id', 'organisation_id', name=op.f('uq_listing_accesses_listing_id_organisation_id'))
    )
    op.create_table('listing_ip_items',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('number', sa.String(length=60), server_default='', nullable=False),
    sa.Column('number_key', sa.String(length=60), server_default='', nullable=False),
    sa.Column('title', sa.String(length=300), server_default='', nullable=False),
    sa.Column('holder', sa.String(length=300), server_default='', nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=True),
    sa.Column('granted_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(40), nullable=False),
    sa.Column('fee_paid_to', sa.Date(), nullable=True),
    sa.Column('encumbrance', sa.String(length=300), server_default='', nullable=False),
    sa.Column('ipc', sa.String(length=30), server_default='', nullable=False),
    sa.CheckConstraint("kind IN ('invention', 'utility', 'design', 'software', 'layout', 'variety', 'drug', 'secret', 'other')", name=op.f('ck_listing_ip_items_kind_known')),
    sa.CheckConstraint("status IN ('pending', 'published', 'granted', 'licensed', 'pledged', 'frozen', 'disputed', 'lapsed')", name=op.f('ck_listing_ip_items_status_known')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_ip_items_listing_id_listings'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_ip_items'))
    )
    op.create_index('ix_listing_ip_items_key', 'listing_ip_items', ['number_key'], unique=False, postgresql_where=sa.text("number_key <> ''"))
    op.create_index('ix_listing_ip_items_listing', 'listing_ip_items', ['listing_id', 'position'], unique=False)
    op.create_table('listing_questions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=True),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), server_default='', nullable=False),
    sa.Column('public', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('answered_by_id', sa.BigInteger(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['answered_by_id'], ['users.id'], name=op.f('fk_listing_questions_answered_by_id_users')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_questions_listing_id_listings')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_listing_questions_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_listing_questions_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_questions'))
    )
    op.create_index('ix_listing_questions_listing', 'listing_questions', ['listing_id', 'id'], unique=False)
    op.create_table('listing_reviews',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('decision', sa.String(length=20), nullable=False),
    sa.Column('reasons', postgresql.JSONB(), nullable=False),
    sa.Column('comment', sa.String(), server_default='', nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_listing_reviews_actor_id_users')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_reviews_listing_id_listings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_reviews'))
    )
    op.create_index('ix_listing_reviews_listing', 'listing_reviews', ['listing_id', 'id'], unique=False)
    op.create_table('listing_sales',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('buyer_organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('price', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('transfer_mode', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('proposed_by_id', sa.BigInteger(), nullable=True),
    sa.Column('answered_by_id', sa.BigInteger(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('proposed', 'confirmed', 'declined', 'replaced', 'agreed', 'failed')", name=op.f('ck_listing_sales_state_known')),
    sa.CheckConstraint('price > 0', name=op.f('ck_listing_sales_price_positive')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['users.id'], name=op.f('fk_listing_sales_answered_by_id_users')),
    sa.ForeignKeyConstraint(['buyer_organisation_id'], ['organisations.id'], name=op.f('fk_listing_sales_buyer_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_sales_listing_id_listings')),
    sa.ForeignKeyConstraint(['proposed_by_id'], ['users.id'], name=op.f('fk_listing_sales_proposed_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_sales'))
    )
    op.create_index('ix_listing_sales_buyer', 'listing_sales', ['buyer_organisation_id', 'state'], unique=False)
    op.create_index('ix_listing_sales_listing', 'listing_sales', ['listing_id', 'id'], unique=False)
    op.create_index('uq_listing_sales_current', 'listing_sales', ['listing_id'], unique=True, postgresql_where=sa.text("state IN ('proposed', 'confirmed', 'agreed')"))
    op.create_table('listing_versions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('snapshot', postgresql.JSONB(), nullable=False),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['users.id'], name=op.f('fk_listing_versions_actor_id_users')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_versions_listing_id_listings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_versions')),
    sa.UniqueConstraint('listing_id', 'version', name=op.f('uq_listing_versions_listing_id_version'))
    )
    op.create_table('listing_publicities',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('sale_id', sa.BigInteger(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('price', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('buyer_name', sa.String(length=200), nullable=False),
    sa.Column('transfer_mode', sa.String(length=20), nullable=False),
    sa.Column('announced_on', sa.Date(), nullable=False),
    sa.Column('days', sa.BigInteger(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('running', 'passed', 'restarted', 'stopped')", name=op.f('ck_listing_publicities_state_known')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_listing_publicities_listing_id_listings')),
    sa.ForeignKeyConstraint(['sale_id'], ['listing_sales.id'], name=op.f('fk_listing_publicities_sale_id_listing_sales')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_publicities'))
    )
    op.create_index('ix_listing_publicities_due', 'listing_publicities', ['last_day'], unique=False, postgresql_where=sa.text("state = 'running'"))
    op.create_index('uq_listing_publicities_running', 'listing_publicities', ['listing_id'], unique=True, postgresql_where=sa.text("state = 'running'"))
    op.create_table('listing_objections',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('publicity_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('contact', sa.String(length=254), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('decision', sa.String(), server_default='', nullable=False),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('open', 'upheld', 'rejected')", name=op.f('ck_listing_objections_state_known')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_listing_objections_decided_by_id_users')),
    sa.ForeignKeyConstraint(['publicity_id'], ['listing_publicities.id'], name=op.f('fk_listing_objections_publicity_id_listing_publicities')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_listing_objections_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_objections'))
    )
    op.create_index('ix_listing_objections_publicity', 'listing_objections', ['publicity_id'], unique=False)
    protect("listing_versions", "listing_reviews")


def downgrade() -> None:
    op.drop_index('ix_listing_objections_publicity', table_name='listing_objections')
    op.drop_table('listing_objections')
    op.drop_index('uq_listing_publicities_running', table_name='listing_publicities', postgresql_where=sa.text("state = 'running'"))
    op.drop_index('ix_listing_publicities_due', table_name='listing_publicities', postgresql_where=sa.text("state = 'running'"))
    op.drop_table('listing_publicities')
    op.drop_table('listing_versions')
    op.drop_index('uq_listing_sales_current', table_name='listing_sales', postgresql_where=sa.text("state IN ('proposed', 'confirmed', 'agreed')"))
    op.drop_index('ix_listing_sales_listing', table_name='listing_sales')
    op.drop_index('ix_listing_sales_buyer', table_name='listing_sales')
    op.drop_table('listing_sales')
    op.drop_index('ix_listing_reviews_listing', table_name='listing_reviews')
    op.drop_table('listing_reviews')
    op.drop_index('ix_listing_questions_listing', table_name='listing_questions')
    op.drop_table('listing_questions')
    op.drop_index('ix_listing_ip_items_listing', table_name='listing_ip_items')
    op.drop_index('ix_listing_ip_items_key', table_name='listing_ip_items', postgresql_where=sa.text("number_key <> ''"))
    op.drop_table('listing_ip_items')
    op.drop_table('listing_accesses')
    op.drop_index('uq_listings_import', table_name='listings', postgresql_where=sa.text("import_hash <> ''"))
    op.drop_index('ix_listings_search', table_name='listings', postgresql_using='gin')
    op.drop_index('ix_listings_organisation', table_name='listings')
    op.drop_index('ix_listings_facets', table_name='listings', postgresql_include=['transfer_modes', 'price', 'public_at'])
    op.drop_index('ix_listings_board', table_name='listings', postgresql_where=sa.text("state IN ('publicity', 'listed', 'bidding', 'negotiating')"))
    op.drop_table('listings')
    op.drop_index(op.f('ix_listing_imports_organisation_id'), table_name='listing_imports')
    op.drop_table('listing_imports')
