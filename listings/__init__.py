"""Results and intellectual property for sale: drafts, approval, review, publicity (公示), the public board, sales by agreement."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
