"""What results of a field brought, and the range beside a result's price."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from listings.kinds import MODE_LABELS, band_of
from listings.models import Listing
from marketplace.edge import found
from marketplace.fields import FIELDS, field_label
from marketplace.page_cache import cached_public
from marketplace.permissions import public

from . import queries
from .rules import ENOUGH, Range, range_of

blueprint = Blueprint("pricing", __name__)


@blueprint.get("/pricing/<field>", endpoint="field")
@public
@cached_public(5)
def field(field: str) -> ResponseReturnValue:
    """Show the range of a field and of its ways of transfer; never a single price."""
    found(field if field in FIELDS else None)
    sales = queries.comparables(field)
    return render_template(
        "pricing/field.html",
        field=field,
        label=field_label(field),
        fields=FIELDS,
        whole=range_of([one.price for one in sales], ("field",)),
        total=len(sales),
        lines=queries.by_mode(sales),
        modes={mode.value: label for mode, label in MODE_LABELS.items()},
        enough=ENOUGH,
    )


def beside_price(listing: Listing) -> str | None:
    """The reference range in the price box of a public result."""
    return _rendered("pricing/_range.html", listing)


def beside_terms(listing: Listing) -> str | None:
    """The reference range beside the step in which the seller gives the price."""
    return _rendered("pricing/_advice.html", listing)


def _rendered(template: str, listing: Listing) -> str | None:
    mode = listing.transfer_modes[0] if len(listing.transfer_modes) == 1 else ""
    band = band_of(listing.trl)
    shown: Range | None = queries.reference_range(listing.field, mode, band.value if band else "")
    return render_template(template, range=shown, listing=listing) if shown else None
