"""Statements asked for so often that putting them together anew would cost more than running them.

A posting runs a dozen statements; SQLAlchemy's way from a statement to the driver takes longer than SQLite takes to answer.
A `Prepared` statement goes that way once for each database: what is left of it is the text and how values go in and come out.
Scope is not applied: for rows that whoever writes must see whatever his reach, or that no reach narrows.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ClauseElement, Dialect, Select, Table, Uuid, insert
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from supplyops.database.ways import Answer, Sent, Way, way_of

IDS_KNOWN = 8_192
"""So many ids are not made anew from their text: the same places, goods and bodies are met in every posting."""
_NAMED = re.compile(r"%\((\w+)\)s")
_Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement in one database's words, for lists of certain lengths."""

    sql: str
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """The parameters in the text, in order; a member of a list has a name of its own."""
    fixed: Mapping[str, Any]
    members: Mapping[str, Sequence[str]]
    goes_in: tuple[tuple[int, _Process], ...]
    """At which places a value is written differently for the database."""
    row: Callable[[Iterable[Any]], Any] | None
    comes_out: tuple[tuple[int, _Process], ...]

    def parameters(self, given: Mapping[str, Any]) -> list[Any]:
        if self.fixed or self.members:
            given = {**self.fixed, **given}
            for name, members in self.members.items():
                given.update(zip(members, given[name], strict=True))
        found = list(self.pick(given))
        for place, process in self.goes_in:
            found[place] = process(found[place])
        return found

    def answer(self, cursor: DBAPICursor) -> Answer:
        assert self.row is not None
        try:
            rows = cursor.fetchall()
        finally:
            cursor.close()
        found = []
        for row in rows:
            values = list(row)
            for place, process in self.comes_out:
                values[place] = process(values[place])
            found.append(self.row(values))
        return len(found), found


class Prepared:
    """One statement, put together once. A parameter named in `lists` takes a list, for an `IN`.

    `on_sqlite` asks the same of a database that nobody else writes to meanwhile.
    """

    def __init__(
        self,
        statement: ClauseElement,
        *,
        on_sqlite: ClauseElement | None = None,
        columns: Sequence[str] = (),
        lists: Sequence[str] = (),
    ) -> None:
        self._statement, self._on_sqlite = statement, on_sqlite
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
        way = way_of(session)
        plan = self._plan(way.connection.dialect, rows[0])
        if len(rows) == 1 or way.is_together:
            for row in rows:
                way.change(plan.sql, plan.parameters(row))
            return
        cursor = way.cursor()
        try:
            way.send(cursor, plan.sql, [plan.parameters(row) for row in rows], is_many=True)
        finally:
            cursor.close()

    def send(self, session: Session, **values: Any) -> Sent:
        """Run it inside a `together` block, after which its answer can be read."""
        return self._send(way_of(session), values)

    def _send(self, way: Way, values: dict[str, Any]) -> Sent:
        for name in self._lists:
            values[name] = _padded(values[name])
        plan = self._plan(way.connection.dialect, values)
        if plan.row is None:
            return way.change(plan.sql, plan.parameters(values))
        cursor = way.cursor()
        try:
            way.send(cursor, plan.sql, plan.parameters(values))
            sent = Sent(partial(plan.answer, cursor))
            if not way.is_together:
                sent.answer()
        except BaseException:
            cursor.close()
            raise
        return sent

    def _execute(self, session: Session, values: dict[str, Any]) -> tuple[int, list[Any]]:
        way = way_of(session)
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
        own = self._on_sqlite if dialect.name == "sqlite" else None
        statement = self._statement if own is None else own
        compiled = statement.compile(dialect=dialect, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        state = compiled.construct_expanded_state(dict(values))
        parents = {member: name for name, members in state.parameter_expansion.items() for member in members}
        names = tuple(state.positiontup or state.parameters)
        binds = [compiled.binds[parents.get(name, name)] for name in names]
        row, columns = _row_of(statement)
        return _Plan(
            state.statement if dialect.positional else _numbered(state.statement, names),
            itemgetter(*names) if len(names) > 1 else lambda given: tuple(given[name] for name in names),
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


def _numbered(sql: str, names: Sequence[str]) -> str:
    """The text with numbers in the place of names: psycopg then need not look for them each time."""
    numbers = {name: number for number, name in enumerate(names, start=1)}
    return _NAMED.sub(lambda found: f"${numbers[found[1]]}", sql).replace("%%", "%")


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
