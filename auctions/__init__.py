"""An auction sells one listing under rules announced before it starts.

The pure engine (`engine`) decides every bid and the close; the desk, the closer and the room are a thin shell round
it. Deposits are in `payments`, results in `listings`, the contract that follows a sale in `contracts`.
"""

from flask import Flask

from marketplace import api as interface
from marketplace import jobs

from . import (
    api,
    bidding_views,
    cli,
    contributions,
    desk,
    handlers,
    models,  # noqa: F401 - its tables must be known to migrations
    notifications,
    reminders,
    shown,
    views,
)


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    desk.init_app(app, app.extensions["exchange.settings"])
    app.register_blueprint(bidding_views.blueprint)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.commands)
    interface.register(api.blp)
    contributions.register()
    handlers.register()
    notifications.register()
    shown.register(app)
    # A minute's delay does no harm to a reminder a quarter of an hour ahead.
    jobs.every(60, "auctions.remind_ending", reminders.remind_ending)
