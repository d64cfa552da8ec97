"""The closed vocabularies of a result, with the words people read. Values are stored: keep them."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class SecurityClass(enum.StrEnum):
    """Only what is open may be listed; the two others exist so that the seller says so knowingly."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SECRET = "secret"  # noqa: S105 - a class of documents, not a password


class IpKind(enum.StrEnum):
    INVENTION = "invention"
    UTILITY = "utility"
    DESIGN = "design"
    SOFTWARE = "software"
    LAYOUT = "layout"
    VARIETY = "variety"
    DRUG = "drug"
    SECRET = "secret"  # noqa: S105 - know-how
    OTHER = "other"


class IpStatus(enum.StrEnum):
    PENDING = "pending"
    PUBLISHED = "published"
    GRANTED = "granted"
    LICENSED = "licensed"
    PLEDGED = "pledged"
    FROZEN = "frozen"
    DISPUTED = "disputed"
    LAPSED = "lapsed"


class Phase(enum.StrEnum):
    """The coarse stage that companies ask for, beside the exact TRL."""

    RESEARCH = "research"
    LAB = "lab"
    PILOT = "pilot"
    PROTOTYPE = "prototype"
    PRODUCTION = "production"
    OTHER = "other"


class Band(enum.StrEnum):
    """Three bands of TRL, coarse enough to filter and to compare prices by."""

    EARLY = "early"
    PILOT = "pilot"
    READY = "ready"


class TransferMode(enum.StrEnum):
    ASSIGNMENT = "assignment"
    EXCLUSIVE = "exclusive"
    SOLE = "sole"
    ORDINARY = "ordinary"
    CROSS = "cross"
    SUBLICENCE = "sublicence"
    OPEN = "open"
    EQUITY = "equity"
    JOINT = "joint"
    USE_FIRST = "use_first"


class PriceMode(enum.StrEnum):
    NEGOTIABLE = "negotiable"
    FIXED = "fixed"
    AGREED = "agreed"
    AUCTION = "auction"


SECURITY_LABELS = {
    SecurityClass.PUBLIC: _l("Public: may be shown to everybody"),
    SecurityClass.INTERNAL: _l("Internal: not for publication"),
    SecurityClass.SECRET: _l("A state secret"),
}
IP_KIND_LABELS = {
    IpKind.INVENTION: _l("Invention patent"),
    IpKind.UTILITY: _l("Utility model"),
    IpKind.DESIGN: _l("Design patent"),
    IpKind.SOFTWARE: _l("Copyright in software"),
    IpKind.LAYOUT: _l("Layout of an integrated circuit"),
    IpKind.VARIETY: _l("New plant variety"),
    IpKind.DRUG: _l("New drug certificate"),
    IpKind.SECRET: _l("Know-how"),
    IpKind.OTHER: _l("Other right"),
}
IP_STATUS_LABELS = {
    IpStatus.PENDING: _l("Applied for"),
    IpStatus.PUBLISHED: _l("Application published"),
    IpStatus.GRANTED: _l("In force"),
    IpStatus.LICENSED: _l("In force, licensed"),
    IpStatus.PLEDGED: _l("In force, pledged"),
    IpStatus.FROZEN: _l("Frozen"),
    IpStatus.DISPUTED: _l("Invalidation pending"),
    IpStatus.LAPSED: _l("Lapsed"),
}
PHASE_LABELS = {
    Phase.RESEARCH: _l("Research"),
    Phase.LAB: _l("Laboratory trial"),
    Phase.PILOT: _l("Pilot trial"),
    Phase.PROTOTYPE: _l("Prototype"),
    Phase.PRODUCTION: _l("Volume production"),
    Phase.OTHER: _l("Other stage"),
}
BAND_LABELS = {
    Band.EARLY: _l("TRL 1–3: principle to proof"),
    Band.PILOT: _l("TRL 4–6: laboratory to pilot"),
    Band.READY: _l("TRL 7–9: near the market"),
}
MODE_LABELS = {
    TransferMode.ASSIGNMENT: _l("Assignment"),
    TransferMode.EXCLUSIVE: _l("Exclusive licence"),
    TransferMode.SOLE: _l("Sole licence"),
    TransferMode.ORDINARY: _l("Ordinary licence"),
    TransferMode.CROSS: _l("Cross licence"),
    TransferMode.SUBLICENCE: _l("Sublicence"),
    TransferMode.OPEN: _l("Open licence"),
    TransferMode.EQUITY: _l("Contribution as equity"),
    TransferMode.JOINT: _l("Joint implementation"),
    TransferMode.USE_FIRST: _l("Use first, pay later"),
}
#: 民法典 art. 862 ff., 专利法 art. 50: who may still use the right after the deal.
MODE_MEANINGS = {
    TransferMode.ASSIGNMENT: _l("The right passes to the buyer; a patent passes when the transfer is registered."),
    TransferMode.EXCLUSIVE: _l("Only the licensee uses it; the owner does not."),
    TransferMode.SOLE: _l("The licensee and the owner use it; nobody else."),
    TransferMode.ORDINARY: _l("The owner may license others as well."),
    TransferMode.CROSS: _l("Both sides license each other."),
    TransferMode.SUBLICENCE: _l("The licensee may license others."),
    TransferMode.OPEN: _l("Whoever accepts the announced terms is licensed."),
    TransferMode.EQUITY: _l("The right is brought into a company as capital."),
    TransferMode.JOINT: _l("Owner and partner put it into practice together."),
    TransferMode.USE_FIRST: _l("The partner tries it first and pays when it works."),
}
PRICE_MODE_LABELS = {
    PriceMode.NEGOTIABLE: _l("Price negotiable"),
    PriceMode.FIXED: _l("Fixed price"),
    PriceMode.AGREED: _l("Price by agreement"),
    PriceMode.AUCTION: _l("By auction"),
}
PATENTS = frozenset({IpKind.INVENTION, IpKind.UTILITY, IpKind.DESIGN})
LICENCES = frozenset(
    {
        TransferMode.EXCLUSIVE,
        TransferMode.SOLE,
        TransferMode.ORDINARY,
        TransferMode.CROSS,
        TransferMode.SUBLICENCE,
        TransferMode.OPEN,
    }
)


def band_of(trl: int | None) -> Band | None:
    """The band of a technology readiness level."""
    if trl is None:
        return None
    return Band.EARLY if trl <= 3 else Band.PILOT if trl <= 6 else Band.READY
