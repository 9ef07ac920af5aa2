"""Reading everything at one moment without holding anybody up."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

from supplyops.database.engine import Database


def copy_sqlite(database: Database, path: Path) -> None:
    """The whole file as it is at one moment, in one go; writers wait that long. Not synced: a power cut may take the copy."""
    original = Path(str(database.url.database)).absolute()
    with (
        closing(sqlite3.connect(f"{original.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        target.execute("PRAGMA synchronous=OFF")
        source.backup(target)


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
        copy_sqlite(database, copy)
        copied = Database(f"sqlite:///{copy}")
        try:
            with copied.reader.connect() as connection, connection.begin():
                yield connection
        finally:
            copied.dispose()
