"""Any list as people see it, as a file: Chinese headers, the words of the page, numbers as numbers. Not meant to come back in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from supplyops.exchange.normalise import VERBATIM, needs_mark, plain_decimal
from supplyops.exchange.writing import Head, csv_bytes, workbook_bytes
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.wording.labels import LABELS

FORMATS = ("csv", "xlsx")
LISTED_MAX = 200_000
"""So many rows fit a file that people open; a longer list is refused, never cut."""
_SCALES = {"_fen": 2, "_g": 3, "_cm3": 6, "_e6": 6}
"""Suffixes of fields kept in small units, and how many powers of ten above them people read."""

Getter = str | Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list's columns: above each its header, below it a field of the row (dotted) or what a function makes of the row."""

    name: str
    title: str
    columns: Mapping[str, Getter]

    def cells(self, row: Any) -> list[str | int | Decimal]:
        """One row as cells."""
        return [_shown(getter, row) for getter in self.columns.values()]

    def write(self, rows: Sequence[Any], format_name: str, facts: Sequence[tuple[str, str]] = ()) -> bytes:
        """All rows as a file; a workbook says on a second sheet how many they are and what narrowed them. Raises Conflict."""
        if format_name not in FORMATS:
            raise InvalidInput("unknown_format", value=format_name[:40])
        if len(rows) > LISTED_MAX:
            raise Conflict("list_too_long", rows=len(rows), maximum=LISTED_MAX)
        cells = [self.cells(row) for row in rows]
        texts = [[_text(cell) for cell in row] for row in cells]
        numbers = [
            all(not isinstance(row[place], str) or row[place] == "" for row in cells)
            for place in range(len(self.columns))
        ]
        heads = [Head(header, is_number) for header, is_number in zip(self.columns, numbers, strict=True)]
        if format_name == "csv":
            return csv_bytes(heads, texts, mark=True)
        return workbook_bytes(self.title, heads, texts, facts=[("行数", str(len(rows))), *facts])


def _shown(getter: Getter, row: Any) -> str | int | Decimal:
    if callable(getter):
        return shown(getter(row))
    value = row
    for name in getter.split("."):
        value = getattr(value, name)
    return shown(value, getter)


def shown(value: object, field: str = "") -> str | int | Decimal:
    """A value as it stands in a list: words for codes, Beijing time, and the units people read."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, StrEnum):
        return LABELS.get(type(value).__name__, {}).get(value.value, value.value)
    if isinstance(value, datetime):
        return f"{beijing(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list | frozenset):
        return "、".join(str(shown(each)) for each in value)
    if isinstance(value, int):
        return _scaled(value, field)
    return value if isinstance(value, Decimal) else str(value)


def _scaled(value: int, field: str) -> int | Decimal | str:
    if field.endswith("_permille"):
        return f"{plain_decimal(Decimal(value).scaleb(-1))}%"
    places = next((places for suffix, places in _SCALES.items() if field.endswith(suffix)), 0)
    return Decimal(value).scaleb(-places) if places else value


def _text(cell: str | int | Decimal) -> str:
    if isinstance(cell, str):
        return VERBATIM + cell if needs_mark(cell, is_free_text=True) else cell
    return plain_decimal(Decimal(cell))
