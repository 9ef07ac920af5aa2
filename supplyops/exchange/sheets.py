"""Reading a file into rows of text: text files in any of the encodings met here, workbooks by their values."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from supplyops.exchange.limits import FILE_MAX
from supplyops.exchange.problems import FileRefused, Problem
from supplyops.exchange.sheet import Note, Row, Sheet
from supplyops.exchange.texts import read_text
from supplyops.exchange.workbook import measure, workbook_rows

WORKBOOK = ".xlsx"
TEXTS = frozenset({".csv", ".txt", ".tsv"})
NO_TYPES = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read; what is left empty is found out."""

    encoding: str = ""
    sheet: str = ""
    header_row: int = 0


AS_FOUND = Wanted()


Take = Callable[[int, list[str], str], None]
"""Takes one row: its number, its cells, their types."""

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


def read_sheet(file: str, data: bytes, wanted: Wanted, known: frozenset[str]) -> Sheet:
    """The rows of a file. Raises FileRefused."""
    rows: list[Row] = []
    types: dict[int, str] = {}

    def take(number: int, cells: list[str], kinds: str) -> None:
        rows.append((number, cells))
        if kinds:
            types[number] = kinds

    sheet = stream_sheet(file, data, wanted, known, take)
    sheet.rows, sheet.types = rows, types
    return sheet


def stream_sheet(file: str, data: bytes, wanted: Wanted, known: frozenset[str], take: Take) -> Sheet:
    """Hand the rows of a file to `take`, one by one; what else there is to say of it comes back. Raises FileRefused.

    The name says the format. `known` are names of columns: they help to tell encodings and separators apart.
    """
    if len(data) > FILE_MAX:
        raise _too_large(file, len(data))
    suffix = Path(file).suffix.lower()
    taken = 0

    def count(number: int, cells: list[str], kinds: str) -> None:
        nonlocal taken
        taken += 1
        take(number, cells, kinds)

    if suffix == WORKBOOK:
        sheet = _stream_workbook(file, data, wanted, count)
    elif suffix in TEXTS:
        sheet = _stream_text(file, data, wanted, known, count)
    else:
        raise FileRefused(file, [Problem("unknown_format", value=suffix or file)])
    if not taken:
        raise FileRefused(file, [Problem("nothing_in_file")])
    return sheet


def _stream_text(file: str, data: bytes, wanted: Wanted, known: frozenset[str], take: Take) -> Sheet:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused(file, [Problem("unknown_format", value=f"{Path(file).suffix.lower()}(内容是工作簿)")])
    encoding, rows = read_text(file, data, wanted.encoding or None, known)
    for number, cells in rows:
        take(number, cells, NO_TYPES)
    notes = [] if encoding == "utf-8" else [Note(f"文件编码为 {encoding.upper()},已转换。")]
    return Sheet(file, encoding=encoding, notes=notes)


def _stream_workbook(file: str, data: bytes, wanted: Wanted, take: Take) -> Sheet:
    measured = measure(file, data, wanted.sheet)
    for number, cells, kinds in workbook_rows(file, measured):
        take(number, cells, kinds)
    notes = []
    others = [name for name in measured.sheets if name != measured.sheet]
    if others and not wanted.sheet:
        notes.append(Note(f"只读取第一个工作表“{measured.sheet}”,未读取:{'、'.join(others)}。"))
    if measured.merged:
        notes.append(Note(f"工作表有 {measured.merged} 处合并单元格,只有左上角的一格有内容。"))
    return Sheet(
        file,
        sheet=measured.sheet,
        sheets=measured.sheets,
        notes=notes,
        formulas=frozenset(measured.formulas),
        errors=frozenset(measured.errors),
    )
