"""From a file to inputs: every cell read, every problem gathered. The books are not touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supplyops.exchange.columns import Column, Layout
from supplyops.exchange.normalise import VERBATIM, narrow, plain_header, trimmed
from supplyops.exchange.parsers import Parser, Scaled, Unreadable
from supplyops.exchange.problems import PROBLEMS_MAX, FileRefused, Note, Problem
from supplyops.exchange.sheets import CELL_MAX, Sheet, read_sheet
from supplyops.exchange.workbook import letters
from supplyops.kernel.errors import FieldError, InvalidInput

NOTHING: Mapping[str, object] = {}
ROWS_NAMED_MAX = 5
"""So many rows are named where a note speaks of many."""


@dataclass(slots=True)
class Reading:
    """A file read as a KIND: the inputs with the rows they stand in."""

    kind: Layout
    file: str
    inputs: list[Any] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    cells: list[Mapping[str, str]] = field(default_factory=list)
    """For each input, the text of each field's cell."""
    parsers: dict[str, Parser] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def read_file(kind: Layout, file: str, data: bytes, encoding: str | None = None) -> Reading:
    """Read a file as a KIND without touching the books. Raises FileRefused with every problem of the file itself."""
    names = _names(kind)
    sheet = read_sheet(file, data, encoding, lambda cells: sum(plain_header(cell) in names for cell in cells))
    reader = _Reader(kind, sheet)
    reader.read_header(names)
    reader.read_rows()
    return reader.finish()


def _names(kind: Layout) -> dict[str, tuple[Column, Parser]]:
    """Every name that a column may go by. Under the field's own name stand the small units that it states."""
    names: dict[str, tuple[Column, Parser]] = {}
    for column in kind.columns:
        if column.raw is not None:
            names[plain_header(column.field)] = (column, column.raw)
        names[plain_header(column.english)] = (column, column.parser)
        names[plain_header(column.header)] = (column, column.parser)
    return names


class _Reader:
    """Goes through one sheet and gathers inputs, problems and notes."""

    def __init__(self, kind: Layout, sheet: Sheet) -> None:
        self._kind = kind
        self._sheet = sheet
        self._columns: dict[int, tuple[Column, Parser]] = {}
        self._problems: list[Problem] = []
        self._count = 0
        self._reading = Reading(kind, sheet.file, notes=list(sheet.notes))
        self._narrowed: dict[str, list[int]] = {}
        self._first: dict[tuple[Any, ...], int] = {}

    def finish(self) -> Reading:
        """The reading; raises FileRefused if anything was wrong."""
        if self._problems:
            raise FileRefused(self._sheet.file, self._problems, self._count)
        if not self._reading.inputs:
            raise FileRefused(self._sheet.file, [Problem("nothing_in_file")])
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
    ) -> None:
        self._count += 1
        if len(self._problems) < PROBLEMS_MAX:
            header, expected = (column.header, column.describe) if column else ("", "")
            self._problems.append(Problem(code, row, header, value, params, expected))

    def read_header(self, names: Mapping[str, tuple[Column, Parser]]) -> None:
        """Find out which column is which. Stops here, with every problem of the header, when there is any."""
        number, cells = self._sheet.rows[0]
        seen: set[str] = set()
        used = {place for _, row in self._sheet.rows[1:] for place, cell in enumerate(row) if cell.strip()}
        for place, cell in enumerate(cells):
            known = names.get(plain_header(cell))
            if known is None:
                if cell.strip() or place in used:
                    self._refuse("unknown_column", number, value=trimmed(cell) or f"{letters(place + 1)}(无列名)")
                continue
            if known[0].field in seen:
                self._refuse("duplicate_column", number, known[0], known[0].header)
                continue
            seen.add(known[0].field)
            self._columns[place] = known
        for column in self._kind.columns:
            if column.required and column.field not in seen:
                self._refuse("missing_column", number, value=column.header)
        if self._problems:
            raise FileRefused(self._sheet.file, self._problems, self._count)
        self._reading.parsers = {column.field: parser for column, parser in self._columns.values()}

    def read_rows(self) -> None:
        """Every row below the header."""
        for number, cells in self._sheet.rows[1:]:
            before = self._count
            extra = next(
                (cell for place, cell in enumerate(cells) if place not in self._columns and cell.strip()), None
            )
            if extra is not None:
                self._refuse("extra_cells", number, value=trimmed(extra))
            values, texts = self._read_cells(number, cells)
            if self._count == before:
                self._take(number, values, texts)

    def _read_cells(self, number: int, cells: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for place, (column, parser) in self._columns.items():
            cell = cells[place] if place < len(cells) else ""
            try:
                text = self._text(number, place, cell, column, parser)
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
        return text

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
    )


def row_about(reading: Reading, params: Mapping[str, object]) -> int | None:
    """The row whose leading code an error names."""
    named = {str(value) for value in params.values()}
    key = reading.kind.key[0]
    return next(
        (row for row, cells in zip(reading.places, reading.cells, strict=True) if cells.get(key, "") in named - {""}),
        None,
    )
