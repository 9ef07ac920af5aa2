"""A file as rows of text, how its cells are called, and what is noted on reading it."""

from __future__ import annotations

from dataclasses import dataclass, field

Row = tuple[int, list[str]]
"""The number that the spreadsheet shows, and the cells as text."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something read otherwise than it was written, or left out; nothing is wrong with it."""

    text: str
    row: int | None = None
    header: str = ""

    def __str__(self) -> str:
        place = where(self.row, self.header, 0)
        return f"{place}{':' if place else ''}{self.text}"


@dataclass(slots=True)
class Sheet:
    """What a file holds: rows that are not empty, the header among the first of them."""

    file: str
    rows: list[Row] = field(default_factory=list)
    encoding: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: list[Note] = field(default_factory=list)
    formulas: frozenset[tuple[int, int]] = frozenset()
    """(row, column) from 1, of cells that are computed."""
    errors: frozenset[tuple[int, int]] = frozenset()
    types: dict[int, str] = field(default_factory=dict)
    """For rows of a workbook that hold more than words: a letter a cell, `n` for numbers, `d` for dates, `s` for words."""


def where(row: int | None, header: str, place: int) -> str:
    """`第 37 行“数量”列(D 列)`: the row as the spreadsheet numbers it, the column by its name and letter."""
    found = f"第 {row} 行" if row is not None else ""
    found += f"“{header}”{f'列({letters(place)} 列)' if place else ''}" if header else ""
    return found


def letters(number: int) -> str:
    """`28` -> `AB`: what a spreadsheet calls a column."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
