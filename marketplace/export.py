"""Tables as files: CSV that every spreadsheet reads, XLSX with real numbers and dates.

Whatever people typed is data: a cell that a spreadsheet would run as a formula is defused.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Response, send_file, stream_with_context
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from .clock import beijing
from .errors import NotFound

#: A column: its head, and the attribute, key or function that gives the cell.
Key = str | Callable[[Any], Any]
Columns = Sequence[tuple[Any, Key]]

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A cell of a spreadsheet holds no more.
_CELL_LIMIT = 32_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def table_response(format: str, filename: str, columns: Columns, rows: Iterable[Any]) -> Response:  # noqa: A002
    """The rows as a download; `filename` without its ending.

    Raises:
        NotFound: there is no such format.
    """
    if format == "csv":
        return _csv(filename, columns, rows)
    if format == "xlsx":
        return _xlsx(filename, columns, rows)
    raise NotFound


def cell(row: Any, key: Key) -> Any:
    """The value of a column in a row."""
    if callable(key):
        return key(row)
    return row[key] if isinstance(row, dict) else getattr(row, key)


def as_text(value: Any) -> str:
    """How a value stands in CSV: moments in Beijing time, amounts exact, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return beijing(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (date, Decimal, int, float)):
        return str(value)
    return defused(str(value))


def defused(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _csv(filename: str, columns: Columns, rows: Iterable[Any]) -> Response:
    heads = [str(label) for label, _ in columns]

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        # The mark at the start tells spreadsheets that this is UTF-8.
        buffer.write("\ufeff")
        writer.writerow(heads)
        for row in rows:
            writer.writerow([as_text(cell(row, key)) for _, key in columns])
            if buffer.tell() > 64_000:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    name = quote(f"{filename}.csv")
    response.headers["Content-Disposition"] = f"attachment; filename=\"export.csv\"; filename*=UTF-8''{name}"
    return response


def _xlsx(filename: str, columns: Columns, rows: Iterable[Any]) -> Response:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.freeze_panes = "A2"
    sheet.append([_head(sheet, str(label)) for label, _ in columns])
    for row in rows:
        sheet.append([_xlsx_value(cell(row, key)) for _, key in columns])
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    book.save(out)
    out.seek(0)
    return send_file(out, mimetype=XLSX_TYPE, as_attachment=True, download_name=f"{filename}.xlsx", etag=False)


def _head(sheet: Any, label: str) -> WriteOnlyCell:
    made = WriteOnlyCell(sheet, value=label)
    made.font = Font(bold=True)
    return made


def _xlsx_value(value: Any) -> Any:
    if value is None or isinstance(value, (int, float, Decimal)):
        return value
    if isinstance(value, datetime):
        return beijing(value).replace(tzinfo=None)
    if isinstance(value, date):
        return value
    text = "".join(ch for ch in str(value) if ch >= " " or ch in "\n\t")
    return defused(text[:_CELL_LIMIT])
