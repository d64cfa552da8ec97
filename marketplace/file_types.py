"""What a file is, read from its bytes; and what it may be called. No database, no request."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l

from .errors import Invalid


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that we take."""

    name: str
    media_type: str
    #: Endings its name may have; the first is given to a name that has none.
    endings: tuple[str, ...]


_OOXML = "application/vnd.openxmlformats-officedocument"
PDF = Kind("PDF", "application/pdf", ("pdf",))
PNG = Kind("PNG", "image/png", ("png",))
JPEG = Kind("JPEG", "image/jpeg", ("jpg", "jpeg"))
WEBP = Kind("WebP", "image/webp", ("webp",))
DOCX = Kind("DOCX", f"{_OOXML}.wordprocessingml.document", ("docx",))
XLSX = Kind("XLSX", f"{_OOXML}.spreadsheetml.sheet", ("xlsx",))
PPTX = Kind("PPTX", f"{_OOXML}.presentationml.presentation", ("pptx",))
TXT = Kind("TXT", "text/plain", ("txt",))
CSV = Kind("CSV", "text/csv", ("csv",))
ZIP = Kind("ZIP", "application/zip", ("zip",))

IMAGES = frozenset({PNG, JPEG, WEBP})
TABLES = frozenset({CSV, XLSX})
DOCUMENTS = IMAGES | TABLES | {PDF, DOCX, PPTX, TXT}
#: Only where a package asks for it.
ARCHIVES = frozenset({ZIP})

#: The folder inside an office file that says which program it belongs to.
_OFFICE = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
#: Unpacked, a file may be this many bytes, and this many times its packed size: no zip bombs.
_UNPACKED_LIMIT = 300 << 20
_RATIO_LIMIT = 200

MISMATCH = _l("The content of the file is not what its name says.")
UNKNOWN = _l("This kind of file is not accepted here. Accepted: %(kinds)s.")
MACROS = _l("Office files with macros are not accepted.")
DAMAGED = _l("The file is damaged and cannot be opened.")


def sniff(path: Path, filename: str, kinds: frozenset[Kind]) -> Kind:
    """The kind of the file at `path`.

    Raises:
        Invalid: not one of `kinds`, damaged, or its name promises another kind.
    """
    kind = _of_bytes(path, filename)
    if kind is None or kind not in kinds:
        raise Invalid(UNKNOWN, kinds=", ".join(sorted(one.name for one in kinds)))
    ending = _ending(filename)
    if ending and ending not in kind.endings:
        raise Invalid(MISMATCH)
    return kind


def _of_bytes(path: Path, filename: str) -> Kind | None:
    with path.open("rb") as stream:
        head = stream.read(16)
    for start, kind in ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG)):
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return _of_archive(path)
    return _of_text(path, filename)


def _of_archive(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Invalid(DAMAGED) from None
    packed = max(path.stat().st_size, 1)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > _UNPACKED_LIMIT or unpacked > packed * _RATIO_LIMIT:
        raise Invalid(DAMAGED)
    names = [entry.filename for entry in entries]
    if "[Content_Types].xml" not in names:
        return ZIP
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid(MACROS)
    found = (kind for folder, kind in _OFFICE.items() if any(name.startswith(folder) for name in names))
    return next(found, ZIP)


def _of_text(path: Path, filename: str) -> Kind | None:
    """Text only if all of it decodes and it holds no control characters: markup stays plain text."""
    data = path.read_bytes()
    text = next((text for coding in ("utf-8-sig", "gb18030") if (text := _decode(data, coding)) is not None), None)
    if text is None or any(ch < " " and ch not in "\t\r\n\f" for ch in text):
        return None
    return {"csv": CSV, "txt": TXT}.get(_ending(filename))


def _decode(data: bytes, coding: str) -> str | None:
    try:
        return data.decode(coding)
    except UnicodeDecodeError:
        return None


def _ending(filename: str) -> str:
    base = filename.replace("\\", "/").rpartition("/")[2]
    return base.rpartition(".")[2].strip().lower() if "." in base else ""


def clean_name(filename: str, kind: Kind) -> str:
    """A name safe to show and to save under: no folders, no invisible or direction-changing characters."""
    base = unicodedata.normalize("NFC", filename.replace("\\", "/").rpartition("/")[2])
    shown = "".join(ch for ch in base if unicodedata.category(ch)[0] != "C" and ch not in '<>:"|?*')
    stem, _, ending = shown.rpartition(".")
    if ending.strip().lower() not in kind.endings:
        stem, ending = shown, kind.endings[0]
    stem = " ".join(stem.split()).strip(". ")[:100]
    return f"{stem or 'file'}.{ending.strip().lower()}"
