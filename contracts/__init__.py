"""Technology contracts: drafted from a sale, signed by both sides, registered (认定登记) with a number and a certificate anyone can check."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
