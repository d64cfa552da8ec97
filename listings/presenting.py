"""How results read on pages and in exports: filters with their words and counts, prices, structured data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from marketplace.clock import beijing, end_of_day
from marketplace.fields import field_label
from marketplace.files import Visibility
from marketplace.regions import region_label
from marketplace.states import StateChange
from marketplace.ui import state_of
from marketplace.ui_format import yuan

from . import policies
from .filtering import sort_label
from .ip_rules import expires_on
from .kinds import (
    IP_KIND_LABELS,
    IP_STATUS_LABELS,
    MODE_LABELS,
    MODE_MEANINGS,
    PHASE_LABELS,
    PRICE_MODE_LABELS,
    IpStatus,
    PriceMode,
    TransferMode,
)
from .models import Listing, ListingReview
from .rules import PUBLICITY_DAYS
from .services.review import REVIEWED
from .states import ACTION_LABELS, ListingAction, ListingState


def price_text(listing: Listing) -> str:
    """The price in a few words: `Fixed price 68.00 万元`, or how it is formed."""
    if listing.price_mode is None:
        return ""
    if listing.price_mode is PriceMode.NEGOTIABLE or listing.price is None:
        return str(PRICE_MODE_LABELS[listing.price_mode])
    return yuan(listing.price)


def price_label(listing: Listing) -> Any:
    """What the figure means."""
    labels = {
        PriceMode.FIXED: _("Fixed price"),
        PriceMode.AGREED: _("Agreed price"),
        PriceMode.AUCTION: _("Opening price"),
        PriceMode.NEGOTIABLE: _("Price"),
    }
    return labels.get(listing.price_mode) if listing.price_mode else ""


def first_advantage(listing: Listing) -> str:
    """The strongest figure, for a card: `Thermal conductivity 1650 W/(m·K) (usual: 1200)`."""
    row = next((one for one in listing.advantages if one.get("metric") and one.get("ours")), None)
    if row is None:
        return ""
    figure = f"{row['metric']} {row['ours']} {row.get('unit', '')}".strip()
    usual = row.get("conventional")
    return _("%(figure)s (usual: %(usual)s)", figure=figure, usual=usual) if usual else figure


def mode_labels(listing: Listing) -> list[Any]:
    """The ways of transfer as words."""
    return [MODE_LABELS[value] for value in MODE_LABELS if value.value in listing.transfer_modes]


EXPORT: list[tuple[Any, Any]] = [
    (_l("Number"), "number"),
    (_l("Title"), "title"),
    (_l("Owner of the result"), lambda one: one.organisation.name),
    (_l("Industry field"), lambda one: str(field_label(one.field))),
    (_l("Region"), lambda one: str(region_label(one.region))),
    (_l("TRL"), "trl"),
    (_l("State"), lambda one: str(state_of("listing", one.state).label)),
    (_l("Way of transfer"), lambda one: "、".join(map(str, mode_labels(one)))),
    (_l("How the price is formed"), lambda one: str(PRICE_MODE_LABELS.get(one.price_mode, ""))),
    (_l("Price (yuan)"), "price"),
    (_l("Summary"), "summary"),
    (_l("Keywords"), lambda one: "；".join(one.keywords)),
    (_l("On the board since"), "listed_at"),
]


def structured(listing: Listing, site: str) -> Markup:
    """The result for search engines (schema.org Product with its offer), as the content of a script element."""
    offer: dict[str, Any] = {"@type": "Offer", "url": f"{site}/listings/{listing.number}", "priceCurrency": "CNY"}
    if listing.price is not None:
        offer["price"] = str(listing.price)
    in_stock = listing.state in (ListingState.LISTED, ListingState.BIDDING)
    offer["availability"] = f"https://schema.org/{'InStock' if in_stock else 'SoldOut'}"
    body = {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": listing.number,
        "name": listing.title,
        "description": listing.summary[:500],
        "category": str(field_label(listing.field)),
        "keywords": ", ".join(listing.keywords),
        "brand": {"@type": "Organization", "name": listing.organisation.name},
        "offers": offer,
    }
    text = json.dumps(body, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704 - JSON whose markup characters are escaped


TRL_WORDS: tuple[tuple[int, Any], ...] = (
    (1, _l("principle")),
    (2, _l("concept")),
    (3, _l("proof")),
    (4, _l("laboratory")),
    (5, _l("test rig")),
    (6, _l("pilot")),
    (7, _l("field")),
    (8, _l("product")),
    (9, _l("in use")),
)
FILE_AUDIENCE = {
    Visibility.PUBLIC.value: _l("for everybody"),
    Visibility.RESTRICTED.value: _l("in confidence"),
    Visibility.PRIVATE.value: _l("owner and exchange only"),
}
_IP_TONES = {
    IpStatus.GRANTED: "done",
    IpStatus.LICENSED: "done",
    IpStatus.PENDING: "waiting",
    IpStatus.PUBLISHED: "waiting",
    IpStatus.PLEDGED: "waiting",
    IpStatus.FROZEN: "refused",
    IpStatus.DISPUTED: "refused",
    IpStatus.LAPSED: "refused",
}


IP_FIELD_LABELS = {
    "kind": _l("Kind of right"),
    "number": _l("Number"),
    "title": _l("Title of the right"),
    "holder": _l("Holder"),
    "filed_on": _l("Filed on"),
    "granted_on": _l("Granted on"),
    "status": _l("Status"),
    "fee_paid_to": _l("Annual fees paid to"),
    "ipc": _l("IPC class"),
}


def advantage_rows(listing: Listing) -> list[dict[str, str]]:
    """The figures with the difference in per cent where both are plain numbers."""
    rows = []
    for row in listing.advantages:
        ours, usual = _figure(row.get("ours", "")), _figure(row.get("conventional", ""))
        difference = ""
        if ours is not None and usual:
            difference = f"{(ours - usual) / usual * 100:+.1f}%".replace("-", "\u2212")
        rows.append({"metric": "", "ours": "", "conventional": "", "unit": "", **row, "difference": difference})
    return rows


def _figure(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < Decimal("1e15") else None


def co_owner_text(listing: Listing) -> str:
    """Co-owners with their shares, or nothing."""
    return "、".join(f"{row['name']} {row['share']}%" for row in listing.co_owners)


def citation(listing: Listing) -> str:
    """How to cite the result."""
    year = f"{beijing(listing.public_at):%Y}" if listing.public_at else ""
    parts = [listing.organisation.name, listing.title, f"{listing.number}, v{listing.version}", year]
    return ". ".join(part for part in parts if part) + "."


def step_items(steps: Sequence[StateChange]) -> list[dict[str, Any]]:
    """Steps of a result for the timeline."""
    return [
        {
            "at": one.at,
            "title": ACTION_LABELS.get(ListingAction(one.action), one.action),
            "note": "" if one.reason.startswith(("auction:", "listing:")) else one.reason,
            "tone": state_of("listing", one.to_state).tone,
        }
        for one in steps
    ]


def step_items_named(steps: Sequence[StateChange]) -> list[dict[str, Any]]:
    """The same for those inside, with who did it."""
    return [{**item, "who": one.actor_name} for item, one in zip(step_items(steps), steps, strict=True)]


def review_items(reviews: Sequence[ListingReview]) -> list[dict[str, Any]]:
    """Decisions for the timeline, each with its reasons."""
    words = {
        ("organisation", "approved"): _("Approved by the organisation"),
        ("organisation", "returned"): _("Returned by the organisation's approver"),
        ("exchange", "approved"): _("Approved by the exchange"),
        ("exchange", "returned"): _("Returned by the exchange"),
        ("exchange", "rejected"): _("Refused by the exchange"),
    }
    tones = {"approved": "done", "returned": "waiting", "rejected": "refused"}
    return [
        {
            "at": one.at,
            "title": words[one.stage, one.decision],
            "who": one.actor_name,
            "note": "；".join(
                [one.comment, *(f"{REVIEWED.get(k, k)}：{text}" for k, text in one.reasons.items())]
            ).strip("；"),
            "tone": tones[one.decision],
        }
        for one in reviews
    ]


def sale_mode(obj: Any) -> TransferMode:
    """The way of transfer of a sale or a publicity."""
    return TransferMode(obj.transfer_mode)


def buy_steps(listing: Listing) -> list[Any]:
    """What a buyer does, by how the price is formed."""
    last = _("Both sides sign the technology contract; the exchange registers it.")
    if listing.price_mode is PriceMode.AUCTION:
        return [
            _("Register for the auction as a verified organisation."),
            _("Pay the deposit before the registration ends."),
            _("Bid; the highest valid bid at the end wins if it meets the reserve."),
            last,
        ]
    if listing.price_mode is PriceMode.FIXED:
        return [
            _("Ask the owner and see the papers."),
            _("The owner names your organisation as buyer at the listed price; you confirm."),
            last,
        ]
    return [
        _("Ask the owner and see the papers."),
        _("Agree on a price; the owner names your organisation as buyer and you confirm."),
        _("Name, price and buyer stand in public for %(days)s days.", days=PUBLICITY_DAYS),
        last,
    ]


#: What this package's templates may call by name.
GLOBALS: dict[str, Any] = {
    "advantage_rows": advantage_rows,
    "buy_steps": buy_steps,
    "citation": citation,
    "co_owner_text": co_owner_text,
    "file_audience": FILE_AUDIENCE,
    "ip_expires_on": expires_on,
    "ip_kind_labels": IP_KIND_LABELS,
    "ip_status_labels": IP_STATUS_LABELS,
    "ip_tone": _IP_TONES.get,
    "phase_labels": PHASE_LABELS,
    "ip_field_labels": IP_FIELD_LABELS,
    "publicity_end": end_of_day,
    "review_items": review_items,
    "reviewed_labels": REVIEWED,
    "sale_mode": sale_mode,
    "sort_label": sort_label,
    "step_items_named": step_items_named,
    "step_items": step_items,
    "trl_words": TRL_WORDS,
    "field_label": field_label,
    "first_advantage": first_advantage,
    "listing_actions": ACTION_LABELS,
    "may_oversee": policies.may_oversee,
    "mode_labels": mode_labels,
    "mode_meanings": MODE_MEANINGS,
    "price_label": price_label,
    "price_mode_labels": PRICE_MODE_LABELS,
    "price_text": price_text,
    "region_label": region_label,
    "transfer_labels": MODE_LABELS,
}
