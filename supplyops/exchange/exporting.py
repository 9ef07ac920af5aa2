"""From the books to a file that can be taken in again unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from supplyops.exchange.columns import Column, Kind
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.normalise import VERBATIM, needs_mark
from supplyops.exchange.parsers import Scaled
from supplyops.exchange.queries import export_rows
from supplyops.exchange.sheets import DIGITS_MAX
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import InvalidInput
from supplyops.runtime import Runtime

FORMATS = ("csv", "xlsx")
WIDTH_MAX = 40
FIXED = datetime(2000, 1, 1, tzinfo=UTC)
"""Written into workbooks as their date, so that the same rows give the same file."""


def export_kind(runtime: Runtime, actor: Actor, kind_name: str, format_name: str, *, mark: bool = True) -> bytes:
    """Every row of a KIND in reach as a file. `mark` puts the byte order mark before CSV that spreadsheets look for."""
    kind = kind_named(kind_name)
    rows = runtime.read(export_rows, actor, kind.name)
    return write_rows(kind, rows, format_name, mark=mark)


def write_rows(kind: Kind, rows: Sequence[Any], format_name: str, *, mark: bool = True) -> bytes:
    """Rows as a CSV or XLSX file. Raises InvalidInput for another format."""
    if format_name not in FORMATS:
        raise InvalidInput("unknown_format", value=format_name)
    texts = [[written(column, kind.show(row)[column.field]) for column in kind.columns] for row in rows]
    if format_name == "csv":
        return _csv(kind, texts, mark=mark)
    return _workbook(kind, texts)


def written(column: Column, value: Any) -> str:
    """One cell: never computed by a spreadsheet, always read back as the value. Numbers need no mark, a sign is theirs."""
    if value is None or value == () or value == "":
        return ""
    text = column.parser.write(value)
    if isinstance(column.parser, Scaled):
        return text
    return VERBATIM + text if needs_mark(text, is_free_text=column.parser.is_free_text) else text


def _csv(kind: Kind, texts: Iterable[Sequence[str]], *, mark: bool) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n" if mark else "\n")
    writer.writerow([column.header for column in kind.columns])
    writer.writerows(texts)
    return buffer.getvalue().encode("utf-8-sig" if mark else "utf-8")


def _workbook(kind: Kind, texts: Sequence[Sequence[str]]) -> bytes:
    """Words as typed strings in cells formatted as text, so that editing keeps leading zeros; numbers as numbers."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": FIXED})
    sheet = book.add_worksheet(kind.title)
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"})
    words, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "General"})
    for place, column in enumerate(kind.columns):
        is_number = isinstance(column.parser, Scaled)
        longest = max([_width(column.header), *(_width(row[place]) for row in texts[:1000])])
        sheet.set_column(place, place, min(longest + 2, WIDTH_MAX), number if is_number else words)
        sheet.write_string(0, place, column.header, head)
        for line, row in enumerate(texts, start=1):
            text = row[place]
            if not text:
                continue
            if is_number and len(text.strip("-").replace(".", "").lstrip("0")) <= DIGITS_MAX:
                sheet.write_number(line, place, float(text), number)
            else:
                sheet.write_string(line, place, text, words)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(texts), 1), len(kind.columns) - 1)
    book.close()
    return buffer.getvalue()


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)
