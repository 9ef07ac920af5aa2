"""Statements asked for so often that putting them together anew would cost more than running them.

A posting runs a dozen statements; SQLAlchemy's way from a statement to the driver takes longer than SQLite takes to answer.
A `Prepared` statement goes that way once for each database: what is left of it is the text and how values go in and come out.
Scope is not applied: for rows that whoever writes must see whatever his reach, or that no reach narrows.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ClauseElement, Connection, Dialect, Select, Table, Uuid, insert
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_WAY = "way_to_the_driver"
IDS_KNOWN = 8_192
"""So many ids are not made anew from their text: the same places, goods and bodies are met in every posting."""
_Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement in one database's words, for lists of certain lengths."""

    sql: str
    names: tuple[str, ...]
    """The parameters in the text, in order; a member of a list has a name of its own."""
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    is_positional: bool
    fixed: Mapping[str, Any]
    members: Mapping[str, Sequence[str]]
    goes_in: tuple[tuple[int, _Process], ...]
    """At which places a value is written differently for the database."""
    row: Callable[[Iterable[Any]], Any] | None
    comes_out: tuple[tuple[int, _Process], ...]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        if self.fixed or self.members:
            given = {**self.fixed, **given}
            for name, members in self.members.items():
                given.update(zip(members, given[name], strict=True))
        found = list(self.pick(given))
        for place, process in self.goes_in:
            found[place] = process(found[place])
        return found if self.is_positional else dict(zip(self.names, found, strict=True))

    def rows(self, cursor: DBAPICursor) -> list[Any]:
        if self.row is None:
            return []
        found = []
        for row in cursor.fetchall():
            values = list(row)
            for place, process in self.comes_out:
                values[place] = process(values[place])
            found.append(self.row(values))
        return found


class Sent:
    """A statement that is on its way. An answer that is there is read at once: what is changed next does not show in it."""

    __slots__ = ("_answer", "_cursor", "_plan")

    def __init__(self, plan: _Plan, cursor: DBAPICursor, *, is_waited_for: bool) -> None:
        self._plan, self._cursor = plan, cursor
        self._answer: tuple[int, list[Any]] | None = None
        if not is_waited_for:
            self._read()

    @property
    def count(self) -> int:
        """How many rows it has changed."""
        return self._read()[0]

    @property
    def rows(self) -> list[Any]:
        """What it has found."""
        return self._read()[1]

    def _read(self) -> tuple[int, list[Any]]:
        if self._answer is None:
            try:
                self._answer = self._cursor.rowcount, self._plan.rows(self._cursor)
            finally:
                self._cursor.close()
        return self._answer


class Prepared:
    """One statement, put together once. A parameter named in `lists` takes a list, for an `IN`."""

    def __init__(self, statement: ClauseElement, *, columns: Sequence[str] = (), lists: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = list(columns) or None
        self._lists = tuple(lists)
        self._plans: dict[tuple[Any, ...], _Plan] = {}

    def all(self, session: Session, **values: Any) -> list[Any]:
        """The rows, as named tuples."""
        return self._execute(session, values)[1]

    def first(self, session: Session, **values: Any) -> Any | None:
        """The first row or None."""
        rows = self._execute(session, values)[1]
        return rows[0] if rows else None

    def run(self, session: Session, values: Mapping[str, Any]) -> int:
        """Change rows; returns how many were changed."""
        return self._execute(session, dict(values))[0]

    def run_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of many."""
        way = _way_of(session)
        plan = self._plan(way.connection.dialect, rows[0])
        cursor = way.cursor()
        try:
            if len(rows) == 1 or way.is_together:
                for row in rows:
                    way.send(cursor, plan.sql, plan.parameters(row))
            else:
                way.send(cursor, plan.sql, [plan.parameters(row) for row in rows], is_many=True)
        finally:
            cursor.close()

    def send(self, session: Session, **values: Any) -> Sent:
        """Run it inside a `together` block, after which its answer can be read."""
        return self._send(_way_of(session), values)

    def _send(self, way: Way, values: dict[str, Any]) -> Sent:
        for name in self._lists:
            values[name] = _padded(values[name])
        plan = self._plan(way.connection.dialect, values)
        cursor = way.cursor()
        try:
            way.send(cursor, plan.sql, plan.parameters(values))
        except BaseException:
            cursor.close()
            raise
        return Sent(plan, cursor, is_waited_for=way.is_together)

    def _execute(self, session: Session, values: dict[str, Any]) -> tuple[int, list[Any]]:
        way = _way_of(session)
        if way.is_begun:
            sent = self._send(way, values)
        else:
            with way.together():  # the driver begins the transaction with its first statement, in one go
                sent = self._send(way, values)
        return sent.count, sent.rows

    def _plan(self, dialect: Dialect, values: Mapping[str, Any]) -> _Plan:
        key = (dialect.name, *[len(values[name]) for name in self._lists])
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = self._put_together(dialect, values)
        return found

    def _put_together(self, dialect: Dialect, values: Mapping[str, Any]) -> _Plan:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        state = compiled.construct_expanded_state(dict(values))
        parents = {member: name for name, members in state.parameter_expansion.items() for member in members}
        names = tuple(state.positiontup or state.parameters)
        binds = [compiled.binds[parents.get(name, name)] for name in names]
        row, columns = _row_of(self._statement)
        return _Plan(
            state.statement,
            names,
            itemgetter(*names) if len(names) > 1 else lambda given: tuple(given[name] for name in names),
            bool(dialect.positional),
            {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required},
            state.parameter_expansion,
            _processes(_way_in(bind.type.dialect_impl(dialect), dialect) for bind in binds),
            row,
            _processes(_way_out(kind.dialect_impl(dialect), dialect) for kind in columns),
        )


def adding(table: Table) -> Prepared:
    """Adds rows to a table whose numbering key, if any, the database gives."""
    given = [column.name for column in table.columns if column is not table.autoincrement_column]
    return Prepared(insert(table).inline(), columns=given)


def _row_of(statement: ClauseElement) -> tuple[Callable[[Iterable[Any]], Any] | None, list[TypeEngine[Any]]]:
    if not isinstance(statement, Select):
        return None, []
    columns = statement.selected_columns
    row = namedtuple("row", [str(column.key) for column in columns])  # type: ignore[misc]
    return row._make, [column.type for column in columns]


def _way_in(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    is_text = isinstance(kind, Uuid) and not dialect.supports_native_uuid
    return _id_text if is_text else kind.bind_processor(dialect)


def _way_out(kind: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    is_text = isinstance(kind, Uuid) and not dialect.supports_native_uuid
    return _id_of if is_text else kind.result_processor(dialect, None)


def _id_text(value: UUID | None) -> str | None:
    return None if value is None else f"{value.int:032x}"


@lru_cache(maxsize=IDS_KNOWN)
def _id_of(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _processes(found: Iterable[_Process | None]) -> tuple[tuple[int, _Process], ...]:
    return tuple((place, process) for place, process in enumerate(found) if process is not None)


def _padded(values: Sequence[Any]) -> Sequence[Any]:
    """Lists of few lengths, so that there are few texts: the last value again until the next power of two."""
    if not values:
        return [None]
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *([values[-1]] * missing)]


class Way:
    """The way to the driver for one transaction: asking a session for it each time costs as much as a statement."""

    __slots__ = ("connection", "cursor", "driver", "is_begun", "is_lasting", "is_together", "listeners")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.dbapi_connection
        self.is_begun = False
        self.is_lasting = False
        self.is_together = False
        self.cursor: Callable[[], DBAPICursor] = connection.connection.cursor
        self.listeners = tuple(connection.dispatch.before_cursor_execute)

    def lead(self, session: Session) -> None:
        """Be the way of a session whose only transaction has begun on this connection."""
        self.is_lasting = True
        session.info[_WAY] = self

    def say(self, sql: str) -> None:
        """Run a statement in the database's own words, without parameters and without an answer."""
        cursor = self.cursor()
        try:
            self.send(cursor, sql, ())
        finally:
            cursor.close()

    def commit(self) -> None:
        """End the transaction that no session has joined. Inside `together` it goes over with what was said before it."""
        for listener in self.connection.dispatch.commit:
            listener(self.connection)
        self.say("COMMIT")

    def roll_back(self, session: Session) -> None:
        """Undo everything, whether the session has joined or not; a connection that cannot even do that is given up."""
        try:
            if session.in_transaction():
                session.rollback()
            self.driver.rollback()
        except (self.connection.dialect.loaded_dbapi.Error, DBAPIError) as error:
            self.connection.invalidate(error)

    def send(self, cursor: DBAPICursor, sql: str, parameters: Any, *, is_many: bool = False) -> None:
        """Give a statement to the driver. Listeners hear of it and errors are SQLAlchemy's, as with any other statement."""
        for listener in self.listeners:
            listener(self.connection, cursor, sql, parameters, None, is_many)
        errors = self.connection.dialect.loaded_dbapi.Error
        try:
            if is_many:
                cursor.executemany(sql, parameters)
            else:
                cursor.execute(sql, parameters)
        except errors as error:
            raise self._named(error, cursor, sql) from error

    @contextmanager
    def together(self) -> Iterator[None]:
        """Statements whose answers nobody waits for go over in one go where the driver can; what is wrong with one is said at the end."""
        self.is_begun = True
        if self.is_together or not hasattr(self.driver, "pipeline"):
            yield
            return
        self.is_together = True
        try:
            with self.driver.pipeline():
                yield
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._named(error, None, "") from error
        finally:
            self.is_together = False

    def _named(self, error: Exception, cursor: DBAPICursor | None, sql: str) -> BaseException:
        dialect = self.connection.dialect
        is_lost = dialect.is_disconnect(error, self.driver, cursor)  # type: ignore[arg-type]
        if is_lost:
            self.connection.invalidate(error)
        return DBAPIError.instance(
            sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
        )  # fmt: skip


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Prepared statements in here are sent without waiting for each answer; errors come at the end of the block at the latest.

    What one has found or changed is read from its `Sent` after the block, and there is to be nothing in here but prepared statements.
    """
    with _way_of(session).together():
        yield


def _way_of(session: Session) -> Way:
    known: Way | None = session.info.get(_WAY)
    if known is None or not (known.is_lasting or known.connection.in_transaction()):
        known = session.info[_WAY] = Way(session.connection())
    return known
