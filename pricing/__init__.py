"""What results of a kind are worth: observed prices of closed sales and the range they suggest. Decides nothing."""

from flask import Flask

from marketplace import slots

from . import handlers, models, views  # noqa: F401 - the tables must be known to migrations


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
    app.register_blueprint(views.blueprint)
    handlers.register()
    slots.fill("listings.price", "pricing.range", views.beside_price)
    slots.fill("listings.step.terms", "pricing.advice", views.beside_terms)
