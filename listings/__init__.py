"""Results and intellectual property for sale: drafts, approval, review, publicity (公示), the board, agreed sales."""

from flask import Flask

from . import models  # noqa: F401 - its tables must be known to migrations


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
