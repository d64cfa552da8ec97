"""Other people's money while a deal is open. This package keeps deposits: who owes one, that it was received, locked, released, applied to the price or forfeited; other packages ask it by an opaque reference and never touch its tables."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
