"""Places on a page that higher packages fill: a result shows its auction without knowing auctions.

A page declares a slot by asking for it (`slot("listings.detail", listing=listing)` in a template);
a package fills it in its `init_app`. A provider returns markup or None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

Provider = Callable[..., Any]

_providers: dict[str, list[tuple[int, str, Provider]]] = defaultdict(list)


def fill(slot: str, name: str, provider: Provider, order: int = 100) -> None:
    """Put a provider into a slot; the same name twice replaces the first."""
    kept = [entry for entry in _providers[slot] if entry[1] != name]
    _providers[slot] = sorted([*kept, (order, name, provider)], key=lambda entry: entry[:2])


def collect(slot: str, **context: Any) -> list[Any]:
    """What every provider of the slot gives for this context, in order, without the Nones."""
    given = (provider(**context) for _, _, provider in _providers[slot])
    return [item for item in given if item is not None]


def render(slot: str, **context: Any) -> Markup:
    """The slot's markup for a template."""
    return Markup("\n").join(Markup(item) for item in collect(slot, **context))  # noqa: S704 - rendered by templates
