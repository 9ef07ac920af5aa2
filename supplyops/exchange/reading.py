"""From a file to inputs: every cell read, every problem gathered. The books are not touched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supplyops.exchange.apart import read_apart
from supplyops.exchange.columns import Column, Layout
from supplyops.exchange.limits import CELL_MAX, DIGITS_MAX, HEADER_LINES, IN_PROCESS_MAX
from supplyops.exchange.normalise import MARKS_HEADER, VERBATIM, narrow, plain_header, trimmed
from supplyops.exchange.parsers import CODE, Parser, Scaled, Unreadable
from supplyops.exchange.problems import MARKED_MAX, FileRefused, Problem
from supplyops.exchange.sheet import Note, Row, Sheet, letters
from supplyops.exchange.sheets import AS_FOUND, WORKBOOK, Wanted, read_sheet
from supplyops.kernel.errors import FieldError, InvalidInput

NOTHING: Mapping[str, object] = {}
ROWS_NAMED_MAX = 5
"""So many rows are named where a note speaks of many."""
SUMS = frozenset({"合计", "总计", "小计", "共计", "总数"})
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d{2,3}", re.IGNORECASE)

Names = Mapping[str, tuple[Column, Parser]]
"""What a column may be called -> which it is, and how its cells are read under that name."""
Mapped = Mapping[int, str]
"""Place of a file's column, from 0 -> the name of ours."""


@dataclass(slots=True)
class Reading:
    """A file read as a KIND: the inputs with the rows they stand in, and what was wrong with the others."""

    kind: Layout
    sheet: Sheet
    inputs: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    cells: list[Mapping[str, str]] = field(default_factory=list)
    """For each input, the text of each field's cell."""
    columns: dict[str, int] = field(default_factory=dict)
    """Field -> place of the file's column, from 1."""
    parsers: dict[str, Parser] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    """How many problems there were before their list was cut."""
    left_out: set[str] = field(default_factory=set)
    """Words in key columns of rows that could not be read: what refers to them is not wrong for that."""
    is_header_known: bool = False

    @property
    def file(self) -> str:
        """The file's name."""
        return self.sheet.file

    @property
    def absent(self) -> tuple[str, ...]:
        """Fields that the file has no column for."""
        return tuple(column.field for column in self.kind.columns if column.field not in self.columns)

    def refuse(self, problem: Problem) -> None:
        """Note something wrong."""
        self.count += 1
        if len(self.problems) < MARKED_MAX:
            self.problems.append(problem)

    def done(self) -> Reading:
        """The reading itself. Raises FileRefused if anything was wrong, or nothing was there."""
        if not self.problems and not self.inputs:
            self.refuse(Problem("nothing_in_file"))
        if self.problems:
            raise FileRefused(self.file, self.problems, self.count, sheet=self.sheet)
        return self


def read_file(kind: Layout, file: str, data: bytes, encoding: str | None = None) -> Reading:
    """Read a file as a KIND without touching the books. Raises FileRefused with every problem of the file itself."""
    return read_as(kind, sheet_of(kind, file, data, Wanted(encoding or ""))).done()


def sheet_of(kind: Layout, file: str, data: bytes, wanted: Wanted = AS_FOUND) -> Sheet:
    """The rows of a file. What could grow while it is read is read in a process of its own. Raises FileRefused."""
    known = frozenset(names_of(kind))
    if len(data) <= IN_PROCESS_MAX and Path(file).suffix.lower() != WORKBOOK:
        return read_sheet(file, data, wanted, known)
    return read_apart(file, data, wanted, known)


def read_as(kind: Layout, sheet: Sheet, header_row: int = 0, mapped: Mapped | None = None) -> Reading:
    """Read rows as a KIND; problems are gathered, not raised. `mapped` says which column is which, where names do not."""
    reader = _Reader(kind, sheet, header_row)
    if reader.read_header(mapped):
        reader.read_rows()
    return reader.finish()


def names_of(kind: Layout) -> dict[str, tuple[Column, Parser]]:
    """Every name that a column may go by. Under the field's own name stand the small units that it states."""
    names: dict[str, tuple[Column, Parser]] = {}
    for column in kind.columns:
        if column.raw is not None:
            names[plain_header(column.field)] = (column, column.raw)
        names[plain_header(column.english)] = (column, column.parser)
        names[plain_header(column.header)] = (column, column.parser)
    return names


def header_index(rows: Sequence[Row], names: Names, header_row: int = 0) -> int | None:
    """Which of the rows is the header: the one of that number, or the one among the first that names most columns."""
    if header_row:
        return next((place for place, (number, _) in enumerate(rows) if number == header_row), None)
    known = [sum(plain_header(cell) in names for cell in cells) for _, cells in rows[:HEADER_LINES]]
    return max(range(len(known)), key=known.__getitem__, default=None)


class _Reader:
    """Goes through one sheet and gathers inputs, problems and notes."""

    def __init__(self, kind: Layout, sheet: Sheet, header_row: int) -> None:
        self._kind = kind
        self._sheet = sheet
        self._names = names_of(kind)
        self._header_row = header_row
        self._header = header_index(sheet.rows, self._names, header_row)
        self._columns: dict[int, tuple[Column, Parser]] = {}
        self._ignored: set[int] = set()
        self._reading = Reading(kind, sheet, notes=list(sheet.notes))
        self._no_values = sheet.formulas | sheet.errors
        self._narrowed: dict[str, list[int]] = {}
        self._first: dict[tuple[Any, ...], int] = {}

    def finish(self) -> Reading:
        """The reading, with what is to be said of characters made narrow."""
        for header, rows in self._narrowed.items():
            named = "、".join(map(str, rows[:ROWS_NAMED_MAX])) + (" 等" if len(rows) > ROWS_NAMED_MAX else " ")
            self._reading.notes.append(Note(f"“{header}”有 {len(rows)} 处全角字符或空格已转为半角(第 {named}行)。"))
        return self._reading

    def _refuse(
        self,
        code: str,
        row: int,
        column: Column | None = None,
        value: str = "",
        params: Mapping[str, object] = NOTHING,
        place: int = 0,
    ) -> None:
        header, expected = (column.header, column.describe) if column else ("", "")
        place = place or (self._reading.columns.get(column.field, 0) if column else 0)
        self._reading.refuse(Problem(code, row, header, value, params, expected, place))

    def read_header(self, mapped: Mapped | None) -> bool:
        """Find out which column is which; False, with every problem of the header, when there is any."""
        if self._header is None:
            self._reading.refuse(Problem("header_row_missing", value=str(self._header_row)))
            return False
        number, cells = self._sheet.rows[self._header]
        if self._header:
            self._reading.notes.append(Note(f"列名在第 {number} 行,以上各行未读取。"))
        named = self._named(number, cells) if mapped is None else dict(mapped)
        if mapped is not None:
            self._ignored = set(range(len(cells))) - set(mapped)
        for place, name in sorted(named.items()):
            column, parser = self._names[plain_header(name)]
            if column.field in self._reading.columns:
                self._refuse("duplicate_column", number, column, column.header, place=place + 1)
                continue
            self._reading.columns[column.field] = place + 1
            self._columns[place] = column, parser
        for column in self._kind.columns:
            if column.required and column.field not in self._reading.columns:
                self._refuse("missing_column", number, value=column.header)
        self._reading.parsers = {column.field: parser for column, parser in self._columns.values()}
        self._reading.is_header_known = not self._reading.problems
        return self._reading.is_header_known

    def _named(self, number: int, cells: list[str]) -> dict[int, str]:
        """The columns whose names are known; the others are refused."""
        rows = self._sheet.rows[(self._header or 0) + 1 :]
        used = {place for _, row in rows for place, cell in enumerate(row) if cell.strip()}
        found: dict[int, str] = {}
        for place, cell in enumerate(cells):
            if plain_header(cell) in self._names:
                found[place] = cell
            elif plain_header(cell) == plain_header(MARKS_HEADER):
                self._ignored.add(place)
            elif cell.strip() or place in used:
                shown = trimmed(cell) or f"{letters(place + 1)}(无列名)"
                self._refuse("unknown_column", number, value=shown, place=place + 1)
        return found

    def read_rows(self) -> None:
        """Every row below the header."""
        for number, cells in self._sheet.rows[(self._header or 0) + 1 :]:
            first = next((trimmed(narrow(cell)) for cell in cells if cell.strip()), "")
            if first.rstrip(":") in SUMS:
                place = next(place for place, cell in enumerate(cells, start=1) if cell.strip())
                self._refuse("sum_row", number, value=first, place=place)
                continue
            before = self._reading.count
            for place, cell in enumerate(cells):
                if place not in self._columns and place not in self._ignored and cell.strip():
                    self._refuse("extra_cells", number, value=trimmed(cell), place=place + 1)
                    break
            values, texts = self._read_cells(number, cells)
            if self._reading.count == before:
                self._take(number, values, texts)
            if self._reading.count > before:
                self._reading.left_out |= {texts.get(name, "") for name in self._kind.key}

    def _read_cells(self, number: int, cells: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for place, (column, parser) in self._columns.items():
            cell = cells[place] if place < len(cells) else ""
            try:
                text = (
                    self._text(number, place, cell, column, parser)
                    if cell or (number, place + 1) in self._no_values
                    else ""
                )
                texts[column.field] = text
                if text:
                    values[column.field] = parser.read(text)
                elif column.required:
                    raise Unreadable("required")
            except Unreadable as error:
                self._refuse(error.code, number, column, trimmed(cell), error.params)
        return values, texts

    def _text(self, number: int, place: int, cell: str, column: Column, parser: Parser) -> str:
        """What the cell says, ready to be read."""
        at = (number, place + 1)
        if at in self._sheet.formulas or (cell.startswith("=") and len(cell) > 1):
            raise Unreadable("formula")
        if at in self._sheet.errors:
            raise Unreadable("error_cell")
        if len(cell) > CELL_MAX:
            raise Unreadable("cell_too_long", length=len(cell), length_max=CELL_MAX)
        if cell.startswith(VERBATIM):
            return cell[1:]
        text = trimmed(cell if parser.is_free_text else narrow(cell))
        if text != trimmed(cell):
            self._narrowed.setdefault(column.header, []).append(number)
        if parser is CODE:
            self._refuse_shortened(number, place, text)
        return text

    def _refuse_shortened(self, number: int, place: int, text: str) -> None:
        """A number of a document that a spreadsheet has taken for a figure has lost its end."""
        if _SHORTENED.fullmatch(text):
            raise Unreadable("shortened_code")
        kinds = self._sheet.types.get(number, "")
        if kinds[place : place + 1] == "n" and len(text) > DIGITS_MAX:
            raise Unreadable("digits_lost", digits=DIGITS_MAX)

    def _take(self, number: int, values: dict[str, Any], texts: dict[str, str]) -> None:
        key = tuple(values.get(name) for name in self._kind.key)
        if key in self._first:
            shown = " / ".join(texts.get(name, "") for name in self._kind.key)
            self._refuse(
                "row_repeated", number, self._kind.column(self._kind.key[0]), shown, {"first": self._first[key]}
            )
            return
        self._first[key] = number
        try:
            made = self._kind.make(values)
        except InvalidInput as error:
            for each in error.fields:
                column = self._kind.column(each.field.split(".")[0])
                text = texts.get(column.field, "") if column else ""
                self._refuse(each.code, number, column, text, _in_file_units(self._reading, column, each.params))
            return
        self._reading.inputs.append(made)
        self._reading.places.append(number)
        self._reading.cells.append(texts)


def _in_file_units(reading: Reading, column: Column | None, params: Mapping[str, object]) -> dict[str, object]:
    """Figures of an error in the unit that the column uses."""
    parser = reading.parsers.get(column.field) if column else None
    if not isinstance(parser, Scaled):
        return {name: value for name, value in params.items() if name != "value"}
    shown = {name: parser.write(value) if type(value) is int else value for name, value in params.items()}
    return {name: parser.unit if name == "unit" else value for name, value in shown.items() if name != "value"}


def problem_of(reading: Reading, error: FieldError) -> Problem:
    """A command's error about the n-th input, as a problem of the row it came from."""
    first, _, rest = error.field.partition(".")
    if first.isdigit() and int(first) < len(reading.places):
        place, name = int(first), rest
    else:
        row = row_about(reading, error.params)
        if row is None:
            return Problem(error.code, value=str(error.params.get("value", "")), params=error.params)
        place, name = reading.places.index(row), error.field
    column = reading.kind.column(name.split(".")[0])
    text = reading.cells[place].get(column.field, "") if column else ""
    return Problem(
        error.code,
        reading.places[place],
        column.header if column else "",
        text or str(error.params.get("value", "")),
        _in_file_units(reading, column, error.params),
        column.describe if column else "",
        reading.columns.get(column.field, 0) if column else 0,
    )


def row_about(reading: Reading, params: Mapping[str, object]) -> int | None:
    """The row whose leading code an error names."""
    named = {str(value) for value in params.values()}
    key = reading.kind.key[0]
    return next(
        (row for row, cells in zip(reading.places, reading.cells, strict=True) if cells.get(key, "") in named - {""}),
        None,
    )
