"""Workbooks: measured before anything opens them - how much they unpack to, where cells lie, which are formulas - then read."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from supplyops.exchange.limits import (
    AREA_MAX,
    CELLS_MAX,
    COLUMNS_MAX,
    DIGITS_MAX,
    ENTRIES_MAX,
    FORMULAS_MAX,
    ROWS_MAX,
    UNPACKED_MAX,
)
from supplyops.exchange.normalise import plain_decimal
from supplyops.exchange.problems import FileRefused, Problem
from supplyops.exchange.sheet import letters

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ALWAYS = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_IF_THERE = ("xl/styles.xml", "xl/sharedStrings.xml")
_COMPOUND = b"\xd0\xcf\x11\xe0"
"""How old workbooks begin, and new ones that are encrypted."""


@dataclass(slots=True)
class Measured:
    """A workbook found small enough: the sheet that is read, and cells of it that are no plain values."""

    data: bytes
    """The workbook packed anew from the parts that were measured, so that the reader sees no byte more."""
    sheet: str
    sheets: tuple[str, ...]
    """The visible ones, in the order of the tabs."""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    """(row, column) from 1, of cells that hold an error value."""
    merged: int = 0


def measure(file: str, data: bytes, wanted: str = "") -> Measured:
    """Look a workbook through: the sheet of that name, or the first. Raises FileRefused for what is too large or no workbook."""
    code = _something_else(data)
    if code:
        raise FileRefused(file, [Problem(code)])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _Parts(file, archive)
            for name in _ALWAYS:
                parts.take(name)
            names = _sheets(parts.taken, parts.names)
            if not names:
                raise FileRefused(file, [Problem("not_a_spreadsheet")])
            sheet = wanted or next(iter(names))
            if sheet not in names:
                raise FileRefused(file, [Problem("no_such_sheet", value=sheet, params={"sheets": "、".join(names)})])
            for name in (*_IF_THERE, names[sheet]):
                if name in parts.names:
                    parts.take(name)
        measured = Measured(b"", sheet, tuple(names))
        _scan(file, parts.taken[names[sheet]], measured)
        _refuse_doctypes(parts.taken)
        measured.data = _packed(parts.taken)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        KeyError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
        OSError,
    ):
        raise FileRefused(file, [Problem("not_a_spreadsheet")]) from None
    return measured


def _something_else(data: bytes) -> str:
    """A code where the bytes are no workbook of the new kind but something that people take for one."""
    if data.startswith(_COMPOUND):
        return "workbook_encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "workbook_is_old"
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "workbook_is_page" if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")) else ""


class _Parts:
    """Takes parts out of an archive; what they say of their size is not believed."""

    def __init__(self, file: str, archive: zipfile.ZipFile) -> None:
        self._file, self._archive, self._left = file, archive, UNPACKED_MAX
        self.taken: dict[str, bytes] = {}
        entries = archive.infolist()
        self.names = {entry.filename for entry in entries}
        if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_MAX:
            raise FileRefused(file, [Problem("unpacks_too_large")])
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise FileRefused(file, [Problem("workbook_encrypted")])
        if len(self.names) < len(entries):
            raise ValueError("two parts of one name")

    def take(self, name: str) -> None:
        """Unpack one part. Raises KeyError when there is none."""
        if name in self.taken:
            return
        with self._archive.open(name) as part:
            self.taken[name] = part.read(self._left + 1)
        self._left -= len(self.taken[name])
        if self._left < 0:
            raise FileRefused(self._file, [Problem("unpacks_too_large")])


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in list(parts):
            archive.writestr(name, parts.pop(name))
    return buffer.getvalue()


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError("a workbook declares no document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _refuse_doctypes(parts: dict[str, bytes]) -> None:
    """The parts that are not looked through for anything else declare no entities either."""
    for name in _IF_THERE:
        if b"<!DOCTYPE" in parts.get(name, b"")[:4096] or b"<!ENTITY" in parts.get(name, b"")[:4096]:
            raise ValueError("a workbook declares no document type")


def _sheets(parts: dict[str, bytes], names: set[str]) -> dict[str, str]:
    """Name -> part of the visible sheets, in the order of the tabs."""
    targets: dict[str, str] = {}

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes["Target"]
            targets[attributes["Id"]] = normpath(target.lstrip("/") if target.startswith("/") else join("xl", target))

    parser = _parser()
    parser.StartElementHandler = relationship
    parser.Parse(parts["xl/_rels/workbook.xml.rels"], True)
    found: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet" and attributes.get("state", "visible") == "visible":
            key = next(value for name, value in attributes.items() if name.rpartition(":")[2] == "id")
            if targets[key] in names:
                found[attributes["name"]] = targets[key]

    parser = _parser()
    parser.StartElementHandler = sheet
    parser.Parse(parts["xl/workbook.xml"], True)
    return found


class _Scanner:
    """Walks through the cells of one sheet."""

    def __init__(self, file: str, measured: Measured) -> None:
        self._file = file
        self._measured = measured
        self._row = self._column = self._column_max = self._cells = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """One element; only rows, cells, formulas and merged cells matter."""
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
        elif name == "c":
            self._cell(attributes)
        elif name == "f":
            self._note(self._measured.formulas)
        elif name == "mergeCell":
            self._measured.merged += 1

    def _note(self, places: list[tuple[int, int]]) -> None:
        if len(places) >= FORMULAS_MAX:
            raise FileRefused(self._file, [Problem("too_many_formulas", params={"maximum": FORMULAS_MAX})])
        places.append((self._row, self._column))

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            match = _REFERENCE.fullmatch(reference)
            if match is None:
                raise ValueError("a cell without a place")
            self._column, self._row = _number(match[1]), int(match[2])
        self._column_max = max(self._column_max, self._column)
        self._cells += 1
        if self._column > COLUMNS_MAX:
            raise FileRefused(
                self._file, [Problem("too_many_columns", value=letters(self._column), params={"maximum": COLUMNS_MAX})]
            )
        if self._row > ROWS_MAX + 1 or self._row * self._column_max > AREA_MAX:
            raise FileRefused(self._file, [Problem("too_many_rows", params={"maximum": ROWS_MAX})])
        if self._cells > CELLS_MAX:
            raise FileRefused(self._file, [Problem("too_many_cells", params={"maximum": CELLS_MAX})])
        if attributes.get("t") == "e":
            self._note(self._measured.errors)


def _scan(file: str, part: bytes, measured: Measured) -> None:
    scanner = _Scanner(file, measured)
    parser = _parser()
    parser.StartElementHandler = scanner.start
    parser.Parse(part, True)


def _number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def workbook_rows(file: str, measured: Measured) -> Iterator[tuple[int, list[str], str]]:
    """Rows that are not empty: number, cells as text, and their types where not all are words. Raises FileRefused."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(measured.data)) as book:
            sheet = book.get_sheet_by_name(measured.sheet)
            if sheet.start is None:
                return
            before = [""] * sheet.start[1]
            for number, values in enumerate(sheet.iter_rows(), start=1):
                cells = before + [cell_text(value) for value in values]
                while cells and not cells[-1].strip():
                    cells.pop()
                if cells:
                    kinds = "s" * len(before) + "".join(_type(value) for value in values)
                    yield number, cells, kinds[: len(cells)] if kinds.strip("s") else ""
    except CalamineError:
        raise FileRefused(file, [Problem("not_a_spreadsheet")]) from None


def _type(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "n"
    return "d" if isinstance(value, date) else "s"


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
