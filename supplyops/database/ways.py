"""The way to the driver for one transaction, and statements that go over in one go.

Where the driver can (PostgreSQL), what is said inside a `together` block is not waited for one by one: questions go over in a
pipeline, and changes of rows are put into one statement, since each by itself costs both sides more than the rows it writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

_WAY = "way_to_the_driver"
PARTS_MAX = 8
"""So many changes are put into one statement; where there are more, each goes over by itself."""
_NUMBER = re.compile(r"\$(\d+)")
Answer = tuple[int, list[Any]]
"""How many rows a statement has changed, and which it has found."""


class Sent:
    """A statement that is on its way, and its answer, which is kept: what is changed next does not show in it."""

    __slots__ = ("_answer", "_read")

    def __init__(self, read: Callable[[], Answer] | None = None) -> None:
        self._read = read
        self._answer: Answer | None = None

    @property
    def count(self) -> int:
        """How many rows it has changed."""
        return self.answer()[0]

    @property
    def rows(self) -> list[Any]:
        """What it has found."""
        return self.answer()[1]

    def answer(self) -> Answer:
        """Both."""
        if self._answer is None:
            if self._read is None:
                raise RuntimeError("a change is answered when its block has ended")
            self._answer = self._read()
        return self._answer

    def is_told_by(self, read: Callable[[], Answer]) -> None:
        """It has gone over, and that is how its answer is read."""
        self._read = read


class Way:
    """The way to the driver for one transaction: asking a session for it each time costs as much as a statement."""

    __slots__ = (
        "_block",
        "_can_wait",
        "_changes",
        "connection",
        "cursor",
        "driver",
        "is_begun",
        "is_lasting",
        "listeners",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver: Any = connection.connection.dbapi_connection
        self.cursor: Callable[[], DBAPICursor] = _cursor_of(self.driver)
        self.listeners = tuple(connection.dispatch.before_cursor_execute)
        self.is_begun = False
        self.is_lasting = False
        self._can_wait = hasattr(self.driver, "pipeline")
        self._block: ExitStack | None = None
        """What is left when the `together` block ends; the pipeline is in it once something has been asked."""
        self._changes: list[tuple[str, Any, Sent]] = []

    @property
    def is_together(self) -> bool:
        """Are answers not waited for just now?"""
        return self._block is not None

    def lead(self, session: Session) -> None:
        """Be the way of a session whose only transaction is the one begun on this connection."""
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
        """End the transaction, which no session has joined. In a `together` block it goes over with what was said before."""
        for listener in self.connection.dispatch.commit:
            listener(self.connection)
        self._send_changes(is_last=False)
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
        """Give a statement to the driver, in a `together` block without waiting for its answer."""
        if self._block is not None and not self._is_pipelined():
            self._block.enter_context(self.driver.pipeline())
        self._execute(cursor, sql, parameters, is_many=is_many)

    def change(self, sql: str, parameters: Any) -> Sent:
        """Give a statement that changes rows to the driver; in a `together` block it waits for the others."""
        if self._block is not None:
            self._changes.append((sql, parameters, sent := Sent()))
            return sent
        return self._changed(sql, parameters)

    def together(self) -> AbstractContextManager[None]:
        """Statements whose answers nobody waits for go over in one go where the driver can; what is wrong with one is said at the end."""
        self.is_begun = True
        return self._in_one_go() if self._can_wait and self._block is None else nullcontext()

    @contextmanager
    def _in_one_go(self) -> Iterator[None]:
        try:
            with ExitStack() as self._block:
                yield
                self._send_changes(is_last=True)
        except self.connection.dialect.loaded_dbapi.Error as error:
            raise self._named(error, None, "") from error
        finally:
            self._block = None
            self._changes.clear()

    def _is_pipelined(self) -> bool:
        return bool(self.driver.pgconn.pipeline_status)

    def _send_changes(self, *, is_last: bool) -> None:
        """Send what has waited: as one statement, which needs no pipeline if nothing else goes over."""
        changes, self._changes = self._changes, []
        if len(changes) > PARTS_MAX:
            for sql, parameters, sent in changes:
                cursor = self.cursor()
                self.send(cursor, sql, parameters)
                sent.is_told_by(partial(_count_of, cursor))
            return
        if not changes:
            return
        cursor = self.cursor()
        run = self._execute if is_last else self.send
        if len(changes) == 1:
            sql, parameters, sent = changes[0]
            run(cursor, sql, parameters)
            sent.is_told_by(partial(_count_of, cursor))
            return
        run(
            cursor,
            _as_one(tuple((sql, len(given)) for sql, given, _ in changes)),
            [value for _, given, _ in changes for value in given],
        )
        counts = _Counts(cursor)
        for place, (_, _, sent) in enumerate(changes):
            sent.is_told_by(partial(counts.of, place))

    def _changed(self, sql: str, parameters: Any) -> Sent:
        cursor = self.cursor()
        try:
            self._execute(cursor, sql, parameters)
            sent = Sent(partial(_count_of, cursor))
            sent.answer()
        finally:
            cursor.close()
        return sent

    def _execute(self, cursor: DBAPICursor, sql: str, parameters: Any, *, is_many: bool = False) -> None:
        """Listeners hear of it and errors are SQLAlchemy's, as with any other statement."""
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

    def _named(self, error: Any, cursor: DBAPICursor | None, sql: str) -> BaseException:
        dialect = self.connection.dialect
        is_lost = dialect.is_disconnect(error, self.driver, cursor)
        if is_lost:
            self.connection.invalidate(error)
        named: BaseException = DBAPIError.instance(
            sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
        )  # fmt: skip
        return named


def _cursor_of(driver: Any) -> Callable[[], DBAPICursor]:
    """Where parameters are numbered in the text, as with SQLite, psycopg has nothing to look for in it."""
    if not hasattr(driver, "pipeline"):
        cursor: Callable[[], DBAPICursor] = driver.cursor
        return cursor
    from psycopg import RawCursor  # noqa: PLC0415  where there is no server it is not loaded

    numbered: Callable[[], Any] = partial(RawCursor, driver)
    return numbered


class _Counts:
    """The answer to changes that went over as one statement."""

    __slots__ = ("_counts", "_cursor")

    def __init__(self, cursor: DBAPICursor) -> None:
        self._cursor = cursor
        self._counts: Sequence[int] = ()

    def of(self, place: int) -> Answer:
        if not self._counts:
            self._counts = self._cursor.fetchone() or ()
            self._cursor.close()
        return self._counts[place], []


def _count_of(cursor: DBAPICursor) -> Answer:
    count = cursor.rowcount
    cursor.close()
    return count, []


@lru_cache(maxsize=256)
def _as_one(statements: tuple[tuple[str, int], ...]) -> str:
    """Changes of different rows, each with so many parameters, as parts of one statement, which counts what each has changed."""
    parts, before = [], 0
    for place, (sql, count) in enumerate(statements):
        parts.append(f"p{place} AS ({_moved(sql, before)} RETURNING 1)")
        before += count
    counts = [f"(SELECT count(*) FROM p{place})" for place in range(len(statements))]  # noqa: S608
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _moved(sql: str, by: int) -> str:
    return _NUMBER.sub(lambda found: f"${int(found[1]) + by}", sql)


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Prepared statements in here are sent without waiting for each answer; errors come at the end of the block at the latest.

    What one has found or changed is read from its `Sent` after the block. There is to be nothing in here but prepared statements;
    those that change rows change different ones, in any order, and see nothing of each other.
    """
    with way_of(session).together():
        yield


def way_of(session: Session) -> Way:
    """The way that the session's transaction goes."""
    known: Way | None = session.info.get(_WAY)
    if known is None or not (known.is_lasting or known.connection.in_transaction()):
        known = session.info[_WAY] = Way(session.connection())
    return known
