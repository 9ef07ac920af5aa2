"""How a value stands in a cell of a file."""

from __future__ import annotations

from typing import Any

from supplyops.exchange.columns import Column, Kind
from supplyops.exchange.normalise import VERBATIM, needs_mark
from supplyops.exchange.parsers import Scaled


def written_row(kind: Kind, row: Any) -> list[str]:
    """The cells of one row."""
    values = kind.show(row)
    return [written(column, values[column.field]) for column in kind.columns]


def written(column: Column, value: Any) -> str:
    """One cell: never computed by a spreadsheet, always read back as the value. Numbers need no mark, a sign is theirs."""
    if value is None or value == () or value == "":
        return ""
    text = column.parser.write(value)
    if isinstance(column.parser, Scaled):
        return text
    return VERBATIM + text if needs_mark(text, is_free_text=column.parser.is_free_text) else text
