"""The plan's targets and how far the province has come: windows, the registered turnover against 2000亿元, every figure traceable to its contracts."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Plug the package into the application."""
