"""Sample data: an invented province's years of trade, made through the same services as real data and marked as sample."""

from flask import Flask

from marketplace import jobs, ui
from marketplace.kernel import settings

from . import bidders
from .cli import group
from .load import holds_sample_data


def init_app(app: Flask) -> None:
    """Plug the package into the application: its commands, and the word on every page that shows sample data."""
    app.cli.add_command(group)
    ui.register_sample_probe(holds_sample_data)
    with app.app_context():
        if settings().development:
            jobs.every(bidders.EVERY_SECONDS, "demo.bidders", bidders.bid)
