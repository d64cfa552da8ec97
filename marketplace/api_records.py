"""What the kernel keeps, for programs: a person's notices, and the audit trail for those who may read it."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Flask
from sqlalchemy import select

from .api import blueprint, register
from .api_paging import PageArgs, cursor_page, page_schema
from .audit import AuditEntry
from .edge import current_actor
from .notices import Notice
from .permissions import Permission, requires

blp = blueprint("records", "Notices and the audit trail")


class NoticeSchema(ma.Schema):
    """One thing the person was told."""

    id = ma.fields.Integer(required=True)
    event = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    body = ma.fields.String(required=True)
    url = ma.fields.String(required=True, metadata={"description": "Address within the site."})
    created_at = ma.fields.AwareDateTime(required=True)
    read_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class AuditSchema(ma.Schema):
    """One change to one object."""

    id = ma.fields.Integer(required=True)
    object_type = ma.fields.String(required=True)
    object_id = ma.fields.Integer(required=True)
    object_label = ma.fields.String(required=True)
    sequence = ma.fields.Integer(required=True, metadata={"description": "1, 2, 3 … within the object."})
    action = ma.fields.String(required=True)
    actor_name = ma.fields.String(required=True)
    before = ma.fields.Dict(required=True)
    after = ma.fields.Dict(required=True)
    at = ma.fields.AwareDateTime(required=True)
    previous_hash = ma.fields.String(required=True)
    hash = ma.fields.String(required=True)


@blp.get("/notices")
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(NoticeSchema))
@requires(Permission.ACCOUNT_USE)
def notices(args: dict[str, Any]) -> dict[str, Any]:
    """List what you were told, the latest first."""
    query = select(Notice).where(Notice.user_id == current_actor().user_id, Notice.shown)
    return cursor_page(query, [(Notice.id, True)], args)


@blp.get("/audit")
@blp.arguments(PageArgs, location="query")
@blp.response(200, page_schema(AuditSchema))
@requires(Permission.AUDIT_READ)
def audit_trail(args: dict[str, Any]) -> dict[str, Any]:
    """Read the audit trail, the latest entry first."""
    return cursor_page(select(AuditEntry), [(AuditEntry.id, True)], args)


def init_app(_app: Flask) -> None:
    """Declare the part."""
    register(blp)
