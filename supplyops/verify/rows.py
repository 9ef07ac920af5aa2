"""Rows as the database has them."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
    union,
)
from sqlalchemy.types import CHAR, JSON, Boolean, Date, DateTime, Integer, Text, Uuid

BATCH = 2_000
ANY_ROW, HOW_MANY = "EXISTS (SELECT 1 FROM {})", "SELECT count(*) FROM {}"
T = TypeVar("T")


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
    """The tables of a database, reflected from the database itself, read in a snapshot.

    `since` narrows to what is new after a mark, `until` to the moves up to that sequence. `keys` are the public keys that
    anchors are signed with, by their names; without them signatures are not looked at.
    """

    def __init__(
        self,
        connection: Connection,
        since: Mark | None = None,
        until: int | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self.connection = connection
        self.keys = keys
        self.since = since
        self.until = until
        self._metadata = _schema_of(connection)
        self._narrowing = self._touched_lots() if since is not None else {}
        self._known: dict[Any, Any] = {}

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
        if not self.has_rows(name):
            return 0
        return int(self.connection.exec_driver_sql(HOW_MANY.format(self._quoted(name))).scalar_one())

    def counted(self, name: str) -> int:
        """How many of its rows this check is about."""
        statement = select(func.count()).select_from(self.table(name)).where(*self._conditions(name, None))
        return int(self.connection.scalar(statement) or 0)

    def has_rows(self, name: str) -> bool:
        """Has a table any row?"""
        return name in self._in_use

    @cached_property
    def _in_use(self) -> frozenset[str]:
        """The tables that have any row, asked for in one go: most of a young house have none, and need not be asked again.

        Plain text, because putting a statement together costs more than running it.
        """
        names = sorted(self.names)
        asked = ", ".join(ANY_ROW.format(self._quoted(name)) for name in names)
        found = self.connection.exec_driver_sql(f"SELECT {asked}").one() if names else ()
        return frozenset(name for name, has_rows in zip(names, found, strict=True) if has_rows)

    @property
    def dialect(self) -> str:
        """The engine's name."""
        return self.connection.dialect.name

    def dangling(self, name: str) -> bool:
        """Does any row of a table point at a row that is not there? Only SQLite looks that up by itself, ten times as quickly."""
        return self.connection.exec_driver_sql(f"PRAGMA foreign_key_check({self._quoted(name)})").first() is not None

    def _quoted(self, name: str) -> str:
        return self.connection.dialect.identifier_preparer.format_table(self.table(name))

    def once(self, work: Callable[[Books], T]) -> T:
        """What a piece of work gives for these books; several invariants may ask for it, it is done once."""
        if work not in self._known:
            self._known[work] = work(self)
        found: T = self._known[work]
        return found

    def rows(self, name: str, *columns: str, order: tuple[str, ...] = (), where: Any = None) -> Iterator[Any]:
        """Rows of a table, streamed; with uuids, instants and JSON as such, whatever the engine stores.

        For tables of thousands; for millions there is `plain`.
        """
        yield from self._read(name, columns, order, self._conditions(name, where))

    def raw(self, name: str, *columns: str, where: Mapping[str, Any] | None = None) -> Iterator[Any]:
        """Rows of a table whether or not they have to do with the tail, all or those with these values."""
        yield from self._read(name, columns, (), self._equal(name, where or {}))

    def plain(
        self, name: str, *columns: str, order: tuple[str, ...] = (), where: Any = None, everything: bool = False
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a table as bare tuples, streamed quickly: ids as 32 hexadecimal digits, instants and days as text, JSON unread.

        The same values on both engines. `everything` also gives rows that have nothing to do with the tail.
        """
        parts = self.parts(name, *columns, order=order, where=where, everything=everything)
        return itertools.chain.from_iterable(parts)

    def parts(
        self, name: str, *columns: str, order: tuple[str, ...] = (), where: Any = None, everything: bool = False
    ) -> Iterator[list[tuple[Any, ...]]]:
        """The same a batch at a time."""
        table = self.table(name)
        chosen = [table.c[column] for column in columns] if columns else list(table.c)
        if not self.has_rows(name):
            return iter(())
        conditions = [where(table)] if where is not None else []
        if not everything:
            conditions = self._conditions(name, where)
        statement = select(*map(self._plain, chosen)).where(*conditions)
        return self._bare(statement.order_by(*(table.c[column] for column in order)))

    def plain_of(self, name: str, key: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """The rows with these values, all columns, as `plain` gives them."""
        table = self.table(name)
        found = self._bare(select(*map(self._plain, table.c)).where(*self._equal(name, key)))
        return itertools.chain.from_iterable(found)

    def _bare(self, statement: Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
        """Rows as the driver gives them, a batch at a time: nothing is wrapped, for there may be millions."""
        result = self.connection.execute(statement, execution_options={"yield_per": BATCH})
        first = [tuple(row) for row in result.fetchmany(1)]  # it may have been fetched already
        if not first:
            return
        yield first
        cursor = result.cursor
        assert cursor is not None
        try:
            while part := cursor.fetchmany(BATCH):
                yield list(part)
        finally:
            result.close()

    def stream(self, statement: Select[Any]) -> Iterator[tuple[Any, ...]]:
        """Rows of a statement, a batch at a time."""
        result = self.connection.execute(statement, execution_options={"yield_per": BATCH})
        for part in result.partitions():
            yield from part

    def _plain(self, column: Any) -> ColumnElement[Any]:
        """A column as text or number, so that the driver makes no objects of it."""
        kind = column.type
        if self.connection.dialect.name == "sqlite":
            is_text = isinstance(kind, DateTime | Date | JSON)
            return (
                type_coerce(column, String())
                if is_text
                else type_coerce(column, Integer())
                if isinstance(kind, Boolean)
                else column
            )
        if isinstance(kind, Uuid):
            return func.replace(cast(column, Text()), "-", "")
        if isinstance(kind, DateTime):
            return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
        if isinstance(kind, Date | JSON):
            return cast(column, Text())
        return cast(column, Integer()) if isinstance(kind, Boolean) else column

    def _conditions(self, name: str, where: Any) -> list[Any]:
        conditions = [where(self.table(name))] if where is not None else []
        if name in self._narrowing:
            conditions.append(self._narrowing[name])
        if self.since is not None and name == "journal_entry":
            conditions.append(newer(self.table(name), self.since.journal))
        if self.until is not None and name == "stock_move":
            conditions.append(self.table(name).c.seq <= self.until)
        return conditions

    def _equal(self, name: str, values: Mapping[str, Any]) -> list[Any]:
        table = self.table(name)
        return [table.c[column] == _bound(table.c[column].type, value) for column, value in values.items()]

    def _read(self, name: str, columns: Sequence[str], order: Sequence[str], conditions: list[Any]) -> Iterator[Any]:
        table = self.table(name)
        chosen = [table.c[column] for column in columns] if columns else list(table.c)
        if not self.has_rows(name):
            return
        statement = select(*chosen).where(*conditions).order_by(*(table.c[column] for column in order))
        readers = [_reader(column.type) for column in chosen]
        names = [column.name for column in chosen]
        for row in self.stream(statement):
            yield _Row({key: read(value) for key, read, value in zip(names, readers, row, strict=True)})


_CATALOGUES = {
    "sqlite": ("SELECT type, name, sql FROM sqlite_master ORDER BY type, name",),
    "postgresql": (
        (
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, ordinal_position"
            " FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 6"
        ),
        (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        ),
    ),
}
"""What a database says of its own tables, per engine."""
SCHEMAS_MAX = 4
_schemas: dict[str, MetaData] = {}


def _schema_of(connection: Connection) -> MetaData:
    """The tables that are really there. What databases of the same tables look like is worked out once in a process."""
    name = connection.dialect.name
    said = [tuple(row) for query in _CATALOGUES[name] for row in connection.exec_driver_sql(query)]
    key = name + hashlib.sha256(repr(said).encode()).hexdigest()
    if key not in _schemas:
        found = MetaData()
        found.reflect(connection)
        if len(_schemas) == SCHEMAS_MAX:
            del _schemas[next(iter(_schemas))]
        _schemas[key] = found
    return _schemas[key]


class _Row(dict[str, Any]):
    """A row whose columns are attributes."""

    __getattr__ = dict.__getitem__


def is_id(kind: Any) -> bool:
    """Is it a column of ids?"""
    return isinstance(kind, Uuid) or (isinstance(kind, CHAR) and kind.length == 32)


def _bound(kind: Any, value: Any) -> Any:
    """A value as the column keeps it, from its written form."""
    if is_id(kind):
        return UUID(str(value)) if isinstance(kind, Uuid) else UUID(str(value)).hex
    return int(value) if isinstance(kind, Integer) else value


def _reader(kind: Any) -> Any:
    if is_id(kind):
        return lambda value: None if value is None else UUID(str(value))
    if isinstance(kind, JSON):
        return lambda value: json.loads(value) if isinstance(value, str) else value
    if isinstance(kind, Boolean):
        return lambda value: None if value is None else bool(value)
    return _instant if isinstance(kind, DateTime) else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def shown(plain_id: str | None) -> str:
    """An id of a bare tuple as people read it."""
    return str(UUID(plain_id)) if plain_id else ""
