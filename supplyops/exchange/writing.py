"""Texts as a CSV file or a workbook that no spreadsheet computes, cuts or rounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from supplyops.exchange.limits import DIGITS_MAX

WIDTH_MAX = 40
FIXED = datetime(2000, 1, 1, tzinfo=UTC)
"""Written into workbooks as their date, so that the same rows give the same file."""
FACTS = "说明"
"""The second sheet of a workbook: what is in the first."""
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEAD = {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"}


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a column, and whether numbers stand below it."""

    header: str
    is_number: bool = False


def new_workbook(buffer: io.BytesIO) -> Any:
    """A workbook that takes every text for a text and carries no date of its own."""
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties({"created": FIXED})
    return book


def csv_bytes(heads: Sequence[Head], texts: Iterable[Sequence[str]], *, mark: bool) -> bytes:
    """A CSV file; `mark` puts the byte order mark before it that spreadsheets look for."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n" if mark else "\n")
    writer.writerow([head.header for head in heads])
    writer.writerows(texts)
    return buffer.getvalue().encode("utf-8-sig" if mark else "utf-8")


def workbook_bytes(
    title: str, heads: Sequence[Head], texts: Sequence[Sequence[str]], *, facts: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Words as typed strings in cells formatted as text, so that editing keeps leading zeros; numbers as numbers."""
    buffer = io.BytesIO()
    book = new_workbook(buffer)
    sheet = book.add_worksheet(title)
    head = book.add_format(_HEAD)
    words, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "General"})
    for place, column in enumerate(heads):
        longest = max([width(column.header), *(width(row[place]) for row in texts[:1000])])
        sheet.set_column(place, place, min(longest + 2, WIDTH_MAX), number if column.is_number else words)
        sheet.write_string(0, place, column.header, head)
        for line, row in enumerate(texts, start=1):
            write_text(sheet, line, place, row[place], number if column.is_number else None, words)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(texts), 1), len(heads) - 1)
    if facts:
        write_facts(book, facts, head, words)
    book.close()
    return buffer.getvalue()


def write_text(sheet: Any, line: int, place: int, text: str, number: Any, words: Any) -> None:
    """One cell; a number where `number` gives a format for it and a spreadsheet can hold it exactly."""
    if not text:
        return
    if number is not None and len(text.strip("-").replace(".", "").lstrip("0")) <= DIGITS_MAX:
        sheet.write_number(line, place, float(text), number)
    else:
        sheet.write_string(line, place, text, words)


def write_facts(book: Any, facts: Sequence[tuple[str, str]], head: Any, words: Any) -> None:
    """The second sheet: names and what is to be said of them."""
    sheet = book.add_worksheet(FACTS)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for line, (name, text) in enumerate(facts):
        sheet.write_string(line, 0, name, head)
        sheet.write_string(line, 1, text, words)


def width(text: str) -> int:
    """How wide a text stands in a cell: Chinese characters count twice."""
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)
