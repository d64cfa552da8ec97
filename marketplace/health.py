"""Is it alive, is it ready: for supervisors, load balancers and the operators' screen."""

from __future__ import annotations

from functools import cache
from typing import Any

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from . import jobs
from .db import db
from .logs import quiet
from .permissions import public

blueprint = Blueprint("health", __name__)

#: Seconds after which a silent background process counts as late.
LATE_AFTER = {"closer": 10.0, "worker": 30.0}


@blueprint.get("/health/live", endpoint="live")
@quiet
@public
def live() -> Response:
    """The process answers. Nothing else is looked at, so that a database outage restarts nobody."""
    return jsonify(status="alive")


@blueprint.get("/health/ready", endpoint="ready")
@quiet
@public
def ready() -> tuple[Response, int]:
    """Requests can be served: the database answers and its tables are the ones this version knows."""
    found = report()
    return jsonify(found), 503 if found["status"] == "unavailable" else 200


def report() -> dict[str, Any]:
    """What works. A silent closer or worker makes it `degraded`: pages still answer, so traffic may come."""
    try:
        migrated = {row[0] for row in db.session.execute(text("SELECT version_num FROM alembic_version"))}
        ages = jobs.heartbeats()
    except SQLAlchemyError:
        db.session.rollback()
        return {"status": "unavailable", "database": False, "migrations": False, "heartbeats": {}}
    current = migrated == set(heads())
    beats = {name: heartbeat(name, ages.get(name)) for name in sorted(LATE_AFTER.keys() | ages.keys())}
    late = any(beat["late"] for beat in beats.values())
    status = "unavailable" if not current else "degraded" if late else "ready"
    return {"status": status, "database": True, "migrations": current, "heartbeats": beats}


def heartbeat(name: str, age: float | None) -> dict[str, Any]:
    """Age of a process's last sign, and whether that is too long ago."""
    late = age is None or age > LATE_AFTER.get(name, 60.0)
    return {"age_seconds": None if age is None else round(age, 1), "late": late}


def heads() -> tuple[str, ...]:
    """The newest migrations this version has."""
    return _heads(current_app.extensions["migrate"].directory)


@cache
def _heads(directory: str) -> tuple[str, ...]:
    return tuple(ScriptDirectory(directory).get_heads())
