"""People, organisations and roles: sign-in, sessions, second factor, verification, memberships."""

from flask import Flask

from . import models  # noqa: F401 - its tables must be known to migrations


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
