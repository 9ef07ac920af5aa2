"""Reading everything at one moment without holding anybody up."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from supplyops.database.engine import Database


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A read-only connection that sees the database as it is now, however long the reading takes.

    PostgreSQL keeps the versions itself. SQLite does not without WAL, where a long reader would keep writers out: there the
    reading is done from a copy, made in one go and gone afterwards.
    """
    if not database.is_sqlite:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with database.writer.connect().execution_options(**options) as connection, connection.begin():
            yield connection
        return
    original = Path(str(database.url.database))
    with tempfile.TemporaryDirectory(prefix="supplyops-snapshot-", dir=original.parent) as folder:
        copy = Path(folder) / "copy.db"
        with (
            closing(sqlite3.connect(f"file:{original}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            target.execute("PRAGMA synchronous=OFF")  # nobody needs the copy after a power cut
            source.backup(target)
        copied = Database(f"sqlite:///{copy}")
        try:
            with copied.reader.connect() as connection, connection.begin():
                yield connection
        finally:
            copied.dispose()
