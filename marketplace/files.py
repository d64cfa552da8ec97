"""The file store: content by its SHA-256 on disk, a row that says whose it is and who may read it.

The bytes are written and synced before the row is, so a row never names a file that a power cut lost; a file
whose row was rolled back is removed later by `clean`. What a file is, is read from its bytes, never believed from
its name. Packages say who may read files of their objects with `register_reader`.
"""

from __future__ import annotations

import enum
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, send_file
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from . import fault
from .db import Base, BigId, CreatedAt, db, enum_check, enum_column
from .edge import current_actor
from .errors import Invalid, NotFound
from .file_types import (  # noqa: F401 - callers name kinds as `files.PDF`
    ARCHIVES,
    CSV,
    DOCUMENTS,
    DOCX,
    IMAGES,
    JPEG,
    PDF,
    PNG,
    PPTX,
    TABLES,
    TXT,
    WEBP,
    XLSX,
    ZIP,
    Kind,
    clean_name,
    sniff,
)
from .permissions import Actor, public
from .security import SANDBOX, content_policy

blueprint = Blueprint("files", __name__)

CHUNK = 1 << 20
AFTER_WRITE = fault.declare("files.after_write", "the file is on disk, its row is not committed")


class Visibility(enum.StrEnum):
    """How far a file may go once its object is open: everyone, those with access granted, the owner."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    PRIVATE = "private"


class StoredFile(Base):
    """One upload. The same bytes twice are one file on disk and two rows."""

    __tablename__ = "files"
    __table_args__ = (enum_check("visibility", Visibility), Index("ix_files_owner", "owner_type", "owner_id"))

    id: Mapped[BigId]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    visibility: Mapped[Visibility] = enum_column(Visibility)
    owner_type: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    @property
    def url(self) -> str:
        """Where it is downloaded."""
        return f"/files/{self.id}/{quote(self.name)}"


Reader = Callable[[Actor, int, StoredFile], bool]
_readers: dict[str, Reader] = {}


def register_reader(owner_type: str, can_read: Reader) -> None:
    """Let `can_read(actor, owner_id, file)` decide about the files of this kind of object (its table's name)."""
    _readers[owner_type] = can_read


def may_read(actor: Actor, file: StoredFile) -> bool:
    """True if the actor may download the file: who uploaded it, or whom its object's package lets."""
    if actor.system or (actor.user_id is not None and actor.user_id == file.uploaded_by_id):
        return True
    reader = _readers.get(file.owner_type)
    return reader is not None and reader(actor, file.owner_id, file)


def store(
    stream: IO[bytes],
    filename: str | None,
    *,
    owner: Any,
    visibility: Visibility | str,
    actor: Actor,
    kinds: frozenset[Kind] = DOCUMENTS,
) -> StoredFile:
    """Take in an upload for `owner` (a row, or a pair of its table's name and id).

    Raises:
        Invalid: empty, too large, of a kind not asked for, or not what its name says.
    """
    owner_type, owner_id = owner if isinstance(owner, tuple) else (owner.__tablename__, owner.id)
    digest, size, kind = _take(stream, filename or "", kinds)
    fault.fault(AFTER_WRITE)
    file = StoredFile(
        sha256=digest,
        size=size,
        media_type=kind.media_type,
        name=clean_name(filename or "", kind),
        visibility=Visibility(visibility),
        owner_type=owner_type,
        owner_id=owner_id,
        uploaded_by_id=actor.user_id,
    )
    db.session.add(file)
    db.session.flush()
    return file


def _take(stream: IO[bytes], filename: str, kinds: frozenset[Kind]) -> tuple[str, int, Kind]:
    """Write the bytes beside their place, look at them, and only then move them there, synced."""
    folder = root()
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".upload-")
    try:
        with os.fdopen(handle, "wb") as out:
            digest, size = _copy(stream, out)
            out.flush()
            os.fsync(out.fileno())
        kind = sniff(Path(temporary), filename, kinds)
        _place(Path(temporary), digest)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest, size, kind


def _copy(stream: IO[bytes], out: IO[bytes]) -> tuple[str, int]:
    limit = current_app.extensions["exchange.settings"].max_upload_mib
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit * CHUNK:
            raise Invalid(_l("The file is larger than %(limit)s MB."), limit=limit)
        digest.update(chunk)
        out.write(chunk)
    if not size:
        raise Invalid(_l("The file is empty."))
    return digest.hexdigest(), size


def _place(temporary: Path, digest: str) -> None:
    target = path_of(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o640)
    temporary.replace(target)
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def root() -> Path:
    """The folder of all stored files."""
    return Path(current_app.extensions["exchange.settings"].instance_dir) / "files"


def path_of(digest: str) -> Path:
    """Where the bytes with this hash lie."""
    return root() / digest[:2] / digest


def open_file(file: StoredFile) -> IO[bytes]:
    """The stored bytes, for imports and previews."""
    return path_of(file.sha256).open("rb")


def owned_by(owner: Any) -> list[StoredFile]:
    """Files of an object, oldest first."""
    owner_type, owner_id = owner if isinstance(owner, tuple) else (owner.__tablename__, owner.id)
    query = select(StoredFile).where(StoredFile.owner_type == owner_type, StoredFile.owner_id == owner_id)
    return list(db.session.scalars(query.order_by(StoredFile.id)))


def discard(file: StoredFile) -> None:
    """Take a file off its object; the bytes go with the next cleaning unless another row names them."""
    db.session.delete(file)


@blueprint.get("/files/<int:file_id>/<name>", endpoint="download")
@content_policy(SANDBOX)
@public
def download(file_id: int, name: str) -> Response:  # noqa: ARG001 - the name is for people and saved files
    """Hand out a file to whom its object lets; to all others it does not exist."""
    file = db.session.get(StoredFile, file_id)
    if file is None or not may_read(current_actor(), file):
        raise NotFound
    response = send_file(
        path_of(file.sha256).resolve(),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
        etag=file.sha256,
        last_modified=file.created_at,
    )
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response


def clean(hours: int = 24) -> int:
    """Remove files on disk that no row names and that are older than any upload still under way."""
    kept = set(db.session.scalars(select(StoredFile.sha256).distinct()))
    limit, removed = time.time() - hours * 3600, 0
    for path in root().rglob("*"):
        if path.is_file() and path.name not in kept and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def check() -> list[tuple[int, str]]:
    """Every stored file whose bytes are missing or no longer have their hash."""
    broken = []
    for file in db.session.scalars(select(StoredFile).order_by(StoredFile.id)):
        path = path_of(file.sha256)
        if not path.exists():
            broken.append((file.id, "is missing"))
        elif hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
            broken.append((file.id, "was altered"))
    return broken
