"""Pages of results: the public ones, the seller's desk, the deciders' queues, agreed sales, imports."""

from flask import Blueprint

blueprint = Blueprint("listings", __name__)

from . import (  # noqa: E402 - they add their routes
    amending,
    deciding,
    desk,
    drafting,
    importing,
    public,
    publicity,
    renewing,
    selling,
    talking,
)

__all__ = [
    "amending",
    "blueprint",
    "deciding",
    "desk",
    "drafting",
    "importing",
    "public",
    "publicity",
    "renewing",
    "selling",
    "talking",
]
