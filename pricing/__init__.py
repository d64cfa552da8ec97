"""What results of a kind are worth: observed prices of closed sales and the range they suggest. Learns from facts, decides nothing."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
