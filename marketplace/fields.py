"""Industry fields of the action plan: the catalogue's first facet. Codes are ours and stay for ever."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

FIELDS = {
    "digital": _l("Digital economy"),
    "bio": _l("Bio-economy"),
    "ice_snow": _l("Ice and snow economy"),
    "design": _l("Creative design"),
    "aerospace": _l("Aerospace"),
    "materials": _l("New materials"),
    "equipment": _l("High-end equipment"),
    "agri_machinery": _l("Agricultural machinery"),
    "energy": _l("Energy"),
    "chemicals": _l("Chemicals"),
    "agri_food": _l("Processing of farm products"),
    "automotive": _l("Automotive"),
    "light_industry": _l("Light industry"),
    "other": _l("Other fields"),
}


def field_label(code: str) -> object:
    """The field's name, or the code itself for one we do not know."""
    return FIELDS.get(code, code)
