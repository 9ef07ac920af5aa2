"""The books as JSON lines, for whoever wants to check them with tools of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

from supplyops.database.engine import Database
from supplyops.database.snapshot import snapshot
from supplyops.verify.rows import Books
from supplyops.verify.written import written

TABLES = (
    ("move", "stock_move", ("seq",)),
    ("reservation", "reservation", ("created_at", "id")),
    ("instruction", "release_instruction", ("approved_at", "id")),
    ("order", "consignment", ("number",)),
    ("order_line", "consignment_line", ("consignment_id", "line_no")),
    ("journal", "journal_entry", ("seq",)),
)
"""What is written, from which table, in which order."""


def ledger_lines(database: Database) -> Iterator[str]:
    """One JSON document a row, with its kind; read from one snapshot."""
    with snapshot(database) as connection:
        books = Books(connection)
        for kind, table, order in TABLES:
            for row in books.rows(table, order=order):
                yield json.dumps({"kind": kind, **written(dict(row))}, ensure_ascii=False)
