"""The file store against hostile uploads, wrong readers and lost rows."""

from __future__ import annotations

import io
import os
import time
import zipfile

import pytest

from marketplace import files
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.file_types import PDF, clean_name
from marketplace.permissions import ANONYMOUS, SYSTEM, Actor

OWNER = ("kernel_test", 1)
PDF_BYTES = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def archive(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, content)
    return out.getvalue()


def store(data: bytes, name: str = "a.pdf", visibility: str = "public", actor: Actor = SYSTEM, **options):
    return files.store(io.BytesIO(data), name, owner=OWNER, visibility=visibility, actor=actor, **options)


@pytest.fixture
def readers():
    kept = dict(files._readers)
    yield files._readers
    files._readers.clear()
    files._readers.update(kept)


def test_a_document_is_kept_under_its_hash(app):
    file = store(PDF_BYTES)

    assert files.path_of(file.sha256).read_bytes() == PDF_BYTES
    assert (file.media_type, file.size, file.name) == ("application/pdf", len(PDF_BYTES), "a.pdf")


def test_the_same_bytes_are_kept_once(app):
    first, second = store(PDF_BYTES, "a.pdf"), store(PDF_BYTES, "b.pdf")

    assert first.id != second.id
    assert first.sha256 == second.sha256


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("photo.jpeg", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        ("photo.png", PNG, "image/png"),
        ("photo.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        ("text.docx", archive("[Content_Types].xml", "word/document.xml"), "wordprocessingml.document"),
        ("table.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), "spreadsheetml.sheet"),
        ("note.txt", "龙江".encode("gb18030"), "text/plain"),
        ("rows.csv", "名称,价格\n甲,1".encode(), "text/csv"),
    ],
)
def test_the_kind_is_read_from_the_bytes(app, name, data, media_type):
    assert store(data, name).media_type.endswith(media_type)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.pdf", b"<html><script>alert(1)</script></html>"),
        ("page.html", b"<html><script>alert(1)</script></html>"),
        ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("program.pdf", b"MZ\x90\0\x03"),
        ("program", b"\x7fELF\x02\x01\x01\0"),
        ("image.png", b"\xff\xd8\xff\xe0jpeg under the name of a png"),
        ("contract.pdf.exe", PDF_BYTES),
        ("bytes.txt", b"text\0with a zero"),
        ("bundle.zip", archive("a.txt")),
        ("macro.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("broken.docx", b"PK\x03\x04 and nothing more"),
        ("bomb.xlsx", archive("[Content_Types].xml", "xl/a.xml", content=b"0" * 8_000_000)),
        ("empty.pdf", b""),
    ],
)
def test_a_hostile_or_unknown_file_is_refused(app, name, data):
    with pytest.raises(Invalid):
        store(data, name)

    assert not list(files.root().glob(".upload-*"))


def test_an_archive_is_taken_only_where_it_is_asked_for(app):
    assert store(archive("a.txt"), "a.zip", kinds=files.ARCHIVES).media_type == "application/zip"


def test_too_large_a_file_is_refused(app):
    limit = app.extensions["exchange.settings"].max_upload_mib
    with pytest.raises(Invalid) as refused:
        store(PDF_BYTES + b"0" * (limit << 20))

    assert f"{limit} MB" in str(refused.value)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\合同.PDF", "合同.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ("名" * 300 + ".pdf", "名" * 100 + ".pdf"),
    ],
)
def test_a_name_is_made_safe(given, kept):
    assert clean_name(given, PDF) == kept


def test_a_file_without_a_reader_exists_for_its_uploader_alone(client, acting, readers):
    file = store(PDF_BYTES, actor=(mine := acting()))
    db.session.commit()

    assert client.get(file.url).status_code == 200
    acting(user_id=(mine.user_id or 0) + 1)
    assert client.get(file.url).status_code == 404


def test_the_owners_package_decides_who_reads(app, client, readers):
    files.register_reader("kernel_test", lambda _actor, owner_id, file: file.visibility == "public" and owner_id == 1)
    open_file, closed = store(PDF_BYTES), store(PDF_BYTES, visibility="restricted")
    db.session.commit()

    assert client.get(open_file.url).status_code == 200
    assert client.get(closed.url).status_code == 404
    assert not files.may_read(ANONYMOUS, closed)


def test_a_download_cannot_run_in_the_browser(client, readers):
    files.register_reader("kernel_test", lambda *_: True)
    file = store(b"<script>alert(1)</script>", "a.txt")
    db.session.commit()

    headers = client.get(file.url).headers

    assert headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"].startswith("text/plain")


def test_cleaning_removes_only_old_files_that_no_row_names(app):
    kept = store(PDF_BYTES)
    db.session.commit()
    lost = store(PDF_BYTES + b"other")
    db.session.rollback()
    young = store(PDF_BYTES + b"young")
    db.session.rollback()
    yesterday = time.time() - 25 * 3600
    for file in (kept, lost):
        os.utime(files.path_of(file.sha256), (yesterday, yesterday))

    removed = files.clean()

    assert not files.path_of(lost.sha256).exists()
    assert files.path_of(kept.sha256).exists()
    assert files.path_of(young.sha256).exists()
    assert removed >= 1


def test_an_altered_file_is_found(app):
    file = store(PDF_BYTES + b"to be altered")
    db.session.commit()
    files.path_of(file.sha256).write_bytes(b"%PDF-other")

    assert (file.id, "was altered") in files.check()
