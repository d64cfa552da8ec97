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


def clean_text(text: str) -> str:
    """Prose with its paragraphs: one space between words, at most one empty line, nothing invisible."""
    folded = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(ch for ch in folded if ch in "\n\t" or not _invisible(ch))
    lines = [_BLANKS.sub(" ", line).strip() for line in kept.split("\n")]
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean_text(text).split())


def split_list(text: str) -> list[str]:
    """`a；b, c` as its parts, each once, in order."""
    parts = (clean_line(part) for part in _SEPARATORS.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def _invisible(ch: str) -> bool:
    """Controls, formatting marks, unassigned and private characters, and the mark of a broken one."""
    return ch == BROKEN or unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Cn")
