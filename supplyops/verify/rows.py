"""Rows as the database has them, and their one written form, worked out again here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, MetaData, Table, func, select
from sqlalchemy.types import CHAR, JSON, Boolean, Uuid

BATCH = 2_000


class Books:
    """The tables of a database, reflected from the database itself, read in a snapshot."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._metadata = MetaData()
        self._metadata.reflect(connection)

    def table(self, name: str) -> Table:
        """A table by name. Raises KeyError when the database has none."""
        return self._metadata.tables[name]

    @property
    def names(self) -> frozenset[str]:
        """Every table there is."""
        return frozenset(self._metadata.tables)

    def count(self, name: str) -> int:
        """How many rows a table has."""
        return int(self.connection.scalar(select(func.count()).select_from(self.table(name))) or 0)

    def rows(self, name: str, *columns: str, order: tuple[str, ...] = (), where: Any = None) -> Iterator[Any]:
        """Rows of a table, streamed; with uuids, instants and JSON as such, whatever the engine stores."""
        table = self.table(name)
        chosen = [table.c[column] for column in columns] if columns else list(table.c)
        statement = select(*chosen).order_by(*(table.c[column] for column in order))
        if where is not None:
            statement = statement.where(where(table))
        readers = [_reader(column.type) for column in chosen]
        result = self.connection.execution_options(yield_per=BATCH).execute(statement)
        for row in result:
            yield _Row({column.name: read(value) for column, read, value in zip(chosen, readers, row, strict=True)})


class _Row(dict[str, Any]):
    """A row whose columns are attributes."""

    __getattr__ = dict.__getitem__


def _reader(kind: Any) -> Any:
    if isinstance(kind, Uuid) or (isinstance(kind, CHAR) and kind.length == 32):
        return lambda value: None if value is None else UUID(str(value))
    if isinstance(kind, JSON):
        return lambda value: json.loads(value) if isinstance(value, str) else value
    if isinstance(kind, Boolean):
        return lambda value: None if value is None else bool(value)
    return _instant


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def written(value: Any) -> Any:
    """The written form of a value: text of ids, UTC instants with microseconds and Z, ISO days."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: written(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner) for inner in value]
    return value


def text_of(value: Any) -> bytes:
    """UTF-8 JSON, sorted keys, no spaces: what hashes are made of."""
    return json.dumps(written(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(value: Any) -> str:
    """The hash of a value's written form."""
    return hashlib.sha256(text_of(value)).hexdigest()


def sha256_after(previous: str, value: Any) -> str:
    """The hash of a chained row."""
    return hashlib.sha256(previous.encode() + b"\n" + text_of(value)).hexdigest()
