"""Deposits: asked for, received, confirmed by a second person, and given back, held or kept.

A deposit refers to what it is for by an opaque word (`auction:PM2026-000123`). Every step writes a row that nobody
can change; the deposit's state is the fold of those rows (`flask payments verify`).
"""

from flask import Flask

from . import models  # noqa: F401 - its tables must be known to migrations


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
