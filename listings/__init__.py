"""Results and intellectual property for sale: drafts, approval, review, publicity (公示), the board, agreed sales."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from marketplace import api as exchange_api
from marketplace.files import register_reader
from marketplace.jobs import every
from marketplace.trails import register_actions, register_object
from marketplace.ui import register_footer_link, register_nav, register_states

from . import (
    api,
    api_own,
    cli,
    deal_states,
    desking,
    handlers,
    models,
    notifications,
    presenting,
    queries,
    services,
    states,
    views,
)
from .views import drafting


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals.update(presenting.GLOBALS, point_items=drafting.point_items)
    exchange_api.register(api.blp)
    exchange_api.register(api_own.blp)
    cli.init_app(app)
    desking.register()
    handlers.register()
    notifications.register()
    register_states("listing", states.SHOWN)
    register_states("publicity", deal_states.PUBLICITY_SHOWN)
    register_states("objection", deal_states.OBJECTION_SHOWN)
    register_states("listing_sale", deal_states.SALE_SHOWN)
    register_states("listing_access", deal_states.ACCESS_SHOWN)
    register_nav("listings.index", _l("Results"), order=10)
    register_footer_link("listings.publicity", _l("Publicity of agreed prices"), order=20)
    register_object("listings", _l("Result"), "listings.detail")
    register_actions(states.TRAIL)
    register_reader(models.Listing.__tablename__, queries.can_read_file)
    # A publicity ends at midnight; two minutes later is early enough, and a worker that was down makes up for it.
    every(120, "listings.end_publicity", services.end_due)
    # Fees fall due by the day: within the hour after midnight is early enough.
    every(3600, "listings.suspend_lapsed", services.suspend_lapsed)
