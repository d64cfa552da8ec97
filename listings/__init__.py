"""Results and intellectual property for sale: drafts, approval, review, publicity (公示), the board, agreed sales."""

from flask import Flask

from marketplace.files import register_reader
from marketplace.jobs import every
from marketplace.ui import register_states

from . import handlers, models, notifications, queries, services, states


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    register_states("listing", states.SHOWN)
    register_reader(models.Listing.__tablename__, queries.can_read_file)
    notifications.register()
    handlers.register()
    # A publicity ends at midnight; a few minutes later is early enough, and a worker that was down makes up for it.
    every(120, "listings.end_publicity", services.end_due)
