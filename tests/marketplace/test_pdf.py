"""Documents: Chinese type, data that stays data, a code that can be read."""

from __future__ import annotations

import io
import shutil

import pytest
from pypdf import PdfReader

from marketplace import pdf


@pytest.fixture
def template(tmp_path, monkeypatch):
    """A template of this test beside the shared base."""
    shutil.copy(pdf.TEMPLATES / "_base.typ", tmp_path)
    (tmp_path / "test.typ").write_text(
        '#import "/_base.typ": data, facts, qr, sheet\n'
        "#show: sheet.with(title: data.title, foot: data.title)\n= #data.title\n#facts(data.rows)\n#qr(data.qr)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)
    return "test.typ"


def text_of(document: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)


def test_a_document_holds_its_data_in_chinese(template):
    document = pdf.render(
        template, {"title": "技术合同认定登记证明", "rows": [["成交额", "3,865,000.00 元"]], "qr": pdf.qr_svg("x")}
    )

    assert document.startswith(b"%PDF-")
    assert "技术合同认定登记证明" in text_of(document)
    assert "3,865,000.00 元" in text_of(document)


def test_data_is_never_read_as_markup(template):
    hostile = '#panic("x") *bold* $x$ #read("/etc/passwd") \\ "'

    document = pdf.render(template, {"title": hostile, "rows": [], "qr": pdf.qr_svg("x")})

    assert '#panic("x") *bold* $x$' in " ".join(text_of(document).split())


def test_a_code_is_an_svg_with_its_namespace():
    assert pdf.qr_svg("https://example.cn/contracts/check/HT2026-000001").startswith(
        '<svg xmlns="http://www.w3.org/2000/svg"'
    )
