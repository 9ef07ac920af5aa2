"""Reading a file into rows of text: CSV in any of the encodings met here, XLSX by its values."""

from __future__ import annotations

import csv
import errno
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from supplyops.exchange.encoding import decode
from supplyops.exchange.parsers import plain_decimal
from supplyops.exchange.problems import FileRefused, Note, Problem
from supplyops.exchange.workbook import COLUMNS_MAX, ROWS_MAX, Measured, measure

FILE_MAX = 20_000_000
CELL_MAX = 5_000
DIGITS_MAX = 15
"""A spreadsheet keeps so many digits of a number; the rest are zeros."""

Row = tuple[int, list[str]]
"""The number that the spreadsheet shows, and the cells as text."""


@dataclass(slots=True)
class Sheet:
    """What a file holds: rows that are not empty, the first of them the header."""

    file: str
    rows: list[Row]
    encoding: str = ""
    notes: list[Note] = field(default_factory=list)
    formulas: frozenset[tuple[int, int]] = frozenset()
    """(row, column) from 1, of cells that are computed."""
    errors: frozenset[tuple[int, int]] = frozenset()


UNREADABLE = {
    errno.ENOENT: "没有这个文件,请核对文件名和所在目录",
    errno.EACCES: "没有读取权限",
    errno.EISDIR: "这是一个文件夹",
}


def reason_of(error: OSError) -> str:
    """Why the system would not hand a file over, in the user's words where it is one of the usual reasons."""
    return UNREADABLE.get(error.errno or 0, error.strerror or str(error))


def load(path: Path) -> bytes:
    """The bytes of a file that is not too large. Raises FileRefused."""
    try:
        size = path.stat().st_size
        if size > FILE_MAX:
            raise _too_large(path.name, size)
        with path.open("rb") as handle:
            data = handle.read(FILE_MAX + 1)
    except OSError as error:
        raise FileRefused(path.name, [Problem("file_unreadable", params={"reason": reason_of(error)})]) from None
    if len(data) > FILE_MAX:
        raise _too_large(path.name, len(data))
    return data


def _too_large(file: str, size: int) -> FileRefused:
    params = {"size_mb": -(-size // 1_000_000), "maximum_mb": FILE_MAX // 1_000_000}
    return FileRefused(file, [Problem("file_too_large", params=params)])


def read_sheet(file: str, data: bytes, encoding: str | None, knows_header: Callable[[list[str]], int]) -> Sheet:
    """The rows of a file, which format its name says. Raises FileRefused.

    `knows_header` counts how many of some cells are names of columns: it helps to tell encodings and separators apart.
    """
    if len(data) > FILE_MAX:
        raise _too_large(file, len(data))
    suffix = Path(file).suffix.lower()
    if suffix == ".xlsx":
        sheet = _read_workbook(file, data)
    elif suffix in {".csv", ".txt", ".tsv"}:
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise FileRefused(file, [Problem("unknown_format", value=f"{suffix}(内容是工作簿)")])
        sheet = _read_text(file, data, encoding, knows_header)
    else:
        raise FileRefused(file, [Problem("unknown_format", value=suffix or file)])
    if not sheet.rows:
        raise FileRefused(file, [Problem("nothing_in_file")])
    return sheet


def _read_text(file: str, data: bytes, encoding: str | None, knows_header: Callable[[list[str]], int]) -> Sheet:
    text, name = decode(file, data, encoding, lambda said: knows_header(_header_of(said, knows_header)) > 0)
    separator = _separator(text, knows_header)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > ROWS_MAX + 1:
                raise FileRefused(file, [Problem("too_many_rows", params={"maximum": ROWS_MAX})])
            if len(cells) > COLUMNS_MAX and any(cells[COLUMNS_MAX:]):
                problem = Problem("too_many_columns", number, value=str(len(cells)), params={"maximum": COLUMNS_MAX})
                raise FileRefused(file, [problem])
            if any(cell.strip() for cell in cells):
                rows.append((number, cells[:COLUMNS_MAX]))
    except csv.Error as error:
        code = "cell_too_long" if "field limit" in str(error) else "csv_broken"
        params = {"length": csv.field_size_limit(), "length_max": CELL_MAX} if code == "cell_too_long" else {}
        raise FileRefused(file, [Problem(code, number + 1, params=params)]) from None
    notes = [] if name == "utf-8" else [Note(f"文件编码为 {name.upper()},已转换。")]
    return Sheet(file, rows, name, notes)


def _header_of(text: str, knows_header: Callable[[list[str]], int]) -> list[str]:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max((next(csv.reader([line], delimiter=mark)) for mark in ",;\t"), key=knows_header)


def _separator(text: str, knows_header: Callable[[list[str]], int]) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=lambda mark: knows_header(next(csv.reader([line], delimiter=mark))))


def _read_workbook(file: str, data: bytes) -> Sheet:
    measured = measure(file, data)
    notes = []
    if measured.others:
        notes.append(Note(f"只读取第一个工作表“{measured.sheet}”,未读取:{'、'.join(measured.others)}。"))
    try:
        rows = list(_cells(measured))
    except CalamineError:
        raise FileRefused(file, [Problem("not_a_spreadsheet")]) from None
    return Sheet(file, rows, "", notes, frozenset(measured.formulas), frozenset(measured.errors))


def _cells(measured: Measured) -> Iterator[Row]:
    with CalamineWorkbook.from_filelike(io.BytesIO(measured.data)) as book:
        sheet = book.get_sheet_by_name(measured.sheet)
        if sheet.start is None:
            return
        before = [""] * sheet.start[1]
        for number, values in enumerate(sheet.iter_rows(), start=1):
            if any(value not in ("", None) for value in values):
                yield number, before + [cell_text(value) for value in values]


def cell_text(value: Any) -> str:
    """A workbook's value as the text that people see, numbers with the fifteen digits a spreadsheet vouches for."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return plain_decimal(Decimal(f"{value:.{DIGITS_MAX}g}"))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
