"""Documents: a Typst template and JSON data become a PDF. Data is data: nothing in it is read as markup."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import segno
import typst

from .jsons import plain

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "pdf"
FONTS = Path(__file__).resolve().parent / "fonts"


def render(template: str, data: dict[str, Any]) -> bytes:
    """The PDF of `templates/pdf/<template>`; the template reads `data` by `json(bytes(sys.inputs.data))`."""
    return typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(plain(data), ensure_ascii=False)},
    )


def qr_svg(text: str, scale: int = 4) -> str:
    """A QR code as SVG, for a page (`|safe`) or a template (`image(bytes(data.qr), format: "svg")`)."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=scale, border=2, xmldecl=False)
    return out.getvalue().decode()
