"""The audit trail in people's words: what each recorded action and object is called, and entries as timeline items."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for

from .audit import AuditEntry

_labels: dict[str, Any] = {}
#: Table of an object: what it is called, and the page that shows one by its label.
_objects: dict[str, tuple[Any, str]] = {}


def register_actions(labels: Mapping[str, Any]) -> None:
    """Name a package's actions (`organisation.verify`) for people."""
    _labels.update(labels)


def action_label(action: str) -> Any:
    """The action's name, or the action itself for one nobody named."""
    return _labels.get(action, action)


def register_object(table: str, label: Any, endpoint: str = "") -> None:
    """Name what a package keeps a trail of; `endpoint` shows one by the `number` that labels its entries."""
    _objects[table] = (label, endpoint)


def kinds() -> list[tuple[str, Any]]:
    """Every kind of object that has a trail, for a filter."""
    return [(table, label) for table, (label, _endpoint) in _objects.items()]


def object_label(table: str) -> Any:
    """What the kind of object is called."""
    return _objects.get(table, (table, ""))[0]


def object_url(entry: AuditEntry) -> str | None:
    """The page of the entry's object, if it has one."""
    endpoint = _objects.get(entry.object_type, ("", ""))[1]
    return url_for(endpoint, number=entry.object_label) if endpoint and entry.object_label else None


def changed(entry: AuditEntry) -> list[dict[str, Any]]:
    """What the entry changed, for the difference table."""
    names = dict.fromkeys([*entry.before, *entry.after])
    return [
        {"label": name, "before": _plainly(entry.before.get(name)), "after": _plainly(entry.after.get(name))}
        for name in names
    ]


def _plainly(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def trail_items(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Entries for the timeline macro, the latest first."""
    return [
        {
            "at": entry.at,
            "title": action_label(entry.action),
            "who": entry.actor_name,
            "note": entry.after.get("reason"),
        }
        for entry in reversed(list(entries))
    ]
