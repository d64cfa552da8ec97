"""The audit trail in people's words: what each recorded action is called, and entries as timeline items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .audit import AuditEntry

_labels: dict[str, Any] = {}


def register_actions(labels: Mapping[str, Any]) -> None:
    """Name a package's actions (`organisation.verify`) for people."""
    _labels.update(labels)


def action_label(action: str) -> Any:
    """The action's name, or the action itself for one nobody named."""
    return _labels.get(action, action)


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
