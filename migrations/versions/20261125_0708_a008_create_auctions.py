"""Auctions, bidders, bids and their evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marketplace.guards import protect

revision = "a008"
down_revision = 'a007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('auctions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('listing_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('phase', sa.String(length=20), server_default='scheduled', nullable=False),
    sa.Column('restricted', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('terms', sa.String(), server_default='', nullable=False),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('created_by_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registration_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deposit_amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('rules', postgresql.JSONB(), nullable=False),
    sa.Column('rules_version', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('opening_price', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('has_reserve', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('free_ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outage_tolerance_s', sa.BigInteger(), server_default='60', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state_json', postgresql.JSONB(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.Column('price', sa.Numeric(precision=16, scale=2), nullable=True),
    sa.Column('bid_count', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('bidder_count', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('leader_id', sa.BigInteger(), nullable=True),
    sa.Column('leader_user_id', sa.BigInteger(), nullable=True),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('winner_bidder_id', sa.BigInteger(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sample', sa.Boolean(), server_default='false', nullable=False),
    sa.CheckConstraint("state IN ('draft', 'announced', 'open', 'suspended', 'closed', 'cancelled')", name=op.f('ck_auctions_state_known')),
    sa.CheckConstraint('opening_price > 0 AND deposit_amount >= 0', name=op.f('ck_auctions_amounts')),
    sa.ForeignKeyConstraint(['created_by_id'], ['users.id'], name=op.f('fk_auctions_created_by_id_users')),
    sa.ForeignKeyConstraint(['listing_id'], ['listings.id'], name=op.f('fk_auctions_listing_id_listings')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_auctions_organisation_id_organisations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auctions')),
    sa.UniqueConstraint('number', name=op.f('uq_auctions_number')),
    postgresql_with={'fillfactor': 50}
    )
    op.create_index('ix_auctions_due', 'auctions', ['due_at'], unique=False, postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_index(op.f('ix_auctions_listing_id'), 'auctions', ['listing_id'], unique=False)
    op.create_index(op.f('ix_auctions_organisation_id'), 'auctions', ['organisation_id'], unique=False)
    op.create_index('ix_auctions_state', 'auctions', ['state'], unique=False)
    op.create_index('uq_auctions_live_listing', 'auctions', ['listing_id'], unique=True, postgresql_where=sa.text("state IN ('draft', 'announced', 'open', 'suspended')"))
    op.create_table('auction_attempts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('amount', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_auction_attempts_auction_id_auctions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auction_attempts'))
    )
    op.create_index('ix_auction_attempts_auction', 'auction_attempts', ['auction_id', 'id'], unique=False)
    op.create_table('auction_bidders',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("state IN ('registered', 'qualified', 'refused')", name=op.f('ck_auction_bidders_state_known')),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_auction_bidders_auction_id_auctions')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_auction_bidders_decided_by_id_users')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_auction_bidders_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_auction_bidders_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auction_bidders')),
    sa.UniqueConstraint('auction_id', 'number', name=op.f('uq_auction_bidders_auction_id_number')),
    sa.UniqueConstraint('auction_id', 'organisation_id', name=op.f('uq_auction_bidders_auction_id_organisation_id'))
    )
    op.create_index(op.f('ix_auction_bidders_organisation_id'), 'auction_bidders', ['organisation_id'], unique=False)
    op.create_table('auction_events',
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entry', postgresql.JSONB(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('leaf', sa.LargeBinary(), nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_auction_events_auction_id_auctions')),
    sa.PrimaryKeyConstraint('auction_id', 'sequence', name=op.f('pk_auction_events'))
    )
    op.create_table('auction_secrets',
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('reserve', sa.Numeric(precision=16, scale=2), nullable=True),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_auction_secrets_auction_id_auctions')),
    sa.PrimaryKeyConstraint('auction_id', name=op.f('pk_auction_secrets'))
    )
    op.create_table('close_alarms',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('attempts', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_close_alarms_auction_id_auctions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_close_alarms'))
    )
    op.create_index('uq_close_alarms_open', 'close_alarms', ['auction_id'], unique=True, postgresql_where=sa.text('cleared_at IS NULL'))
    op.create_table('bid_approvals',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('bidder_id', sa.BigInteger(), nullable=False),
    sa.Column('requested_by_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), server_default='', nullable=False),
    sa.CheckConstraint("state IN ('pending', 'approved', 'rejected')", name=op.f('ck_bid_approvals_state_known')),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_bid_approvals_auction_id_auctions')),
    sa.ForeignKeyConstraint(['bidder_id'], ['auction_bidders.id'], name=op.f('fk_bid_approvals_bidder_id_auction_bidders')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_bid_approvals_decided_by_id_users')),
    sa.ForeignKeyConstraint(['requested_by_id'], ['users.id'], name=op.f('fk_bid_approvals_requested_by_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bid_approvals')),
    sa.UniqueConstraint('auction_id', 'bidder_id', 'key', name=op.f('uq_bid_approvals_auction_id_bidder_id_key'))
    )
    op.create_index('ix_bid_approvals_bidder', 'bid_approvals', ['bidder_id'], unique=False)
    op.create_table('bids',
    sa.Column('auction_id', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('bidder_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_by_id', sa.BigInteger(), nullable=True),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('amount', sa.Numeric(precision=16, scale=2), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('refusal', sa.String(length=40), server_default='', nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('leaf', sa.LargeBinary(), nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("accepted = (refusal = '')", name=op.f('ck_bids_refusal_said')),
    sa.CheckConstraint("kind IN ('bid', 'limit', 'auto')", name=op.f('ck_bids_kind_known')),
    sa.ForeignKeyConstraint(['auction_id'], ['auctions.id'], name=op.f('fk_bids_auction_id_auctions')),
    sa.ForeignKeyConstraint(['bidder_id'], ['auction_bidders.id'], name=op.f('fk_bids_bidder_id_auction_bidders')),
    sa.PrimaryKeyConstraint('auction_id', 'sequence', name=op.f('pk_bids'))
    )
    op.create_index('uq_bids_key', 'bids', ['auction_id', 'bidder_id', 'key'], unique=True, postgresql_where=sa.text("kind <> 'auto'"))
    for column in ("leader_id", "winner_bidder_id"):
        op.create_foreign_key(f"fk_auctions_{column}_auction_bidders", "auctions", "auction_bidders", [column], ["id"])
    protect("bids", "auction_events", "auction_attempts")


def downgrade() -> None:
    for column in ("leader_id", "winner_bidder_id"):
        op.drop_constraint(f"fk_auctions_{column}_auction_bidders", "auctions", type_="foreignkey")
    op.drop_index('uq_bids_key', table_name='bids', postgresql_where=sa.text("kind <> 'auto'"))
    op.drop_table('bids')
    op.drop_index('ix_bid_approvals_bidder', table_name='bid_approvals')
    op.drop_table('bid_approvals')
    op.drop_index('uq_close_alarms_open', table_name='close_alarms', postgresql_where=sa.text('cleared_at IS NULL'))
    op.drop_table('close_alarms')
    op.drop_table('auction_secrets')
    op.drop_table('auction_events')
    op.drop_index(op.f('ix_auction_bidders_organisation_id'), table_name='auction_bidders')
    op.drop_table('auction_bidders')
    op.drop_index('ix_auction_attempts_auction', table_name='auction_attempts')
    op.drop_table('auction_attempts')
    op.drop_index('uq_auctions_live_listing', table_name='auctions', postgresql_where=sa.text("state IN ('draft', 'announced', 'open', 'suspended')"))
    op.drop_index('ix_auctions_state', table_name='auctions')
    op.drop_index(op.f('ix_auctions_organisation_id'), table_name='auctions')
    op.drop_index(op.f('ix_auctions_listing_id'), table_name='auctions')
    op.drop_index('ix_auctions_due', table_name='auctions', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.drop_table('auctions')
