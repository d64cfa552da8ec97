"""Text as people paste it, made plain: broken characters, stray controls and full-width Latin go, prose stays."""

from __future__ import annotations

import re
import unicodedata

#: Full-width letters and digits; Chinese punctuation keeps its width.
_FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL_WIDTH |= {0x3000: 0x20, 0xA0: 0x20}
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
_SEPARATORS = re.compile(r"[;；,，、|\n]+")
BROKEN = "\ufffd"
_AROUND = 12
#: How databases of publications write what they cannot raise or lower: `m~2`, `10~(-13)`, `Cl~-`, `Al_2O_3`.
_RAISED = re.compile(
    r"~\(([+-]?\d{1,3}|\d?[+-])\)|(?<=m)~([23])(?!\s*[0-9.%A-Za-z])|(?<=[A-Za-z])~([+-])(?![0-9.A-Za-z(])"
)
_LOWERED = re.compile(r"(?<![A-Za-z])([A-Z][A-Za-z]{0,3})_(\d)(?![0-9a-z_])")
_UP, _DOWN = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"), str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def clean_text(text: str) -> str:
    """Prose with its paragraphs: one space between words, at most one empty line, nothing invisible."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH).replace("\r\n", "\n").replace("\r", "\n")
    lines = [_BLANKS.sub(" ", _visible(line)).strip() for line in folded.split("\n")]
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean_text(text).split())


def split_list(text: str) -> list[str]:
    """`a；b, c` as its parts, each once, in order."""
    parts = (clean_line(part) for part in _SEPARATORS.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def raise_figures(text: str) -> str:
    """`10~(-13) m~2` and `BOD_5` as they are read: 10⁻¹³ m², BOD₅. Ranges such as `5~6` stay."""
    raised = _RAISED.sub(lambda found: "".join(filter(None, found.groups())).translate(_UP), text)
    return _LOWERED.sub(lambda found: found[1] + found[2].translate(_DOWN), raised)


def damaged(text: str) -> str:
    """The words around the first character that was broken on the way or belongs to a font of its own; "" if none."""
    if _is_sound(text):
        return ""
    place = next((place for place, ch in enumerate(text) if _lost(ch)), None)
    if place is None:
        return ""
    return "".join("□" if _lost(ch) else ch for ch in text[max(0, place - _AROUND) : place + _AROUND])


def _is_sound(text: str) -> bool:
    """True if no character need be looked at: a whole file's worth of them takes seconds one by one."""
    return text.isprintable() and BROKEN not in text


def _visible(line: str) -> str:
    return line if _is_sound(line) else "".join(ch for ch in line if ch == "\t" or not _invisible(ch))


def _lost(ch: str) -> bool:
    return ch == BROKEN or unicodedata.category(ch) in ("Cs", "Co", "Cn")


def _invisible(ch: str) -> bool:
    """Controls, formatting marks, unassigned and private characters, and the mark of a broken one."""
    return _lost(ch) or unicodedata.category(ch) in ("Cc", "Cf")
