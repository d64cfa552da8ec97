"""The pages of auctions, by who uses them: everybody, bidders, sellers, the auctioneer."""

from flask import Blueprint

blueprint = Blueprint("auctions", __name__)

from . import auctioneer, bidder, proof, public, seller  # noqa: E402,F401 - they add their routes to the blueprint
