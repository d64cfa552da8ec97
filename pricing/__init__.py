"""What results of a kind are worth: observed prices of closed sales and the range they suggest. Decides nothing."""

from flask import Flask

from . import models  # noqa: F401 - its tables must be known to migrations


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
