"""From the books to a file that can be taken in again unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supplyops.exchange.cells import written_row
from supplyops.exchange.columns import Kind
from supplyops.exchange.kinds import kind_named
from supplyops.exchange.parsers import Scaled
from supplyops.exchange.queries import export_rows
from supplyops.exchange.writing import Head, csv_bytes, workbook_bytes
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import InvalidInput
from supplyops.runtime import Runtime

FORMATS = ("csv", "xlsx")


def export_kind(runtime: Runtime, actor: Actor, kind_name: str, format_name: str, *, mark: bool = True) -> bytes:
    """Every row of a KIND in reach as a file. `mark` puts the byte order mark before CSV that spreadsheets look for."""
    kind = kind_named(kind_name)
    rows = runtime.read(export_rows, actor, kind.name)
    return write_rows(kind, rows, format_name, mark=mark)


def write_rows(kind: Kind, rows: Sequence[Any], format_name: str, *, mark: bool = True) -> bytes:
    """Rows as a CSV or XLSX file. Raises InvalidInput for another format."""
    if format_name not in FORMATS:
        raise InvalidInput("unknown_format", value=format_name)
    texts = [written_row(kind, row) for row in rows]
    heads = [Head(column.header, isinstance(column.parser, Scaled)) for column in kind.columns]
    if format_name == "csv":
        return csv_bytes(heads, texts, mark=mark)
    return workbook_bytes(kind.title, heads, texts)
