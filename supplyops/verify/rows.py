"""Rows as the database has them, and their one written form, worked out again here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, MetaData, Table, and_, func, or_, select, union
from sqlalchemy.types import CHAR, JSON, Boolean, Integer, Uuid

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where the chains were found good: shard -> (number of the last link, its hash)."""

    moves: Mapping[str, tuple[int, str]]
    journal: Mapping[str, tuple[int, str]]


def newer(table: Table, marks: Mapping[str, tuple[int, str]]) -> ColumnElement[bool]:
    """Rows of a chained table that stand behind the mark of their chain; chains without a mark are new as a whole."""
    behind = [and_(table.c.shard == shard, table.c.shard_seq > number) for shard, (number, _) in sorted(marks.items())]
    return or_(table.c.shard.not_in(sorted(marks)), *behind)


class Books:
    """The tables of a database, reflected from the database itself, read in a snapshot."""

    def __init__(self, connection: Connection, since: Mark | None = None) -> None:
        self.connection = connection
        self.since = since
        self._metadata = MetaData()
        self._metadata.reflect(connection)
        self._narrowing = self._touched_lots() if since is not None else {}

    def _touched_lots(self) -> dict[str, Any]:
        """For a check of the tail: only what concerns lots that have moved or been held since the mark."""
        assert self.since is not None
        moves, holds = self.table("stock_move"), self.table("reservation")
        lots = union(
            select(moves.c.lot_id).where(newer(moves, self.since.moves)),
            select(holds.c.lot_id).where(holds.c.closed_at.is_(None)),
        )
        names = ("stock_move", "stock_balance", "reservation")
        return {name: self.table(name).c.lot_id.in_(lots) for name in names}

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
        conditions = [where(self.table(name))] if where is not None else []
        if name in self._narrowing:
            conditions.append(self._narrowing[name])
        yield from self._read(name, columns, order, conditions)

    def raw(self, name: str, *columns: str, where: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Rows of a table whether or not they have to do with the tail, all or those with these values."""
        table = self.table(name)
        conditions = [table.c[column] == _bound(table.c[column].type, value) for column, value in (where or {}).items()]
        yield from self._read(name, columns, (), conditions)

    def _read(self, name: str, columns: Sequence[str], order: Sequence[str], conditions: list[Any]) -> Iterator[Any]:
        table = self.table(name)
        chosen = [table.c[column] for column in columns] if columns else list(table.c)
        statement = select(*chosen).where(*conditions).order_by(*(table.c[column] for column in order))
        readers = [_reader(column.type) for column in chosen]
        result = self.connection.execute(statement, execution_options={"yield_per": BATCH})
        for row in result:
            yield _Row({column.name: read(value) for column, read, value in zip(chosen, readers, row, strict=True)})


class _Row(dict[str, Any]):
    """A row whose columns are attributes."""

    __getattr__ = dict.__getitem__


def _is_id(kind: Any) -> bool:
    return isinstance(kind, Uuid) or (isinstance(kind, CHAR) and kind.length == 32)


def _bound(kind: Any, value: Any) -> Any:
    """A value as the column keeps it, from its written form."""
    if _is_id(kind):
        return UUID(str(value)) if isinstance(kind, Uuid) else UUID(str(value)).hex
    return int(value) if isinstance(kind, Integer) else value


def _reader(kind: Any) -> Any:
    if _is_id(kind):
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
