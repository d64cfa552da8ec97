"""Results and what belongs to them: columns and constraints, no workflow."""

from .listing import IpItem, Listing, ListingImport, ListingReview, ListingVersion
from .selling import Objection, Publicity, Sale
from .talk import Access, Question

__all__ = [
    "Access",
    "IpItem",
    "Listing",
    "ListingImport",
    "ListingReview",
    "ListingVersion",
    "Objection",
    "Publicity",
    "Question",
    "Sale",
]
