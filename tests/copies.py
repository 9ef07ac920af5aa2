"""Rows that stand for those of years: copies of one that a command wrote, each with an id and a number of its own."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select

from supplyops.database.base import table_of
from supplyops.runtime import Runtime


def copied_up_to(runtime: Runtime, kind: type[Any], total: int, *own: str) -> None:
    """So many rows of a kind, of which there is one already; the copies' hashes are those of the first.

    `own` are columns with an id that no two rows share.
    """
    table = table_of(kind)
    with runtime.database.write() as session:
        first = dict(session.execute(select(table)).mappings().first() or {})
        assert first, f"there is no {table.name} to copy"
        counting = table.autoincrement_column
        if counting is not None and counting.name != "id":
            del first[counting.name]
        missing = total - (session.scalar(select(func.count()).select_from(table)) or 0)
        rows = [
            {**first, **{name: uuid4() for name in ("id", *own)}, "number": f"{first['number']}-{n:05}"}
            for n in range(total - missing, total)
        ]
        session.execute(insert(table), rows)
