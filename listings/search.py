"""Search without a dictionary: Chinese as overlapping pairs of characters, everything else as words.

`石墨烯膜` is kept as 石墨 墨烯 烯膜 膜 with their positions, so a query is found exactly where its characters stand
together, and a single character where any pair begins with it. Kept as a `tsvector` with weights: title and numbers
A, keywords B, organisation C, the rest D. Pure but for the types of SQL that the last functions give.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import REAL, ColumnElement, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR

from .ip_rules import number_key

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"[{_HAN}]+|[^\W{_HAN}_]+")
#: Limits of a tsvector: positions per document and per lexeme.
_LAST_POSITION, _POSITIONS_EACH = 16_000, 200
_LONGEST_WORD = 60
#: Words of a query beyond this are left out.
_QUERY_WORDS = 8
#: ts_rank's weights, D to A.
WEIGHTS = [0.05, 0.2, 0.5, 1.0]


def fold(text: str) -> str:
    """Letters of any width and case as one."""
    return unicodedata.normalize("NFKC", text).lower()


def pieces(text: str) -> list[str]:
    """Runs of Chinese characters and words of everything else."""
    return [piece[: 20 * _LONGEST_WORD] for piece in _PIECES.findall(fold(text))]


def _is_han(piece: str) -> bool:
    return bool(re.match(rf"[{_HAN}]", piece))


def tokens(text: str) -> list[str]:
    """What is kept of a text, in order: pairs and a closing single character, or the word."""
    kept: list[str] = []
    for piece in pieces(text):
        if _is_han(piece):
            kept += [piece[at : at + 2] for at in range(len(piece))]
        else:
            kept.append(piece[:_LONGEST_WORD])
    return kept


def document(parts: Iterable[tuple[str, str]]) -> str:
    """The text of a tsvector for `(weight, text)` parts; a gap keeps phrases from running across parts."""
    places: dict[str, list[str]] = defaultdict(list)
    position = 0
    for weight, text in parts:
        for token in tokens(text):
            position += 1
            if position > _LAST_POSITION:
                break
            if len(places[token]) < _POSITIONS_EACH:
                places[token].append(f"{position}{weight}")
        position += 2
    return " ".join(f"'{token}':{','.join(at)}" for token, at in places.items())


def parts_of(listing: Any, organisation_name: str, items: Sequence[Any]) -> list[tuple[str, str]]:
    """What of a result is searched. Nothing that is not public: no contact, no attachment."""
    return [
        ("A", listing.title),
        ("A", " ".join([listing.number, *(number_key(item.number) for item in items)])),
        ("B", " ".join(listing.keywords)),
        ("B", " ".join(item.title for item in items)),
        ("C", organisation_name),
        ("C", " ".join(listing.inventors)),
        ("D", listing.summary),
        ("D", listing.problem),
        ("D", listing.applications),
    ]


def query_text(q: str) -> str:
    """The text of a tsquery; empty if the query holds nothing to search for."""
    words = [piece for word in q.split()[:_QUERY_WORDS] for piece in pieces(word)][:_QUERY_WORDS]
    return " & ".join(_term(word) for word in words)


def _term(word: str) -> str:
    if not _is_han(word):
        return f"'{word[:_LONGEST_WORD]}':*"
    if len(word) == 1:
        return f"'{word}':*"
    return "(" + " <-> ".join(f"'{word[at : at + 2]}'" for at in range(len(word) - 1)) + ")"


def vector(text: str) -> ColumnElement[Any]:
    """The stored column's value."""
    return cast(literal(text), TSVECTOR)


def matches(column: Any, text: str) -> ColumnElement[bool]:
    """The condition that a document holds the query."""
    return column.op("@@")(cast(literal(text), TSQUERY))  # type: ignore[no-any-return]


def rank(column: Any, text: str) -> ColumnElement[float]:
    """How well it fits; a hit in the title weighs more."""
    return func.ts_rank(cast(WEIGHTS, ARRAY(REAL)), column, cast(literal(text), TSQUERY))
