"""Refused registrations with their re-check, and signed contracts that both sides dissolve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a012"
down_revision = "a011"
branch_labels = None
depends_on = None

STATES = ("draft", "signing", "signed", "applied", "returned", "registered", "cancelled", "terminated")
_CONTRACT = "ck_contracts_state_known"
_REQUEST = "ck_contract_registrations_request_kind_known"


def upgrade() -> None:
    _know((*STATES, "refused", "dissolved"), ("change", "cancel", "refuse"))
    text = {"server_default": "", "nullable": False}
    op.add_column("contracts", sa.Column("end_asked_side", sa.String(length=10), **text))
    op.add_column("contracts", sa.Column("end_asked_by_id", sa.BigInteger(), nullable=True))
    op.add_column("contracts", sa.Column("end_reason", sa.String(), **text))
    op.create_foreign_key(
        op.f("fk_contracts_end_asked_by_id_users"), "contracts", "users", ["end_asked_by_id"], ["id"]
    )
    refused_by = sa.Column(
        "refused_by", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
    )
    op.add_column("contract_registrations", refused_by)
    op.add_column("contract_registrations", sa.Column("recheck_note", sa.String(), **text))


def downgrade() -> None:
    op.drop_column("contract_registrations", "recheck_note")
    op.drop_column("contract_registrations", "refused_by")
    op.drop_constraint(op.f("fk_contracts_end_asked_by_id_users"), "contracts", type_="foreignkey")
    for name in ("end_reason", "end_asked_by_id", "end_asked_side"):
        op.drop_column("contracts", name)
    _know(STATES, ("change", "cancel"))


def _know(states: tuple[str, ...], requests: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(_CONTRACT), "contracts", type_="check")
    op.create_check_constraint(op.f(_CONTRACT), "contracts", _among("state", states))
    op.drop_constraint(op.f(_REQUEST), "contract_registrations", type_="check")
    op.create_check_constraint(op.f(_REQUEST), "contract_registrations", _among("request_kind", requests))


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
