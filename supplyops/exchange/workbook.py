"""Measures a workbook before anything opens it: how much it unpacks to, where its cells lie, which of them are formulas."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from posixpath import join, normpath
from xml.parsers import expat

from supplyops.exchange.problems import FileRefused, Problem

ROWS_MAX = 100_000
COLUMNS_MAX = 256
AREA_MAX = 4_000_000
"""Cells from A1 to the last one used, empty ones counted: what the reader lays out in memory."""
ENTRIES_MAX = 2_000
UNPACKED_MAX = 160_000_000
FORMULAS_MAX = 200

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook|styles|sharedStrings)\.xml|xl/_rels/.*|xl/worksheets/[^/]*\.xml"
)


@dataclass(slots=True)
class Measured:
    """A workbook found small enough: its first visible sheet, and cells of it that are no plain values."""

    data: bytes
    """The workbook packed anew from the parts that were measured, so that the reader sees no byte more."""
    sheet: str
    others: tuple[str, ...]
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    """(row, column) from 1, of cells that hold an error value."""


def measure(file: str, data: bytes) -> Measured:
    """Look a workbook through. Raises FileRefused for anything that is too large or no workbook."""
    try:
        parts = _unpacked(file, data)
        names = _sheets(parts)
        if not names:
            raise FileRefused(file, [Problem("not_a_spreadsheet")])
        (sheet, part), others = names[0], tuple(name for name, _ in names[1:])
        measured = Measured(_packed(parts), sheet, others)
        for other in parts:
            if other.startswith("xl/worksheets/") and other != part:
                _scan(file, parts[other], None)
        _scan(file, parts[part], measured)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, NotImplementedError, EOFError):
        raise FileRefused(file, [Problem("not_a_spreadsheet")]) from None
    return measured


def _unpacked(file: str, data: bytes) -> dict[str, bytes]:
    """The parts that reading needs, by name; what they say of their size is not believed."""
    parts: dict[str, bytes] = {}
    left = UNPACKED_MAX
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_MAX:
            raise FileRefused(file, [Problem("unpacks_too_large")])
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise FileRefused(file, [Problem("not_a_spreadsheet")])
        for entry in entries:
            if not _NEEDED.fullmatch(entry.filename):
                continue
            if entry.filename in parts:
                raise FileRefused(file, [Problem("not_a_spreadsheet")])
            with archive.open(entry) as part:
                parts[entry.filename] = part.read(left + 1)
            left -= len(parts[entry.filename])
            if left < 0:
                raise FileRefused(file, [Problem("unpacks_too_large")])
    return parts


def _packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError("a workbook declares no document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _sheets(parts: dict[str, bytes]) -> list[tuple[str, str]]:
    """(name, part) of the visible sheets, in the order of the tabs."""
    targets: dict[str, str] = {}

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes["Target"]
            targets[attributes["Id"]] = normpath(target.lstrip("/") if target.startswith("/") else join("xl", target))

    parser = _parser()
    parser.StartElementHandler = relationship
    parser.Parse(parts["xl/_rels/workbook.xml.rels"], True)
    found: list[tuple[str, str]] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet" and attributes.get("state", "visible") == "visible":
            key = next(value for name, value in attributes.items() if name.rpartition(":")[2] == "id")
            if targets[key] in parts:
                found.append((attributes["name"], targets[key]))

    parser = _parser()
    parser.StartElementHandler = sheet
    parser.Parse(parts["xl/workbook.xml"], True)
    return found


class _Scanner:
    """Walks through the cells of one sheet."""

    def __init__(self, file: str, measured: Measured | None) -> None:
        self._file = file
        self._measured = measured
        self._row = self._column = self._column_max = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """One element; only rows, cells and formulas matter."""
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._column = 0
        elif name == "c":
            self._cell(attributes)
        elif name == "f" and self._measured is not None and len(self._measured.formulas) < FORMULAS_MAX:
            self._measured.formulas.append((self._row, self._column))

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
        if self._column > COLUMNS_MAX:
            raise FileRefused(
                self._file, [Problem("too_many_columns", value=letters(self._column), params={"maximum": COLUMNS_MAX})]
            )
        if self._row > ROWS_MAX + 1 or self._row * self._column_max > AREA_MAX:
            raise FileRefused(self._file, [Problem("too_many_rows", params={"maximum": ROWS_MAX})])
        if attributes.get("t") == "e" and self._measured is not None and len(self._measured.errors) < FORMULAS_MAX:
            self._measured.errors.append((self._row, self._column))


def _scan(file: str, part: bytes, measured: Measured | None) -> None:
    scanner = _Scanner(file, measured)
    parser = _parser()
    parser.StartElementHandler = scanner.start
    parser.Parse(part, True)


def _number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def letters(number: int) -> str:
    """`28` -> `AB`: what a spreadsheet calls a column."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
