"""Sample data: an invented province's year, made through the same services as real data and marked as sample."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
