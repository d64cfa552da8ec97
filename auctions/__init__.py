"""An auction sells one listing under rules announced before it starts.

The pure engine (`engine`) decides every bid and the close; the desk, the closer and the room are a thin shell round it.
"""

from flask import Flask

from . import bidding_views, cli, desk


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    desk.init_app(app, app.extensions["exchange.settings"])
    app.register_blueprint(bidding_views.blueprint)
    app.cli.add_command(cli.commands)
