"""The catalogue's filters as people see them: their words, counts, chips and orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts.roles import KIND_LABELS
from marketplace.fields import FIELDS
from marketplace.regions import REGIONS
from marketplace.ui import page_url

from .catalogue import Page, Wanted
from .kinds import BAND_LABELS, MODE_LABELS, PRICE_MODE_LABELS

_STATUS_LABELS = {
    "listed": _l("On the board"),
    "bidding": _l("At auction"),
    "publicity": _l("In publicity"),
    "negotiating": _l("In negotiation"),
    "sold": _l("Sold"),
    "suspended": _l("Listing suspended"),
}
_FACETS: tuple[tuple[str, Any, dict[Any, Any]], ...] = (
    ("field", _l("Industry field"), FIELDS),
    ("state", _l("State"), _STATUS_LABELS),
    ("price", _l("Price"), PRICE_MODE_LABELS),
    ("mode", _l("Way of transfer"), MODE_LABELS),
    ("band", _l("Maturity"), BAND_LABELS),
    ("kind", _l("Owner of the result"), KIND_LABELS),
    ("region", _l("Region"), REGIONS),
)
_SORT_LABELS = {
    "relevance": _l("Best match"),
    "newest": _l("Newest"),
    "price": _l("Price, lowest first"),
    "-price": _l("Price, highest first"),
    "-trl": _l("Most mature"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter with what choosing it would show."""

    label: Any
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter: the values that show something, the most frequent first, chosen ones always."""

    name: str
    label: Any
    choices: list[Choice]
    #: How many stand before the fold.
    shown: int = 6


def facets(page: Page) -> list[Facet]:
    """The filters beside the list."""
    made = []
    for name, label, words in _FACETS:
        values = page.counts.get(name, {})
        chosen = page.wanted.chosen.get(name, ())
        found = [_choice(name, value, text, values, chosen) for value, text in _plain(words)]
        choices = [one for one in found if one.count or one.chosen]
        if name in ("field", "region", "mode", "kind"):
            choices.sort(key=lambda one: (not one.chosen, -one.count))
        if choices:
            made.append(Facet(name, label, choices))
    return made


def _plain(words: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(getattr(value, "value", value)), text) for value, text in words.items()]


def _choice(name: str, value: str, label: Any, counts: dict[str, int], chosen: Sequence[str]) -> Choice:
    rest = [one for one in chosen if one != value]
    return Choice(
        label=label,
        count=counts.get(value, 0),
        url=page_url(**{name: rest if value in chosen else [*chosen, value], "format": None}),
        chosen=value in chosen,
    )


def chips(wanted: Wanted, organisation: str) -> list[dict[str, Any]]:
    """What narrows the list, each with the address without it."""
    made: list[dict[str, Any]] = []
    if wanted.q:
        made.append({"label": _("Search"), "value": wanted.q, "clear_url": page_url(q=None, sort=None)})
    if organisation:
        made.append(
            {"label": _("Owner of the result"), "value": organisation, "clear_url": page_url(organisation=None)}
        )
    for name, label, words in _FACETS:
        texts = dict(_plain(words))
        for value in wanted.chosen.get(name, ()):
            rest = [one for one in wanted.chosen[name] if one != value]
            made.append({"label": label, "value": texts[value], "clear_url": page_url(**{name: rest})})
    return made


def sorts(wanted: Wanted) -> list[dict[str, Any]]:
    """The orders that the list offers."""
    offered = [key for key in _SORT_LABELS if key != "relevance" or wanted.q]
    return [{"label": _SORT_LABELS[key], "url": page_url(sort=key), "current": key == wanted.sort} for key in offered]


def sort_label(wanted: Wanted) -> Any:
    """The word for the present order."""
    return _SORT_LABELS[wanted.sort]
