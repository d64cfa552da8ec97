"""Addresses of pages outside a request: for mails, notices, QR codes and feeds."""

from __future__ import annotations

from typing import Any

from flask import current_app

from .settings import Settings


def path(endpoint: str, **values: Any) -> str:
    """The page's address within the site."""
    return str(current_app.url_map.bind("localhost").build(endpoint, values))


def absolute(endpoint: str, **values: Any) -> str:
    """The page's address as the outside reaches it."""
    settings: Settings = current_app.extensions["exchange.settings"]
    return settings.site_url + path(endpoint, **values)
