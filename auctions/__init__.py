"""An auction sells one listing under rules announced before it starts.

The pure engine (`engine`) decides every bid and the close; the desk, the closer and the room are a thin shell round it.
"""

from flask import Flask

from . import models  # noqa: F401 - its tables must be known to migrations


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
