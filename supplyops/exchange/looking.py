"""A first look at a file: in which encodings it makes sense, which sheets it has, how its first rows read."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from supplyops.exchange.columns import Layout
from supplyops.exchange.encoding import ENCODINGS
from supplyops.exchange.limits import HEADER_LINES
from supplyops.exchange.problems import FileRefused
from supplyops.exchange.reading import header_index, names_of, sheet_of
from supplyops.exchange.sheet import Row, Sheet
from supplyops.exchange.sheets import TEXTS, Wanted
from supplyops.exchange.texts import first_lines

CANDIDATES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5")
SAMPLE_BYTES = 20_000
SAMPLE_LINES = 3
SAMPLE_WIDTH = 60
SHOWN_COLUMNS = 40
UNDECIDED = "encoding_undecidable"


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of a file before it is read as anything."""

    encodings: tuple[tuple[str, tuple[str, ...]], ...]
    """Encodings in which its beginning can be read, each with its first lines."""
    encoding: str
    """The one it was read in; empty for a workbook, or when nobody can tell."""
    sheets: tuple[str, ...]
    sheet: str
    rows: tuple[Row, ...]
    """The first rows."""
    header_row: int
    headers: tuple[str, ...]
    is_undecided: bool = False
    """Somebody has to say in which encoding the file is written."""


def look(kind: Layout, file: str, data: bytes, wanted: Wanted) -> tuple[Look, Sheet | None]:
    """Look at a file; the sheet is None when its encoding has to be said first. Raises FileRefused for what cannot be read."""
    encodings = _encodings(data) if Path(file).suffix.lower() in TEXTS else ()
    try:
        sheet = sheet_of(kind, file, data, wanted)
    except FileRefused as refused:
        if encodings and [problem.code for problem in refused.problems] == [UNDECIDED]:
            return Look(encodings, "", (), "", (), 0, (), True), None
        raise
    place = header_index(sheet.rows, names_of(kind), wanted.header_row)
    number, headers = sheet.rows[place] if place is not None else (wanted.header_row, [])
    rows = tuple(
        (row, [cell[:SAMPLE_WIDTH] for cell in cells[:SHOWN_COLUMNS]]) for row, cells in sheet.rows[:HEADER_LINES]
    )
    return Look(encodings, sheet.encoding, sheet.sheets, sheet.sheet, rows, number, tuple(headers)), sheet


def _encodings(data: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for name in CANDIDATES:
        try:
            text = codecs.getincrementaldecoder(ENCODINGS[name])().decode(data[:SAMPLE_BYTES])
        except UnicodeDecodeError:
            continue
        lines = first_lines(text.lstrip("\ufeff").replace("\0", ""), SAMPLE_LINES)
        if "\0" not in text and lines:
            found.append((name, tuple(line[:SAMPLE_WIDTH] for line in lines)))
    return tuple(found)
