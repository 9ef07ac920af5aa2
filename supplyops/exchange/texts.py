"""Text files: their encoding, their separator, their rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from supplyops.exchange.encoding import decode
from supplyops.exchange.limits import CELL_MAX, CELLS_MAX, COLUMNS_MAX, HEADER_LINES, ROWS_MAX
from supplyops.exchange.normalise import plain_header
from supplyops.exchange.problems import FileRefused, Problem

SEPARATORS = (",", ";", "\t")
LOOKED_AT = 20_000
"""So much of a line is looked at to tell separators apart."""


def read_text(
    file: str, data: bytes, encoding: str | None, known: frozenset[str]
) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """(encoding, rows that are not empty with the number of their line). Raises FileRefused, also while rows are taken.

    `known` are names of columns: they help to tell encodings and separators apart.
    """
    text, name = decode(file, data, encoding, lambda said: _best(said, known)[0] > 0)
    return name, _rows(file, text, _best(text, known)[1])


def first_lines(text: str, count: int = HEADER_LINES) -> list[str]:
    """The first lines that say anything, the line ends of any system taken off."""
    lines = (line.rstrip("\r\n") for line in io.StringIO(text, newline=None))
    return list(islice((line for line in lines if line.strip()), count))


def _best(text: str, known: frozenset[str]) -> tuple[int, str]:
    """(how many names of columns the likeliest header has, the separator that shows them)."""
    found = (0, ",")
    lines = first_lines(text)
    for line in lines:
        for mark in SEPARATORS:
            names = sum(
                plain_header(cell) in known for cell in next(csv.reader([line[:LOOKED_AT]], delimiter=mark), [])
            )
            found = max(found, (names, mark), key=lambda each: each[0])
    if found[0]:
        return found
    counts = {mark: sum(line.count(mark) for line in lines) for mark in SEPARATORS}
    return 0, max(SEPARATORS, key=lambda mark: counts[mark])


def _rows(file: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = left = 0
    left = CELLS_MAX
    try:
        for number, cells in enumerate(reader, start=1):
            while cells and not cells[-1].strip():
                cells.pop()
            if not cells:
                continue
            if number > ROWS_MAX + 1:
                raise FileRefused(file, [Problem("too_many_rows", params={"maximum": ROWS_MAX})])
            if len(cells) > COLUMNS_MAX:
                problem = Problem("too_many_columns", number, value=str(len(cells)), params={"maximum": COLUMNS_MAX})
                raise FileRefused(file, [problem])
            left -= len(cells)
            if left < 0:
                raise FileRefused(file, [Problem("too_many_cells", params={"maximum": CELLS_MAX})])
            yield number, cells
    except csv.Error as error:
        code = "cell_too_long" if "field limit" in str(error) else "csv_broken"
        params = {"length": csv.field_size_limit(), "length_max": CELL_MAX} if code == "cell_too_long" else {}
        raise FileRefused(file, [Problem(code, number + 1, params=params)]) from None
